import { URI } from '../../../shared/wamp/uris.ts'
import { orDenied } from './denied.ts'
import { type AuthMethod, Denied, type Peer, type Principal } from './types.ts'

export interface CookieOptions {
  /** @throws PortholeError, Denied when they have no business here */
  principal(visitor: NonNullable<Peer['visitor']>): Principal
}

/** Believes what the transport knows ("Cookie-based Authentication"): who was signed in when they connected is asked nothing. */
export const cookieMethod = ({ principal }: CookieOptions): AuthMethod => ({
  name: 'cookie',
  suits: (authid, { visitor }) => visitor !== undefined && (authid === undefined || authid === visitor.identity.user),
  begin: (authid, _details, { visitor }) =>
    orDenied(() => {
      if (!visitor) throw new Denied('Nobody was signed in when this connected.', URI.authenticationRequired)
      if (authid !== undefined && authid !== visitor.identity.user) throw new Denied('The authid is not who signed in.')
      return { principal: principal(visitor) }
    }),
})
