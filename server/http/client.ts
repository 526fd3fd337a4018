import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Avatar } from '../base/handlers.ts'
import type { Peers } from './peers.ts'
import { publicPath } from './public-path.ts'

/** The script that other sites load, of one name for good; seconds that a browser keeps it. */
const WIDGET = 'embed.js'
const WIDGET_SECONDS = 600

export interface ClientOptions {
  readonly peers: Peers
  readonly publicUrl: URL | undefined
  /** Folder of the built client. */
  readonly clientDirectory: string
  /** Whether the same port answers https, so that who comes from another machine to sign in over http is led there. */
  readonly leadToHttps: boolean
  /** Somebody loads the page of a camera, known or not: if they may, they are about to watch it. */
  readonly expectViewer: (camera: string, avatar: Avatar) => void
  /** Pages about shared links: one that shows it, one for frames of other sites. */
  readonly pages: { readonly portal: (visit: LinkVisit) => PageHead; readonly frame: (visit: LinkVisit) => PageHead }
}

/** What a page about a shared link brings: for crawlers all there is to see. */
export interface PageHead {
  /** HTTP status. */
  readonly status: number
  readonly title: string
  /** Tags, as markup. */
  readonly head: string
  /** Who may frame it, where it may be framed (CSP Level 3, frame-ancestors). */
  readonly ancestors: string
}

/** Whose link is opened, and from where. */
export interface LinkVisit {
  readonly token: string
  readonly address: string
  /** Scheme and host that were asked for. */
  readonly asked: string
}

/** The built client. Its pages are one document; its assets carry their hash in their name. */
export function mountClient(
  app: FastifyInstance,
  { clientDirectory: directory, expectViewer, leadToHttps, pages, peers, publicUrl }: ClientOptions,
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
      if (file.isFile() && !file.name.endsWith('.html') && file.name !== WIDGET)
        scope.get(`/${file.name}`, { config: { role: 'public', asset: true } }, (_request, reply) => reply.sendFile(file.name))
    const documentOf = (name: string) =>
      readFileSync(join(directory, name), 'utf8').replace('<base href="/">', `<base href="${publicPath(publicUrl)}/">`)
    const page = documentOf('index.html')
    const policy = pagePolicy(inlineScripts(page))
    const etag = `"${createHash('sha256').update(page).digest('base64url')}"`
    const sendPage = (request: FastifyRequest, reply: FastifyReply) => {
      if (leadToHttps && !request.session && isElsewhere(request, peers)) {
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
    const visitOf = ({ params, raw }: FastifyRequest<{ Params: { token: string } }>): LinkVisit => ({
      token: params.token,
      address: peers.address(raw),
      asked: peers.asked(raw),
    })
    // Not led to https: who has no account gives no secret, and would meet a certificate's warning before the picture.
    scope.get<{ Params: { token: string } }>('/share/:token', { config: { role: 'public' } }, (request, reply) => {
      const shown = pages.portal(visitOf(request))
      return reply
        .code(shown.status)
        .header('content-security-policy', policy)
        .header('cross-origin-opener-policy', 'same-origin')
        .header('permissions-policy', 'camera=(), microphone=()')
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(withHead(page, shown))
    })
    const frame = documentOf('embed.html')
    scope.get<{ Params: { token: string } }>('/embed/:token', { config: { role: 'public', embed: true } }, (request, reply) => {
      const shown = pages.frame(visitOf(request))
      return reply
        .code(shown.status)
        .header('content-security-policy', framePolicy(shown.ancestors))
        .header('permissions-policy', 'camera=(), microphone=()')
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(withHead(frame, shown))
    })
    scope.get(`/${WIDGET}`, { config: { role: 'public', embed: true, asset: true } }, (_request, reply) =>
      // Readable too: pages may load it with an integrity hash.
      reply.header('access-control-allow-origin', '*').header('cache-control', `public, max-age=${WIDGET_SECONDS}`).sendFile(WIDGET),
    )
    for (const path of ['/', '/settings', '/settings/*'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(request, reply))
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

/** A frame of another site: the player, and nothing else. */
const framePolicy = (ancestors: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; base-uri 'self'; form-action 'none'; frame-ancestors ${ancestors}`

/** A document with another title, and more in its head. */
const withHead = (page: string, { title, head }: PageHead): string =>
  page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escapeTitle(title)}</title>`)
    .replace(/<meta name="description"[^>]*>/, (standing) => (head.includes('name="description"') ? '' : standing))
    .replace('</head>', () => `${head}\n</head>`)

/** Text of an element that holds text alone (HTML, RCDATA). */
const escapeTitle = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** The hashes of a page's inline scripts, as a content policy names them (CSP Level 3 §2.3.1). */
const inlineScripts = (page: string): string[] =>
  [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  )
