import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import replyFrom from '@fastify/reply-from'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { splice } from '../base/splice.ts'
import { SESSION_COOKIE } from './identity.ts'
import { innerPath, type Mount, type ProxyTarget } from './mounts.ts'

/** Milliseconds that a mounted server may take to accept a connection for a WebSocket. */
const CONNECT_MS = 5000

/** Mounts everything, each behind its prefix. */
export async function mountAll(app: FastifyInstance, mounts: readonly Mount[], log: Log): Promise<void> {
  for (const mount of mounts) {
    const { destination, prefix } = mount
    if (destination.kind === 'proxy') await app.register(async (scope) => proxy(scope, mount, destination.target, log), { prefix })
    else if (destination.kind === 'directory') await app.register(async (scope) => files(scope, mount, destination.directory), { prefix })
    else {
      const { default: plugin } = (await import(destination.url)) as { default?: FastifyPluginCallback }
      if (typeof plugin !== 'function') throw new Error(`${mount.key}.module has no default export that is a Fastify plugin`)
      await app.register(plugin, { prefix })
    }
  }
}

async function files(scope: FastifyInstance, { role }: Mount, directory: string): Promise<void> {
  await scope.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'ignore' })
  const send = { config: { role } }
  scope.get('/', send, (_request, reply) => reply.sendFile('index.html'))
  scope.get<{ Params: { '*': string } }>('/*', send, (request, reply) => {
    const path = request.params['*']
    return reply.sendFile(path === '' || path.endsWith('/') ? `${path}index.html` : path)
  })
}

async function proxy(scope: FastifyInstance, mount: Mount, { origin, socketPath }: ProxyTarget, log: Log): Promise<void> {
  await scope.register(replyFrom, {
    base: origin?.origin ?? `unix+http://${encodeURIComponent(socketPath as string)}`,
    // Node's own client: bodies stream both ways, and connections are kept.
    http: {},
    disableRequestLogging: true,
    disableCache: true,
  })
  // Bodies are the other server's: they pass as they come.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
  scope.all('/*', { config: { role: mount.role }, bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) => {
    const url = innerPath(mount, request.originalUrl) ?? '/'
    reply.from(url.split('?', 1)[0] as string, {
      rewriteRequestHeaders: (_request, headers) => forwarded(headers as IncomingHttpHeaders, request.raw, mount, request.protocol),
      rewriteHeaders: (headers) => answered(headers as IncomingHttpHeaders, mount),
      onError: (failed, { error }) => {
        log.warn({ mount: mount.key, why: error.message }, 'mounted server not reached')
        void failed.send(new PortholeError('service.unreachable'))
      },
    })
  })
}

/** What a mounted server is told: who asks, and nothing that is Porthole's unless the mount says so. */
function forwarded(
  headers: IncomingHttpHeaders,
  { socket, headers: asked }: IncomingMessage,
  mount: Mount,
  protocol: string,
): IncomingHttpHeaders {
  const { authorization, cookie, ...rest } = headers
  const cookies = mount.forwardCredentials ? cookie : withoutSession(cookie)
  const before = asked['x-forwarded-for']
  return {
    ...rest,
    ...(cookies ? { cookie: cookies } : {}),
    ...(mount.forwardCredentials && authorization ? { authorization } : {}),
    'x-forwarded-for': [before, socket.remoteAddress].filter(Boolean).join(', '),
    'x-forwarded-host': asked.host ?? '',
    'x-forwarded-proto': protocol,
    ...(mount.path ? { 'x-forwarded-prefix': mount.path } : {}),
  }
}

const isSession = (pair: string) => pair.trim().startsWith(`${SESSION_COOKIE}=`)

/** The Cookie header without Porthole's own. */
export function withoutSession(cookie: string | undefined): string {
  return (cookie ?? '')
    .split(';')
    .filter((pair) => pair.trim() !== '' && !isSession(pair))
    .map((pair) => pair.trim())
    .join('; ')
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade'])

/** A mounted server's answer: it cannot sign anybody in or out here, and its own addresses lead back through the mount. */
function answered(headers: IncomingHttpHeaders, { path, forwardCredentials }: Mount): IncomingHttpHeaders {
  const { 'set-cookie': cookies, location, ...end } = headers
  // Of the connection behind, not of the one before (RFC 9110 §7.6.1).
  const rest = Object.fromEntries(Object.entries(end).filter(([name]) => !HOP_BY_HOP.has(name)))
  const kept = cookies
    ?.filter((cookie) => forwardCredentials || !isSession(cookie))
    .map((cookie) =>
      path ? cookie.replace(/(;\s*path=)(\/[^;]*)/i, (_all, name: string, at: string) => name + path + (at === '/' ? '' : at)) : cookie,
    )
  return {
    ...rest,
    ...(kept && kept.length > 0 ? { 'set-cookie': kept } : {}),
    ...(location === undefined ? {} : { location: path && /^\/(?!\/)/.test(location) ? path + location : location }),
  }
}

/** Passes an upgrade on: its request with the mount's headers, then bytes both ways. */
export function upgradeMount(
  mount: Mount,
  target: ProxyTarget,
  request: IncomingMessage,
  near: Duplex,
  head: Buffer,
  failed: () => void,
): void {
  const { origin, socketPath } = target
  const far = dial(target)
  const timer = setTimeout(() => far.destroy(new Error('no connection in time')), CONNECT_MS)
  const gone = () => far.destroy()
  near.once('close', gone)
  far.once('error', failed)
  far.once('close', () => clearTimeout(timer))
  far.once(origin?.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer)
    far.off('error', failed)
    near.off('close', gone)
    const protocol = 'encrypted' in near ? 'https' : 'http'
    const headers = {
      ...forwarded(request.headers, request, mount, protocol),
      host: socketPath ? 'localhost' : (origin as URL).host,
      connection: 'Upgrade',
      upgrade: 'websocket',
    }
    const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}\r\n`))
    far.write(`GET ${innerPath(mount, request.url ?? '/')} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (head.length > 0) near.unshift(head)
    splice(near, far)
  })
}

function dial({ origin, socketPath }: ProxyTarget): Socket {
  if (socketPath !== undefined) return connectTcp({ path: socketPath, allowHalfOpen: true })
  const { protocol, hostname, port } = origin as URL
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'https:') return connectTls({ host, port: Number(port || 443), servername: host })
  return connectTcp({ host, port: Number(port || 80), allowHalfOpen: true, noDelay: true })
}
