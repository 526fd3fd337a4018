import type { Camera } from '../../shared/model/camera.ts'
import { asPortholeError, type PortholeError } from '../base/errors.ts'
import type { Links } from '../base/links.ts'
import type { LinkVisit, PageHead } from '../base/page-head.ts'
import { PREVIEW } from '../media/preview.ts'
import { escapeMarkup } from './html.ts'
import { FRESH_MS } from './previews.ts'
import type { ShareEntry, Shares } from './shares.ts'
import { openView, type ShareView } from './view.ts'

/** Pixels of the player that other sites are told of. */
export const PLAYER = { width: 1280, height: 720 } as const

export interface PagesOptions {
  readonly shares: Shares
  readonly links: Links
  readonly find: (camera: string) => Camera | undefined
  /** ms since the Unix epoch. */
  readonly now: () => number
}

const CLOSED_TITLE = 'Porthole'
/** Nobody is to find shared links by searching. */
const UNLISTED = '<meta name="robots" content="noindex">'

/** Pages about shares: for crawlers without JavaScript all there is to see. What is closed, or has a passcode, tells nothing. */
export class SharePages {
  readonly #options: PagesOptions

  constructor(options: PagesOptions) {
    this.#options = options
  }

  /** `/share/:token` */
  portal(asker: LinkVisit): PageHead {
    return this.#page(asker, (view) => {
      const { url } = this.#options.links.base(asker.asked)
      return tags(view, url, Math.floor(this.#options.now() / FRESH_MS))
    })
  }

  /** `/embed/:token`: may be framed by the sites of its share; it is told which, to know whom to answer. */
  frame(asker: LinkVisit): PageHead {
    return this.#page(asker, () => '')
  }

  #page({ token, address, asked }: LinkVisit, headOf: (view: ShareView) => string): PageHead {
    const said = `${UNLISTED}\n<meta name="porthole:reach" content="${this.#options.links.base(asked).reach}">`
    let share: ShareEntry | undefined
    try {
      share = this.#options.shares.find(token, address)
      const view = openView(share, this.#options.find)
      return {
        status: 200,
        title: `${view.title} · Porthole`,
        head: `${said}\n${headOf(view)}\n${originsTag(share)}`,
        ancestors: ancestorsOf(share),
      }
    } catch (error) {
      const { http, code } = asPortholeError(error) as PortholeError
      if (code === 'server.internal') throw error
      return {
        // The page asks for the passcode: it is there.
        status: code === 'share.passcode' ? 200 : http,
        title: CLOSED_TITLE,
        head: `${said}${share ? `\n${originsTag(share)}` : ''}`,
        // What is closed says so wherever it stands: it shows nothing else.
        ancestors: share && ancestorsOf(share),
      }
    }
  }
}

const ancestorsOf = ({ origins }: ShareEntry): string | undefined => (origins === null ? undefined : ["'self'", ...origins].join(' '))

const originsTag = ({ origins }: ShareEntry): string =>
  `<meta name="porthole:origins" content="${escapeMarkup(origins === null ? '*' : origins.join(' '))}">`

/** Open Graph (ogp.me), Twitter cards (player card), oEmbed discovery (oembed.com §4). */
function tags({ share, camera, title }: ShareView, base: string, picture: number): string {
  const page = `${base}/share/${share.token}`
  const player = `${base}/embed/${share.token}`
  const image = `${page}/picture.jpg?at=${picture}`
  const description = `Live from ${camera.name}. Watch it in any browser.`
  const secure = base.startsWith('https:')
  const oembed = `${base}/oembed?url=${encodeURIComponent(page)}`
  const lines: (readonly [attribute: 'name' | 'property', name: string, content: string | number])[] = [
    ['name', 'description', description],
    ['property', 'og:site_name', 'Porthole'],
    ['property', 'og:type', 'video.other'],
    ['property', 'og:title', title],
    ['property', 'og:description', description],
    ['property', 'og:url', page],
    ['property', 'og:image', image],
    ['property', 'og:image:type', 'image/jpeg'],
    ['property', 'og:image:width', PREVIEW.width],
    ['property', 'og:image:height', PREVIEW.height],
    ['property', 'og:image:alt', `A recent picture of ${camera.name}`],
    ['property', 'og:video', player],
    ...(secure ? [['property', 'og:video:secure_url', player] as const] : []),
    ['property', 'og:video:type', 'text/html'],
    ['property', 'og:video:width', PLAYER.width],
    ['property', 'og:video:height', PLAYER.height],
    // Players are taken over https alone (Twitter, player card).
    ['name', 'twitter:card', secure ? 'player' : 'summary_large_image'],
    ['name', 'twitter:title', title],
    ['name', 'twitter:description', description],
    ['name', 'twitter:image', image],
    ['name', 'twitter:image:alt', `A recent picture of ${camera.name}`],
    ...(secure
      ? ([
          ['name', 'twitter:player', player],
          ['name', 'twitter:player:width', PLAYER.width],
          ['name', 'twitter:player:height', PLAYER.height],
        ] as const)
      : []),
  ]
  return [
    ...lines.map(([attribute, name, content]) => `<meta ${attribute}="${name}" content="${escapeMarkup(`${content}`)}">`),
    `<link rel="alternate" type="application/json+oembed" href="${escapeMarkup(`${oembed}&format=json`)}" title="${escapeMarkup(title)}">`,
    `<link rel="alternate" type="text/xml+oembed" href="${escapeMarkup(`${oembed}&format=xml`)}" title="${escapeMarkup(title)}">`,
  ].join('\n')
}
