import { isDict } from '../../../shared/wamp/decode.ts'
import type { Dict } from '../../../shared/wamp/messages.ts'
import type { Random } from './anonymous.ts'
import { ask, MAX_AUTHID_CHARS, orDenied } from './denied.ts'
import { fromHex, isSigned, KEY_BYTES, SIGNATURE_BYTES } from './ed25519.ts'
import { type AuthMethod, Denied, type Peer, type Principal } from './types.ts'

export interface CryptosignOptions {
  readonly random: Random
  /** @param authid undefined: whoever has the key */
  suits(authid: string | undefined): boolean
  /**
   * Who has a key, by its 32 bytes in small hexadecimal letters; what is asked for was signed with it.
   * @returns undefined when the key is nobody's, or another's than the authid says
   * @throws PortholeError, Denied
   */
  find(publicKey: string, authid: string | undefined, peer: Peer): Principal | undefined
}

/**
 * Has a challenge signed with a private key ("Cryptosign-based Authentication", RFC 8032), without channel binding. Keys that nobody has
 * are challenged like others.
 */
export const cryptosignMethod = ({ random, suits, find }: CryptosignOptions): AuthMethod => ({
  name: 'cryptosign',
  suits: (authid) => suits(authid),
  begin: (authid, details, peer) =>
    orDenied(() => {
      if (authid !== undefined && authid.length > MAX_AUTHID_CHARS)
        throw new Denied(`The authid has more than ${MAX_AUTHID_CHARS} characters.`)
      const key = publicKeyOf(details)
      const challenge = random(KEY_BYTES)
      return ask({ challenge: challenge.toString('hex'), channel_binding: null }, async (signature) => {
        const bytes = fromHex(signature, SIGNATURE_BYTES + KEY_BYTES)
        const isRight =
          bytes?.subarray(SIGNATURE_BYTES).equals(challenge) === true && isSigned(key, challenge, bytes.subarray(0, SIGNATURE_BYTES))
        const principal = isRight ? find(key.toString('hex'), authid, peer) : undefined
        if (!principal) throw new Denied("The key is not one of this realm's, or the signature is not of the key.")
        return { principal }
      })
    }),
})

/** @throws Denied */
function publicKeyOf({ authextra }: Dict): Buffer {
  const { pubkey, channel_binding }: Dict = isDict(authextra) ? authextra : {}
  // The specification would let us go on without: who asked for it would then sign something else, or be less safe than they think.
  if (channel_binding !== undefined && channel_binding !== null) throw new Denied('Cryptosign is done here without channel binding.')
  const key = fromHex(pubkey, KEY_BYTES)
  if (!key) throw new Denied(`Cryptosign needs authextra.pubkey: ${KEY_BYTES} bytes in hexadecimal.`)
  return key
}
