import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Avatar } from '../base/handlers.ts'
import type { LinkVisit, PageHead } from '../base/page-head.ts'
import { type Page, readPage } from './pages.ts'
import type { Peers } from './peers.ts'

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

/** The built client. Its pages are one document; its assets carry their hash in their name. */
export function mountClient(app: FastifyInstance, options: ClientOptions): void {
  const { clientDirectory: directory, expectViewer, leadToHttps, peers, publicUrl } = options
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
      // The build brings them.
      preCompressed: true,
      cacheControl: false,
      // What sendFile says of caching goes before this.
      setHeaders: (response) => response.setHeader('cache-control', 'no-cache'),
    })
    // Routes of our own, not the plugin's: each declares its role.
    scope.get<{ Params: { '*': string } }>('/assets/*', { config: { role: 'public', asset: true, embed: true } }, (request, reply) =>
      // A sandboxed frame of another site has no origin of its own: its modules come as to strangers.
      reply
        .header('access-control-allow-origin', '*')
        .sendFile(`assets/${request.params['*']}`, { cacheControl: true, maxAge: '365d', immutable: true }),
    )
    for (const file of readdirSync(directory, { withFileTypes: true }))
      if (file.isFile() && !/\.(html|gz)$/.test(file.name) && file.name !== WIDGET)
        scope.get(`/${file.name}`, { config: { role: 'public', asset: true } }, (_request, reply) => reply.sendFile(file.name))
    const index = readPage(join(directory, 'index.html'), publicUrl)
    const sendPage = (page: Page, request: FastifyRequest, reply: FastifyReply) => {
      if (leadToHttps && !request.session && isElsewhere(request, peers)) {
        // The certificate of a public address is for its name.
        const origin = publicUrl?.origin ?? `https://${request.headers.host}`
        return reply.header('cache-control', 'no-store').redirect(origin + request.originalUrl, 307)
      }
      return page.send(request, reply)
    }
    for (const path of ['/', '/settings', '/settings/*', '/stage'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(index, request, reply))
    // A phone that scanned the code is told of the certificate's warning before it meets it: the page leads to https itself.
    for (const path of ['/join', '/join/:code'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => index.send(request, reply))
    scope.get<{ Params: { '*': string } }>('/camera/*', { config: { role: 'public' } }, (request, reply) => {
      if (request.visitor) expectViewer(request.params['*'], request.visitor.avatar)
      return sendPage(index, request, reply)
    })
    // The page is open to all; the document that it shows is not.
    const reference = readPage(join(directory, 'docs.html'), publicUrl)
    for (const path of ['/docs', '/docs/'])
      scope.get(path, { config: { role: 'public' } }, (request, reply) => sendPage(reference, request, reply))
    // The browser keeps it for times without a server.
    const offline = readPage(join(directory, 'offline.html'), publicUrl)
    scope.get('/offline.html', { config: { role: 'public' } }, (request, reply) => offline.send(request, reply))

    const visitOf = ({ params, raw }: FastifyRequest<{ Params: { token: string } }>): LinkVisit => ({
      token: params.token,
      address: peers.address(raw),
      asked: peers.asked(raw),
    })
    // Not led to https: who has no account would meet a certificate's warning before the picture.
    const frame = readPage(join(directory, 'embed.html'), publicUrl)
    for (const end of ['', '/']) {
      scope.get<{ Params: { token: string } }>(`/share/:token${end}`, { config: { role: 'public' } }, (request, reply) =>
        index.sendWith(reply, options.pages.portal(visitOf(request))),
      )
      scope.get<{ Params: { token: string } }>(`/embed/:token${end}`, { config: { role: 'public', embed: true } }, (request, reply) =>
        frame.sendFrame(reply, options.pages.frame(visitOf(request))),
      )
    }
    scope.get(`/${WIDGET}`, { config: { role: 'public', embed: true, asset: true } }, (_request, reply) =>
      // Readable too: pages may load it with an integrity hash.
      reply.header('access-control-allow-origin', '*').sendFile(WIDGET, { cacheControl: true, maxAge: WIDGET_SECONDS * 1000 }),
    )
  })
}

/** Plain http from another machine, with no proxy between. */
function isElsewhere(request: FastifyRequest, peers: Peers): boolean {
  const { remoteAddress, localAddress } = request.raw.socket
  return request.protocol === 'http' && peers.isDirect(request.raw) && !peers.isLoopback(request.raw) && remoteAddress !== localAddress
}
