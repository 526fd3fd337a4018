import { createHmac, pbkdf2 as pbkdf2Callback, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { isDict } from '../../../shared/wamp/decode.ts'
import type { Dict } from '../../../shared/wamp/messages.ts'
import { sameText } from '../../auth/proofs.ts'
import { fromHex, KEY_BYTES, publicKeyOf, signed } from './ed25519.ts'
import {
  authMessage,
  clientProof,
  KDFS,
  type Kdf,
  MAX_NONCE_CHARS,
  parametersFault,
  preparedName,
  type ScramMethod,
  type ScramParameters,
  saltedPassword,
  scramKeys,
  serverSignature,
} from './scram-exchange.ts'

const pbkdf2 = promisify(pbkdf2Callback)

/** How a client signs in by one method; one object serves one connection at a time. */
export interface ClientAuth {
  /** As HELLO's `authmethods` names it, and CHALLENGE. */
  readonly method: string
  /** For HELLO's `authid`. */
  readonly authid?: string
  /** For HELLO's `authextra`; made anew for each HELLO. */
  authextra?(): Dict
  /**
   * What AUTHENTICATE says to a CHALLENGE.
   * @param extra of CHALLENGE
   * @throws Error when the challenge is none of the method, or asks for more work than a client does
   */
  answer(extra: Dict): Promise<{ readonly signature: string; readonly extra: Dict }>
  /**
   * @param details of WELCOME
   * @throws Error when the router did not prove that it knows the client
   */
  verify?(details: Dict): void
}

/** Characters of a challenge that is signed. */
const MAX_CHALLENGE_CHARS = 64 * 1024
/** Of WAMP-CRA's PBKDF2: characters of its salt, and bytes of its key. */
const MAX_SALT_CHARS = 1024
const MAX_CRA_KEY_BYTES = 1024
/** Its rounds, of all blocks of the key together (RFC 8018 §5.2, step 3): about a second of one processor. */
const MAX_CRA_ROUNDS = 2_000_000
/** Of HMAC-SHA-256. */
const CRA_BLOCK_BYTES = 32
/** What libraries derive with where the challenge does not say. */
const CRA_ITERATIONS = 1000
const CRA_KEY_BYTES = 32
/**
 * Bytes of a client's nonce. A multiple of three has no padding: Crossbar joins bytes, not texts, and what it answers still begins with
 * ours.
 */
const NONCE_BYTES = 18

const isIntegerTo = (most: number, value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
const isAbsent = (value: unknown) => value === undefined || value === null

/** Signs in as nobody ("Authentication Methods"): the router asks nothing. */
export function anonymousAuth(): ClientAuth {
  return {
    method: 'anonymous',
    answer: async () => {
      throw new Error('who signs in as nobody is asked nothing')
    },
  }
}

/** Shows a ticket, a password or an API key as it is ("Ticket-based Authentication"). */
export function ticketAuth(authid: string, ticket: string): ClientAuth {
  return { method: 'ticket', authid, answer: async () => ({ signature: ticket, extra: {} }) }
}

/** Signs the challenge with a secret, or with what is derived of it ("Challenge Response Authentication"; "Password Salting"). */
export function craAuth(authid: string, secret: string): ClientAuth {
  return {
    method: 'wampcra',
    authid,
    async answer({ challenge, salt, iterations, keylen }) {
      if (typeof challenge !== 'string' || challenge.length > MAX_CHALLENGE_CHARS)
        throw new Error('WAMP-CRA: there is no challenge to sign')
      const key = isAbsent(salt) ? secret : await craKey(secret, salt, iterations ?? CRA_ITERATIONS, keylen ?? CRA_KEY_BYTES)
      return { signature: createHmac('sha256', key).update(challenge).digest('base64'), extra: {} }
    },
  }
}

/** The derived key: base64 of PBKDF2 over the salt's text. */
async function craKey(secret: string, salt: unknown, iterations: unknown, keylen: unknown): Promise<string> {
  if (typeof salt !== 'string' || salt.length > MAX_SALT_CHARS) throw new Error('WAMP-CRA: the salt is no text')
  if (!isIntegerTo(MAX_CRA_KEY_BYTES, keylen)) throw new Error(`WAMP-CRA: keylen is not 1 to ${MAX_CRA_KEY_BYTES}`)
  const most = Math.floor(MAX_CRA_ROUNDS / Math.ceil(keylen / CRA_BLOCK_BYTES))
  if (!isIntegerTo(most, iterations)) throw new Error(`WAMP-CRA: iterations is not 1 to ${most}, for a key of ${keylen} bytes`)
  return (await pbkdf2(secret.normalize('NFC'), salt, iterations, keylen, 'sha256')).toString('base64')
}

/**
 * Proves that it knows a password, and that the router knows it too ("Salted Challenge Response Authentication"; RFC 5802, RFC 7677).
 * @param method `scram` as Autobahn and Crossbar speak it, `wamp-scram` as the specification writes it; this router speaks both
 * @throws Error for a name that SASL has no form for (RFC 4013)
 */
export function scramAuth(authid: string, password: string, method: ScramMethod = 'scram'): ClientAuth {
  const name = preparedName(authid)
  if (name === undefined) throw new Error('SCRAM: the authid has characters that a name cannot have')
  let clientNonce: string | undefined
  let expected: string | undefined
  let hellos = 0
  return {
    method,
    authid: name,
    authextra() {
      hellos++
      expected = undefined
      clientNonce = randomBytes(NONCE_BYTES).toString('base64')
      return { nonce: clientNonce, channel_binding: null }
    },
    async answer(extra) {
      const [asked, hello] = [clientNonce, hellos]
      // Of each HELLO one challenge is answered.
      clientNonce = undefined
      const { nonce, parameters } = scramChallenge(extra, asked)
      const keys = scramKeys(await saltedPassword(password, parameters))
      const message = authMessage(method, { name, clientNonce: asked as string, nonce, ...parameters })
      // A HELLO since then has an answer of its own.
      if (hello === hellos) expected = serverSignature(keys.serverKey, message)
      return { signature: clientProof(keys, message), extra: { nonce, channel_binding: null, cbind_data: null } }
    },
    verify({ authextra }) {
      const { verifier, scram_server_signature: shown = verifier } = isDict(authextra) ? authextra : {}
      if (expected === undefined || typeof shown !== 'string' || !sameText(shown.replace(/^v=/, ''), expected))
        throw new Error('SCRAM: the router does not prove that it knows the password')
    },
  }
}

/** @throws Error when the challenge answers another client, or its cost is out of bounds */
function scramChallenge(extra: Dict, clientNonce: string | undefined): { readonly nonce: string; readonly parameters: ScramParameters } {
  const { nonce, kdf, salt, iterations, memory, channel_binding } = extra
  if (clientNonce === undefined) throw new Error('SCRAM: a challenge came that no HELLO asked for')
  // RFC 5802 §7: printable, and no comma.
  if (typeof nonce !== 'string' || nonce.length > 2 * MAX_NONCE_CHARS || !/^[!-+\--~]+$/.test(nonce))
    throw new Error('SCRAM: the nonce is none')
  if (!nonce.startsWith(clientNonce) || nonce === clientNonce) throw new Error("SCRAM: the router's nonce does not continue this client's")
  if (!isAbsent(channel_binding) && channel_binding !== '')
    throw new Error('SCRAM: the router asks for channel binding, which is not done here')
  if (!KDFS.includes(kdf as Kdf)) throw new Error(`SCRAM: the router asks for another function than ${KDFS.join(', ')}`)
  if (typeof salt !== 'string' || typeof iterations !== 'number') throw new Error('SCRAM: salt or iterations is missing')
  const parameters = { kdf: kdf as Kdf, salt, iterations, memory: isAbsent(memory) || kdf === 'pbkdf2' ? undefined : (memory as number) }
  const fault = parametersFault(parameters)
  if (fault !== undefined) throw new Error(`SCRAM: the router's ${fault}`)
  return { nonce, parameters }
}

/**
 * Signs the challenge with a key ("Cryptosign-based Authentication", RFC 8032).
 * @param authid undefined: the router knows it by the key
 * @param seedHex the private key's 32 bytes
 * @throws Error for what is no seed
 */
export function cryptosignAuth(authid: string | undefined, seedHex: string): ClientAuth {
  const seed = fromHex(seedHex, KEY_BYTES)
  if (!seed) throw new Error(`cryptosign: a seed is ${KEY_BYTES} bytes in hexadecimal`)
  return {
    method: 'cryptosign',
    ...(authid !== undefined && { authid }),
    authextra: () => ({ pubkey: publicKeyOf(seed).toString('hex'), channel_binding: null }),
    async answer({ challenge, channel_binding }) {
      const bytes = fromHex(challenge, KEY_BYTES)
      if (!bytes) throw new Error(`cryptosign: the challenge is not ${KEY_BYTES} bytes in hexadecimal`)
      if (!isAbsent(channel_binding)) throw new Error('cryptosign: the router asks for channel binding, which is not done here')
      return { signature: signed(seed, bytes).toString('hex') + bytes.toString('hex'), extra: {} }
    },
  }
}
