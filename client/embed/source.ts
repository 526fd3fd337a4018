import { socketUrl } from '../transport/socket.ts'

/** What a player is told to show. */
export interface Said {
  /** Token of a share on the server that the script came from. */
  readonly share: string | null
  /** Address of a shared link, or of a camera's page on the page's own server. */
  readonly src: string | null
}

/** Where it is watched. */
export interface Source {
  readonly url: string
  /** What is shown until the first picture, unless the page says something else. */
  readonly poster: string | undefined
}

/** @param home where the server of the script stands @param page the page's own address @returns undefined when nothing fit is said */
export function sourceOf({ share, src }: Said, home: URL, page: string): Source | undefined {
  if (share) return shared(home, share)
  if (!src || !URL.canParse(src, page)) return undefined
  const address = new URL(src, page)
  if (address.protocol !== 'http:' && address.protocol !== 'https:') return undefined
  const [, before = '', kind, name = ''] = /^(.*\/)(share|embed|camera)\/([^/]+)\/?$/.exec(address.pathname) ?? []
  if (kind === undefined) return undefined
  const base = new URL(before, address.origin)
  return kind === 'camera' ? { url: socketUrl(new URL(`ws/live/${name}`, base)), poster: undefined } : shared(base, name)
}

function shared(base: URL, token: string): Source | undefined {
  const safe = encodeURIComponent(decodeOr(token))
  return { url: socketUrl(new URL(`ws/share/${safe}`, base)), poster: new URL(`share/${safe}/picture.jpg`, base).href }
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
