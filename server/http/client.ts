import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Avatar } from '../base/handlers.ts'
import type { Peers } from './peers.ts'
import { publicPath } from './public-path.ts'

export interface ClientOptions {
  readonly peers: Peers
  readonly publicUrl: URL | undefined
  /** Folder of the built client. */
  readonly clientDirectory: string
  /** Whether the same port answers https, so that who comes from another machine to sign in over http is led there. */
  readonly leadToHttps: boolean
  /** Somebody loads the page of a camera, known or not: if they may, they are about to watch it. */
  readonly expectViewer: (camera: string, avatar: Avatar) => void
}

/** The pages among the built files. */
const INDEX = 'index.html'
const OFFLINE = 'offline.html'

/** The built client. Its pages are one document; its assets carry their hash in their name. */
export function mountClient(
  app: FastifyInstance,
  { clientDirectory: directory, expectViewer, leadToHttps, peers, publicUrl }: ClientOptions,
): void {
  if (!existsSync(directory)) {
    app.get('/', { config: { role: 'public' } }, async (_request, reply) =>
      reply.code(503).type('text/plain').send('The client is not built: run `npm run build`.\n'),
    )
    return
  }
  app.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: directory,
      serve: false,
      cacheControl: false,
      // What sendFile says of caching goes before this.
      setHeaders: (response) => response.setHeader('cache-control', 'no-cache'),
    })
    // Routes of our own, not the plugin's: each declares its role.
    scope.get<{ Params: { '*': string } }>('/assets/*', { config: { role: 'public', asset: true } }, (request, reply) =>
      reply.sendFile(`assets/${request.params['*']}`, { cacheControl: true, maxAge: '365d', immutable: true }),
    )
    for (const file of readdirSync(directory, { withFileTypes: true }))
      if (file.isFile() && file.name !== INDEX && file.name !== OFFLINE)
        scope.get(`/${file.name}`, { config: { role: 'public', asset: true } }, (_request, reply) => reply.sendFile(file.name))
    const index = readPage(join(directory, INDEX), publicUrl)
    const offline = readPage(join(directory, OFFLINE), publicUrl)
    const sendPage = (request: FastifyRequest, reply: FastifyReply) => {
      if (leadToHttps && !request.session && isElsewhere(request, peers)) {
        // The certificate of a public address is for its name.
        const origin = publicUrl?.origin ?? `https://${request.headers.host}`
        return reply.header('cache-control', 'no-store').redirect(origin + request.originalUrl, 307)
      }
      return index(request, reply)
    }
    for (const path of ['/', '/settings', '/settings/*'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(request, reply))
    scope.get<{ Params: { '*': string } }>('/camera/*', { config: { role: 'public' } }, (request, reply) => {
      if (request.visitor) expectViewer(request.params['*'], request.visitor.avatar)
      return sendPage(request, reply)
    })
    // The browser keeps it for times without a server.
    scope.get(`/${OFFLINE}`, { config: { role: 'public' } }, offline)
  })
}

type SendPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** Reads a page, to be sent with the base that the public address makes and with leave for its own inline scripts. */
function readPage(file: string, publicUrl: URL | undefined): SendPage {
  const html = readFileSync(file, 'utf8')
  const policy = pagePolicy(inlineScripts(html))
  const page = html.replace('<base href="/">', `<base href="${publicPath(publicUrl)}/">`)
  const etag = `"${createHash('sha256').update(page).digest('base64url')}"`
  return (request, reply) => {
    const known = request.headers['if-none-match'] === etag
    return reply
      .header('content-security-policy', policy)
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(self), microphone=(self)')
      .header('cache-control', 'no-cache')
      .header('etag', etag)
      .code(known ? 304 : 200)
      .type('text/html; charset=utf-8')
      .send(known ? undefined : page)
  }
}

/** Plain http from another machine, with no proxy between. */
function isElsewhere(request: FastifyRequest, peers: Peers): boolean {
  const { remoteAddress, localAddress } = request.raw.socket
  return request.protocol === 'http' && peers.isDirect(request.raw) && !peers.isLoopback(request.raw) && remoteAddress !== localAddress
}

/** No inline code but the page's own; styles may be inline (positioning by the component library); sockets of this origin. */
const pagePolicy = (scripts: readonly string[]) =>
  `default-src 'self'; script-src ${["'self'", ...scripts].join(' ')}; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`

/** The hashes of a page's inline scripts, as a content policy names them (CSP Level 3 §2.3.1). */
const inlineScripts = (page: string): string[] =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  )
