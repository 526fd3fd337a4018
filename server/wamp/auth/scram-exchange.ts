import { createHash, createHmac, pbkdf2 as pbkdf2Callback } from 'node:crypto'
import { promisify } from 'node:util'
import saslprep from '@mongodb-js/saslprep'
import { hashRaw } from '@node-rs/argon2'
import { prepared } from '../../auth/proofs.ts'

const pbkdf2 = promisify(pbkdf2Callback)

/**
 * SCRAM has two names and two forms: `wamp-scram` as the specification writes it ("Salted Challenge Response Authentication"), and `scram`
 * as Autobahn and Crossbar speak it.
 */
export const SCRAM_METHODS = ['wamp-scram', 'scram'] as const
export type ScramMethod = (typeof SCRAM_METHODS)[number]

/**
 * How a password becomes SaltedPassword: `argon2id13` and `pbkdf2` are the specification's; `argon2id-13` is Autobahn's, whose
 * SaltedPassword is not the 32 bytes but their base64 without padding.
 */
export const KDFS = ['argon2id13', 'argon2id-13', 'pbkdf2'] as const
export type Kdf = (typeof KDFS)[number]

export interface ScramParameters {
  readonly kdf: Kdf
  /** Base64. */
  readonly salt: string
  readonly iterations: number
  /** KiB; of Argon2 alone. */
  readonly memory?: number | undefined
}

/** Characters of one nonce; ours have 24. */
export const MAX_NONCE_CHARS = 256
/** Bytes of a salt: less than RFC 8018 §4.1 and Argon2 ask for, and more than anybody has. */
export const MIN_SALT_BYTES = 8
export const MAX_SALT_BYTES = 256
/** Rounds of PBKDF2: the least of RFC 7677 §4; the most is about a second of one processor. */
const MIN_PBKDF2_ITERATIONS = 4096
const MAX_PBKDF2_ITERATIONS = 2_000_000
/** KiB of Argon2's memory. */
const MIN_ARGON2_KIB = 8
const MAX_ARGON2_KIB = 256 * 1024
/** KiB that Argon2 goes over in all its passes: half a second to some seconds of one processor. Autobahn's are 4096 passes over 512 KiB. */
const MIN_ARGON2_WORK_KIB = 16 * 1024
const MAX_ARGON2_WORK_KIB = 4 * 1024 * 1024
const HASH_BYTES = 32
/** Argon2id of @node-rs/argon2, whose enum is no value. */
const ARGON2ID = 2

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** What is wrong with what a password is to be hashed with: too little to protect it, or more than anybody should be made to do. */
export function parametersFault({ kdf, salt, iterations, memory }: ScramParameters): string | undefined {
  const saltBytes = Buffer.from(salt, 'base64').length
  if (saltBytes < MIN_SALT_BYTES || saltBytes > MAX_SALT_BYTES)
    return `salt has to be ${MIN_SALT_BYTES} to ${MAX_SALT_BYTES} bytes in base64`
  if (!Number.isInteger(iterations) || iterations < 1) return 'iterations has to be a whole number'
  if (kdf === 'pbkdf2') {
    if (memory !== undefined) return 'memory is for Argon2; leave it out'
    if (iterations < MIN_PBKDF2_ITERATIONS || iterations > MAX_PBKDF2_ITERATIONS)
      return `iterations has to be ${MIN_PBKDF2_ITERATIONS} to ${MAX_PBKDF2_ITERATIONS}`
    return undefined
  }
  if (memory === undefined) return `${kdf} needs memory, in KiB`
  if (!Number.isInteger(memory) || memory < MIN_ARGON2_KIB || memory > MAX_ARGON2_KIB)
    return `memory has to be ${MIN_ARGON2_KIB} to ${MAX_ARGON2_KIB} KiB`
  const work = iterations * memory
  if (work < MIN_ARGON2_WORK_KIB || work > MAX_ARGON2_WORK_KIB)
    return `iterations times memory has to be ${MIN_ARGON2_WORK_KIB} to ${MAX_ARGON2_WORK_KIB} KiB`
  return undefined
}

/** A user's name as both ends write it (RFC 4013); undefined for what is none. */
export function preparedName(authid: string): string | undefined {
  try {
    return saslprep(authid) || undefined
  } catch {
    return undefined
  }
}

/** SaltedPassword ("SCRAM Algorithms"); slow, off the event loop. @param parameters without a fault */
export async function saltedPassword(password: string, { kdf, salt, iterations, memory = 0 }: ScramParameters): Promise<Buffer> {
  const bytes = Buffer.from(salt, 'base64')
  if (kdf === 'pbkdf2') return pbkdf2(prepared(password), bytes, iterations, HASH_BYTES, 'sha256')
  const isAutobahn = kdf === 'argon2id-13'
  const hash = await hashRaw(isAutobahn ? password : prepared(password), {
    algorithm: ARGON2ID,
    salt: bytes,
    timeCost: iterations,
    memoryCost: memory,
    parallelism: 1,
    outputLen: HASH_BYTES,
  })
  return isAutobahn ? Buffer.from(hash.toString('base64').replace(/=+$/, '')) : hash
}

/** Of SaltedPassword: what the client proves, and what the server keeps (RFC 5802 §3). */
export function scramKeys(salted: Buffer) {
  const clientKey = hmac(salted, 'Client Key')
  return { clientKey, storedKey: createHash('sha256').update(clientKey).digest(), serverKey: hmac(salted, 'Server Key') }
}

/** ClientProof (RFC 5802 §3), base64. */
export function clientProof({ clientKey, storedKey }: { readonly clientKey: Buffer; readonly storedKey: Buffer }, message: string): string {
  const signature = hmac(storedKey, message)
  return Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number))).toString('base64')
}

/** ServerSignature (RFC 5802 §3), base64. */
export const serverSignature = (serverKey: Buffer, message: string): string => hmac(serverKey, message).toString('base64')

/** Base64 of `n,,`: the client does no channel binding (RFC 5802 §7, `cbind-input`). Autobahn writes nothing. */
const NO_BINDING = { 'wamp-scram': 'biws', scram: '' } as const
/** RFC 5802 §5.1, `saslname`. Autobahn escapes nothing. */
const escaped = (name: string) => name.replace(/[,=]/g, (char) => (char === ',' ? '=2C' : '=3D'))

/** AuthMessage ("AuthMessage"; RFC 5802 §3). */
export function authMessage(
  method: ScramMethod,
  said: {
    /** As `preparedName` gives it. */
    readonly name: string
    readonly clientNonce: string
    /** The client's, and the server's behind it. */
    readonly nonce: string
    readonly salt: string
    readonly iterations: number
  },
): string {
  const name = method === 'scram' ? said.name : escaped(said.name)
  const clientFirst = `n=${name},r=${said.clientNonce}`
  const serverFirst = `r=${said.nonce},s=${said.salt},i=${said.iterations}`
  return `${clientFirst},${serverFirst},c=${NO_BINDING[method]},r=${said.nonce}`
}

/** What WELCOME's `authextra` proves the server with. */
export const signatureExtra = (method: ScramMethod, signature: string) =>
  method === 'scram' ? { scram_server_signature: signature } : { verifier: `v=${signature}` }
