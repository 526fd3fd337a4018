import { PREVIEW } from '../media/preview.ts'
import { escapeMarkup } from './html.ts'
import { PLAYER } from './pages.ts'
import type { ShareView } from './view.ts'

/** Seconds that a consumer may keep the answer. */
const CACHE_SECONDS = 300

/** The largest 16:9 within what the consumer has room for, at most the player's own size. */
export function playerSize(maxWidth: number | undefined, maxHeight: number | undefined): { width: number; height: number } {
  const width = Math.min(PLAYER.width, maxWidth ?? PLAYER.width, Math.floor(((maxHeight ?? PLAYER.height) * PLAYER.width) / PLAYER.height))
  return { width, height: Math.round((width * PLAYER.height) / PLAYER.width) }
}

/** The answer of type `video` (oembed.com §2.3.4.2). @param base what absolute links begin with */
export function oembedOf({ share, title }: ShareView, base: string, { width, height }: { width: number; height: number }) {
  return {
    version: '1.0',
    type: 'video',
    title,
    provider_name: 'Porthole',
    provider_url: base,
    cache_age: CACHE_SECONDS,
    html: frameMarkup(`${base}/embed/${share.token}`, title, width, height),
    width,
    height,
    thumbnail_url: `${base}/share/${share.token}/picture.jpg`,
    thumbnail_width: PREVIEW.width,
    thumbnail_height: PREVIEW.height,
  }
}

/** The player as an iframe. */
const frameMarkup = (url: string, title: string, width: number, height: number): string =>
  `<iframe src="${escapeMarkup(url)}" width="${width}" height="${height}" title="${escapeMarkup(title)}" allow="autoplay; fullscreen" allowfullscreen style="border:0"></iframe>`

/** The same answer as XML. */
export const oembedXml = (answer: ReturnType<typeof oembedOf>): string =>
  `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>\n${Object.entries(answer)
    .map(([name, value]) => `  <${name}>${escapeMarkup(`${value}`)}</${name}>`)
    .join('\n')}\n</oembed>\n`
