import { ask, orDenied, requireAuthid } from './denied.ts'
import type { AuthMethod, Peer, Principal } from './types.ts'

export interface TicketOptions {
  suits(authid: string): boolean
  /** @throws PortholeError, Denied when the ticket is not theirs */
  verify(authid: string, ticket: string, peer: Peer): Promise<Principal>
}

/** Takes a ticket as it is shown ("Ticket-based Authentication"): a password, an API key, or a text of the configuration. */
export const ticketMethod = ({ suits, verify }: TicketOptions): AuthMethod => ({
  name: 'ticket',
  suits: (authid) => authid !== undefined && suits(authid),
  begin: (authid, _details, peer) =>
    orDenied(() => {
      const user = requireAuthid(authid)
      return ask({}, async (ticket) => ({ principal: await verify(user, ticket, peer) }))
    }),
})
