import { isDict } from '../../../shared/wamp/decode.ts'
import type { Dict } from '../../../shared/wamp/messages.ts'
import type { Random } from './anonymous.ts'
import { ask, orDenied, requireAuthid, wrong } from './denied.ts'
import { authMessage, MAX_NONCE_CHARS, preparedName, type ScramMethod, type ScramParameters, signatureExtra } from './scram-exchange.ts'
import { type AuthMethod, Denied, type Peer, type Principal } from './types.ts'

/** What the specification recommends ("Nonces"), and two more so that there is no padding. */
const NONCE_BYTES = 18
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

export interface ScramOptions {
  readonly random: Random
  /** @param name after SASLprep, as all the others here */
  suits(name: string): boolean
  /** How the password of somebody, known or not, becomes SaltedPassword. */
  parameters(name: string): ScramParameters
  /**
   * @param message AuthMessage
   * @param proof as it came: base64 of ClientProof when it is right
   * @returns ServerSignature in base64, too
   * @throws PortholeError, Denied when it is not theirs
   */
  verify(name: string, message: string, proof: string, peer: Peer): Promise<{ readonly principal: Principal; readonly signature: string }>
}

/** Has a password proven by who does not show it, and proves in turn to know it ("Salted Challenge Response Authentication"). */
export const scramMethod = (method: ScramMethod, { random, suits, parameters, verify }: ScramOptions): AuthMethod => ({
  name: method,
  suits: (authid) => authid !== undefined && suits(preparedName(authid) ?? authid),
  begin: (authid, details, peer) =>
    orDenied(() => {
      const name = preparedName(requireAuthid(authid))
      if (name === undefined) throw new Denied('The authid has characters that a name cannot have (RFC 4013).')
      const clientNonce = clientNonceOf(details)
      const nonce = clientNonce + random(NONCE_BYTES).toString('base64')
      const { kdf, salt, iterations, memory } = parameters(name)
      // Autobahn takes no fields that it does not know, and no null.
      const challenge = { nonce, kdf, salt, iterations, ...(memory !== undefined && { memory }) }
      return ask(challenge, async (proof, extra) => {
        checkExtra(method, extra, nonce)
        const message = authMessage(method, { name, clientNonce, nonce, salt, iterations })
        const { principal, signature } = await verify(name, message, proof, peer)
        return { principal: { ...principal, authextra: signatureExtra(method, signature) } }
      })
    }),
})

/** @throws Denied when HELLO's `authextra` has no nonce of the specification's form, or asks for channel binding */
function clientNonceOf({ authextra }: Dict): string {
  const { nonce, channel_binding }: Dict = isDict(authextra) ? authextra : {}
  if (channel_binding !== undefined && channel_binding !== null) throw new Denied('SCRAM is done here without channel binding.')
  if (typeof nonce !== 'string' || nonce.length > MAX_NONCE_CHARS || !BASE64.test(nonce))
    throw new Denied(`SCRAM needs authextra.nonce: base64, ${MAX_NONCE_CHARS} characters at most.`)
  return nonce
}

/** @throws PortholeError auth.wrong when AUTHENTICATE's extra is of another challenge; Autobahn sends none */
function checkExtra(method: ScramMethod, { nonce, channel_binding, cbind_data }: Dict, asked: string): void {
  const isOurs = nonce === asked || (method === 'scram' && (nonce === undefined || nonce === null))
  const isBound = [channel_binding, cbind_data].some((value) => value !== undefined && value !== null)
  if (!isOurs || isBound) throw wrong()
}
