/** From where an address can be opened. */
export type Reach = 'public' | 'network' | 'machine'

/** What absolute links begin with. */
export interface LinkBase {
  /** Without a slash at its end. */
  readonly url: string
  readonly reach: Reach
}

export interface LinksOptions {
  readonly publicUrl: URL | undefined
  /** Where the server listens: addresses for this machine, and for its network (none on loopback). Asked when needed: the port is known late. */
  readonly here: () => { readonly local: string; readonly lan: readonly string[] }
}

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Absolute links to this server, for people elsewhere: a link that names localhost is of use to nobody else. */
export class Links {
  readonly #options: LinksOptions

  constructor(options: LinksOptions) {
    this.#options = options
  }

  /** @param asked scheme and host that somebody reached this server by, `http://192.168.1.5:8080` */
  base(asked: string | undefined): LinkBase {
    const { publicUrl, here } = this.#options
    if (publicUrl) return { url: publicUrl.href.replace(/\/$/, ''), reach: 'public' }
    if (asked !== undefined && !LOOPBACK.test(asked)) return { url: asked, reach: 'network' }
    const { local, lan } = here()
    return lan[0] === undefined ? { url: asked ?? local, reach: 'machine' } : { url: lan[0], reach: 'network' }
  }
}
