import type { Handlers } from '../base/handlers.ts'
import type { Links } from '../base/links.ts'

export interface AboutOptions {
  readonly links: Links
  readonly demo: boolean
}

/** What the server says of itself to those who make cameras. */
export const aboutHandlers = ({ links, demo }: AboutOptions): Handlers<'porthole.server.get'> => ({
  'porthole.server.get': async (_input, { asked }) => ({ ...links.base(asked), demo }),
})
