import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PageHead } from '../base/page-head.ts'
import { publicPath } from './public-path.ts'

/** A page of the built client. */
export interface Page {
  /** As it is for everybody. */
  send(request: FastifyRequest, reply: FastifyReply): FastifyReply
  /** With a head of its own, framed by nobody. */
  sendWith(reply: FastifyReply, head: PageHead): FastifyReply
  /** For a frame of another site: the player, and nothing else. */
  sendFrame(reply: FastifyReply, head: PageHead): FastifyReply
}

/** Reads a page, to be sent with the base that the public address makes and with leave for its own inline scripts. */
export function readPage(file: string, publicUrl: URL | undefined): Page {
  const html = readFileSync(file, 'utf8')
  const policy = pagePolicy(inlineScripts(html))
  const page = html.replace('<base href="/">', `<base href="${publicPath(publicUrl)}/">`)
  const etag = `"${createHash('sha256').update(page).digest('base64url')}"`
  const sendHead = (reply: FastifyReply, head: PageHead, policy: string) =>
    reply
      .code(head.status)
      .header('content-security-policy', policy)
      .header('permissions-policy', 'camera=(), microphone=()')
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(withHead(page, head))
  return {
    send(request, reply) {
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
    },
    sendWith: (reply, head) => sendHead(reply.header('cross-origin-opener-policy', 'same-origin'), head, policy),
    sendFrame: (reply, head) => sendHead(reply, head, framePolicy(head.ancestors)),
  }
}

/** No inline code but the page's own; styles may be inline (positioning by the component library); sockets of this origin. */
const pagePolicy = (scripts: readonly string[]) =>
  `default-src 'self'; script-src ${["'self'", ...scripts].join(' ')}; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`

const framePolicy = (ancestors: string | undefined) =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; base-uri 'self'; form-action 'none'${ancestors === undefined ? '' : `; frame-ancestors ${ancestors}`}`

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
