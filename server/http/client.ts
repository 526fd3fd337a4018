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
      setHeaders: (response, path) => {
        if (path.includes('/assets/')) response.setHeader('cache-control', 'public, max-age=31536000, immutable')
      },
    })
    // Routes of our own, not the plugin's: each declares its role.
    scope.get<{ Params: { '*': string } }>('/assets/*', { config: { role: 'public', asset: true } }, (request, reply) =>
      reply.sendFile(`assets/${request.params['*']}`),
    )
    for (const file of readdirSync(directory, { withFileTypes: true }))
      if (file.isFile() && file.name !== 'index.html')
        scope.get(`/${file.name}`, { config: { role: 'public', asset: true } }, (_request, reply) => reply.sendFile(file.name))
    const html = readFileSync(join(directory, 'index.html'), 'utf8')
    const policy = pagePolicy(inlineScripts(html))
    const page = html.replace('<base href="/">', `<base href="${publicPath(publicUrl)}/">`)
    const etag = `"${createHash('sha256').update(page).digest('base64url')}"`
    const sendPage = (request: FastifyRequest, reply: FastifyReply, mayLead = true) => {
      if (mayLead && leadToHttps && !request.session && isElsewhere(request, peers)) {
        // The certificate of a public address is for its name.
        const origin = publicUrl?.origin ?? `https://${request.headers.host}`
        return reply.header('cache-control', 'no-store').redirect(origin + request.originalUrl, 307)
      }
      return reply
        .header('content-security-policy', policy)
        .header('cross-origin-opener-policy', 'same-origin')
        .header('permissions-policy', 'camera=(self), microphone=(self)')
        .header('cache-control', 'no-cache')
        .header('etag', etag)
        .code(request.headers['if-none-match'] === etag ? 304 : 200)
        .type('text/html; charset=utf-8')
        .send(request.headers['if-none-match'] === etag ? undefined : page)
    }
    for (const path of ['/', '/settings', '/settings/*', '/stage'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(request, reply))
    // A phone that scanned the code is told of the certificate's warning before it meets it: the page leads to https itself.
    for (const path of ['/join', '/join/:code'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(request, reply, false))
    scope.get<{ Params: { '*': string } }>('/camera/*', { config: { role: 'public' } }, (request, reply) => {
      if (request.visitor) expectViewer(request.params['*'], request.visitor.avatar)
      return sendPage(request, reply)
    })
  })
}

/** Plain http from another machine, with no proxy between. */
function isElsewhere(request: FastifyRequest, peers: Peers): boolean {
  const { remoteAddress, localAddress } = request.raw.socket
  return request.protocol === 'http' && peers.isDirect(request.raw) && !peers.isLoopback(request.raw) && remoteAddress !== localAddress
}

/** No inline code but the page's own; styles may be inline (positioning by the component library); sockets of this origin. */
const pagePolicy = (scripts: readonly string[]) =>
  `default-src 'self'; script-src ${["'self'", ...scripts].join(' ')}; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`

/** The hashes of a page's inline scripts, as a content policy names them (CSP Level 3 §2.3.1). */
const inlineScripts = (page: string): string[] =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  )
