import type { Clock } from '../../base/clock.ts'
import type { Random } from './anonymous.ts'
import { ask, orDenied, requireAuthid } from './denied.ts'
import type { AuthMethod, Peer, Principal } from './types.ts'

const NONCE_BYTES = 24

/** How a client derives the key of its secret ("Password Salting"): PBKDF2 over the salt's text, its result as base64. */
export interface CraDerivation {
  readonly salt: string
  readonly iterations: number
  /** Bytes. */
  readonly keylen: number
}

export interface WampcraOptions {
  readonly random: Random
  readonly clock: Clock
  readonly authprovider: string
  suits(authid: string): boolean
  /** What the challenge says of an authid, known or not: its role, and how the key is derived where that is. */
  told(authid: string): { readonly authrole: string; readonly derivation: CraDerivation | undefined }
  /**
   * @param signature as it came: base64 of HMAC-SHA256 when it is right
   * @throws PortholeError, Denied when it is not theirs
   */
  verify(authid: string, challenge: string, signature: string, peer: Peer): Promise<Principal>
}

/** Has a challenge signed with a secret that never travels ("Challenge Response Authentication"). */
export const wampcraMethod = ({ random, clock, authprovider, suits, told, verify }: WampcraOptions): AuthMethod => ({
  name: 'wampcra',
  suits: (authid) => authid !== undefined && suits(authid),
  begin: (authid, _details, peer, session) =>
    orDenied(() => {
      const user = requireAuthid(authid)
      const { authrole, derivation } = told(user)
      const challenge = JSON.stringify({
        authid: user,
        authrole,
        authmethod: 'wampcra',
        authprovider,
        nonce: random(NONCE_BYTES).toString('base64'),
        timestamp: new Date(clock.date()).toISOString(),
        session,
      })
      return ask({ challenge, ...derivation }, async (signature) => ({ principal: await verify(user, challenge, signature, peer) }))
    }),
})
