import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import type { Camera } from '../../shared/model/camera.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import { PortholeError } from '../base/errors.ts'
import type { Links } from '../base/links.ts'
import { oembedOf, oembedXml, playerSize } from './oembed.ts'
import { FRESH_MS, type Previews } from './previews.ts'
import type { Shares } from './shares.ts'
import { openView } from './view.ts'

/** Characters of an address that oEmbed is asked about. */
const MAX_URL_CHARS = 2048

export interface ShareRouteOptions {
  readonly shares: Shares
  readonly previews: Previews
  readonly links: Links
  readonly find: (camera: string) => Camera | undefined
  readonly addressOf: (request: FastifyRequest['raw']) => string
  /** Scheme and host that a request asked for. */
  readonly askedOf: (request: FastifyRequest['raw']) => string
}

/** As it was asked: what is said twice is no text. */
type OembedQuery = Readonly<Partial<Record<'url' | 'format' | 'maxwidth' | 'maxheight', unknown>>>

/** `/share/:token/picture.jpg` and `/oembed`: what other sites fetch to show a shared link. Open to all, from everywhere. */
export const shareRoutes =
  ({ shares, previews, links, find, addressOf, askedOf }: ShareRouteOptions): FastifyPluginCallback =>
  (app, _options, done) => {
    const config = { role: 'public', embed: true } as const
    app.get<{ Params: { token: string }; Querystring: { camera?: string } }>(
      '/share/:token/picture.jpg',
      { config },
      async (request, reply) => {
        const share = shares.find(request.params.token, addressOf(request.raw))
        const { camera } = openView(share, find, request.query.camera)
        const { jpeg, time } = await previews.of(camera.id)
        return reply
          .type('image/jpeg')
          .header('cache-control', `public, max-age=${FRESH_MS / 1000}`)
          .header('last-modified', new Date(time / 1000).toUTCString())
          .header('x-porthole-time', isoTime(micros(time)))
          .send(jpeg)
      },
    )
    app.get<{ Querystring: OembedQuery }>('/oembed', { config }, async (request, reply) => {
      const { url = '', format = 'json', maxwidth, maxheight } = request.query
      if (format !== 'json' && format !== 'xml') throw new PortholeError('oembed.format')
      const { url: base } = links.base(askedOf(request.raw))
      const share = shares.find(tokenOf(url, [base, askedOf(request.raw)]), addressOf(request.raw))
      const answer = oembedOf(openView(share, find), base, playerSize(pixels(maxwidth, 'maxwidth'), pixels(maxheight, 'maxheight')))
      reply.header('access-control-allow-origin', '*').header('cache-control', 'no-store')
      if (format === 'xml') return reply.type('text/xml; charset=utf-8').send(oembedXml(answer))
      return reply.type('application/json; charset=utf-8').send(answer)
    })
    done()
  }

/**
 * The token of an address of this server.
 * @param bases what such addresses may begin with
 * @throws PortholeError request.invalid, share.unknown
 */
function tokenOf(url: unknown, bases: readonly string[]): string {
  if (typeof url !== 'string' || url.length > MAX_URL_CHARS || !URL.canParse(url))
    throw new PortholeError('request.invalid', 'url must be the address of a shared link')
  // Parsed: people write hosts in any case, and either scheme.
  const { host, pathname } = new URL(url)
  const base = bases.map((base) => new URL(`${base}/`)).find((base) => base.host === host && pathname.startsWith(base.pathname))
  const [, token] = /^(?:share|embed)\/([A-Za-z0-9_-]+)\/?$/.exec(base === undefined ? '' : pathname.slice(base.pathname.length)) ?? []
  if (token === undefined) throw new PortholeError('share.unknown')
  return token
}

function pixels(text: unknown, name: string): number | undefined {
  if (text === undefined) return undefined
  if (typeof text !== 'string' || !/^[1-9]\d{0,5}$/.test(text))
    throw new PortholeError('request.invalid', `${name} must be a number of pixels`)
  return Number(text)
}
