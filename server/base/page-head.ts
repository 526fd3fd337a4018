/** What a page about a shared link brings: for crawlers without JavaScript all there is to see. */
export interface PageHead {
  /** HTTP status. */
  readonly status: number
  readonly title: string
  /** Tags, as markup. */
  readonly head: string
  /** Who may frame it, where it may be framed (CSP Level 3, frame-ancestors); undefined: anybody, a page of a file too. */
  readonly ancestors: string | undefined
}

/** Whose link is opened, and from where. */
export interface LinkVisit {
  readonly token: string
  readonly address: string
  /** Scheme and host that were asked for. */
  readonly asked: string
}
