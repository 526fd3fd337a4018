import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import replyFrom from '@fastify/reply-from'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { bareHost } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { dial, type Target } from '../base/dial.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { splice } from '../base/splice.ts'
import type { ProtocolHost } from '../wamp/websocket/mounted.ts'
import { SESSION_COOKIE } from './identity.ts'
import { type MountSockets, mountModule } from './mount-module.ts'
import { innerPath, type Mount, type ProxyTarget } from './mounts.ts'
import type { Peers } from './peers.ts'
import { problemOf } from './problem.ts'

/** Milliseconds that a mounted server may take to accept and answer a connection for a WebSocket, and for an answer that is no WebSocket. */
const CONNECT_MS = 10_000
const ANSWER_MS = 10_000

/** Mounts everything, each behind its prefix. @returns the modules that take WebSockets */
export async function mountAll(
  app: FastifyInstance,
  mounts: readonly Mount[],
  peers: Peers,
  clock: Clock,
  log: Log,
): Promise<Map<Mount, MountSockets>> {
  const handlers = new Map<Mount, MountSockets>()
  const host: Omit<ProtocolHost, 'name'> = {
    clock,
    log,
    problem: problemOf,
    addressOf: (request) => peers.address(request),
    asked: (request) => peers.asked(request),
  }
  for (const mount of mounts) {
    const { destination, prefix } = mount
    if (destination.kind === 'proxy') await app.register(async (scope) => proxy(scope, mount, destination.target, peers, log), { prefix })
    else if (destination.kind === 'directory') await app.register(async (scope) => files(scope, mount, destination.directory), { prefix })
    else {
      const sockets = await mountModule(app, mount, destination.url, host)
      if (sockets) handlers.set(mount, sockets)
    }
  }
  return handlers
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

async function proxy(scope: FastifyInstance, mount: Mount, { origin, socketPath }: ProxyTarget, peers: Peers, log: Log): Promise<void> {
  await scope.register(replyFrom, {
    base: origin?.origin ?? `unix+http://${encodeURIComponent(socketPath as string)}`,
    // Node's own client: bodies stream both ways, and connections are kept.
    http: { requestOptions: { rejectUnauthorized: true } },
    disableRequestLogging: true,
    disableCache: true,
  })
  // Bodies are the other server's: they pass as they come.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
  scope.all('/*', { config: { role: mount.role }, bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) => {
    const url = request.url.slice(mount.prefix.length)
    reply.from(url.split('?', 1)[0] as string, {
      // Slow answers and streams are the mounted server's affair; a failed request is asked once.
      timeout: NO_TIMEOUT_MS,
      retryDelay: () => null,
      rewriteRequestHeaders: (_request, headers) =>
        withoutBody(request.method, forwarded(headers as IncomingHttpHeaders, request.raw, mount, peers)),
      rewriteHeaders: (headers) => answered(headers as IncomingHttpHeaders, mount),
      onError: (failed, { error }) => {
        log.warn({ mount: mount.key, why: error.message }, 'mounted server not reached')
        void failed.send(new PortholeError('service.unreachable'))
      },
    })
  })
}

/** Milliseconds; Node's timers take no more. */
const NO_TIMEOUT_MS = 2 ** 31 - 1
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE'])

/** No body is passed on with these methods, so none may be announced: the server behind would take the next request for it. */
function withoutBody(method: string, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (!BODYLESS.has(method)) return headers
  const { 'content-length': _length, 'transfer-encoding': _encoding, expect: _expect, ...rest } = headers
  return rest
}

/** What a mounted server is told: who asks, and nothing that is Porthole's unless the mount says so. */
function forwarded(headers: IncomingHttpHeaders, request: IncomingMessage, mount: Mount, peers: Peers): IncomingHttpHeaders {
  const { socket, headers: asked } = request
  // Only this server's word on the client counts.
  const { authorization, cookie, forwarded: _f, 'x-real-ip': _r, 'x-forwarded-port': _p, 'x-forwarded-prefix': _x, ...rest } = headers
  const cookies = mount.forwardCredentials ? cookie : withoutSession(cookie)
  const before = asked['x-forwarded-for']
  return {
    ...rest,
    ...(cookies ? { cookie: cookies } : {}),
    ...(mount.forwardCredentials && authorization ? { authorization } : {}),
    'x-forwarded-for': [before, socket.remoteAddress].filter(Boolean).join(', '),
    'x-forwarded-host': peers.host(request) ?? '',
    'x-forwarded-proto': peers.isSecure(request) ? 'https' : 'http',
    ...(mount.outerPath ? { 'x-forwarded-prefix': mount.outerPath } : {}),
  }
}

/** A request's headers as a mount's class may see them. @param stranger whether nothing that it shows counts */
export function headersInside(headers: IncomingHttpHeaders, mount: Mount, stranger: boolean): IncomingHttpHeaders {
  if (mount.forwardCredentials && !stranger) return headers
  const { authorization: _a, cookie, ...rest } = headers
  const cookies = withoutSession(cookie)
  return { ...rest, ...(cookies ? { cookie: cookies } : {}) }
}

/** Browsers trim names, and take a nameless cookie's value for its name (RFC 6265 §5.2). */
const SESSION = new RegExp(`^\\s*=?\\s*${SESSION_COOKIE}\\s*(=|$)`, 'i')
const isSession = (pair: string) => SESSION.test(pair)

/** The Cookie header without Porthole's own. */
function withoutSession(cookie: string | undefined): string {
  return (cookie ?? '')
    .split(';')
    .filter((pair) => pair.trim() !== '' && !isSession(pair))
    .map((pair) => pair.trim())
    .join('; ')
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade'])

/** A mounted server's answer: it cannot sign anybody in or out here, and its own addresses lead back through the mount. */
function answered(headers: IncomingHttpHeaders, { outerPath: path, forwardCredentials }: Mount): IncomingHttpHeaders {
  const { 'set-cookie': cookies, location, ...end } = headers
  // Of the connection behind, not of the one before (RFC 9110 §7.6.1).
  const rest = Object.fromEntries(
    Object.entries(end).filter(([name]) => !HOP_BY_HOP.has(name) && (forwardCredentials || name !== 'clear-site-data')),
  )
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
  peers: Peers,
  request: IncomingMessage,
  near: Duplex,
  head: Buffer,
  failed: () => void,
): void {
  const { origin, socketPath } = target
  const far = dial(addressOf(target))
  const timer = setTimeout(() => far.destroy(new Error('no connection in time')), CONNECT_MS)
  const gone = () => far.destroy()
  near.once('close', gone)
  far.once('error', failed)
  far.once('close', () => clearTimeout(timer))
  far.once(origin?.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    far.off('error', failed)
    far.on('error', () => near.destroy())
    const headers = {
      ...forwarded(request.headers, request, mount, peers),
      host: socketPath ? 'localhost' : (origin as URL).host,
      connection: 'Upgrade',
      upgrade: 'websocket',
    }
    const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}\r\n`))
    far.write(`GET ${innerPath(mount, request.url ?? '/')} HTTP/1.1\r\n${lines.join('')}\r\n`)
    if (head.length > 0) near.unshift(head)
    whenAnswered(far, (upgraded) => {
      clearTimeout(timer)
      if (upgraded) {
        near.off('close', gone)
        return splice(near, far)
      }
      // An answer and no more: what the client says next would reach the server past the mount's headers and checks.
      far.pipe(near)
      setTimeout(() => near.destroy(), ANSWER_MS).unref()
    })
  })
}

const SWITCHING = 'HTTP/1.1 101 '

/** Looks at the answer's first bytes, and gives them back. */
function whenAnswered(far: Socket, answered: (upgraded: boolean) => void): void {
  let held: Buffer = Buffer.alloc(0)
  const settle = () => {
    far.off('data', onData)
    far.off('end', settle)
    far.pause()
    if (held.length > 0 && !far.readableEnded) far.unshift(held)
    answered(held.toString('latin1', 0, SWITCHING.length) === SWITCHING)
  }
  const onData = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length >= SWITCHING.length) settle()
  }
  far.on('data', onData)
  far.on('end', settle)
}

/** The mounted server as `dial` wants it. */
function addressOf({ origin, socketPath }: ProxyTarget): Target {
  if (socketPath !== undefined) return { kind: 'unix', path: socketPath }
  const { protocol, port } = origin as URL
  const host = bareHost(origin as URL)
  return protocol === 'https:' ? { kind: 'tls', host, port: Number(port || 443) } : { kind: 'tcp', host, port: Number(port || 80) }
}
