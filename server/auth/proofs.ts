import { createHash, createHmac, pbkdf2 as pbkdf2Callback, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import saslprep from '@mongodb-js/saslprep'

const pbkdf2 = promisify(pbkdf2Callback)

/** Rounds of PBKDF2: clients in scripts do them at each sign-in, and what is stored is sealed besides. */
export const ITERATIONS = 15_000
export const SALT_BYTES = 16
/** Bytes of a derived key. */
export const KEY_BYTES = 32

/** How a client makes its key of the password. */
export interface Derivation {
  /** Base64. */
  readonly salt: string
  readonly iterations: number
}

/** What SCRAM-SHA-256 stores (RFC 5802 §3, RFC 7677); base64. */
export interface ScramRecord extends Derivation {
  readonly storedKey: string
  readonly serverKey: string
}

/** What WAMP-CRA stores: the key of signatures, which is itself base64 text. */
export interface CraRecord extends Derivation {
  readonly key: string
}

const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest()

/** The password as both ends must write it (RFC 4013); what SASL has no form for stays as it is. */
export function prepared(password: string): string {
  try {
    return saslprep(password)
  } catch {
    return password.normalize('NFKC')
  }
}

export async function scramRecord(password: string, salt: Buffer, iterations = ITERATIONS): Promise<ScramRecord> {
  const salted = await pbkdf2(prepared(password), salt, iterations, KEY_BYTES, 'sha256')
  return {
    salt: salt.toString('base64'),
    iterations,
    storedKey: sha256(hmac(salted, 'Client Key')).toString('base64'),
    serverKey: hmac(salted, 'Server Key').toString('base64'),
  }
}

/** @returns ServerSignature, base64, when the proof is right (RFC 5802 §3) */
export function scramAnswer(
  { storedKey, serverKey }: Pick<ScramRecord, 'storedKey' | 'serverKey'>,
  message: string,
  proof: string,
): string | undefined {
  const stored = Buffer.from(storedKey, 'base64')
  const shown = Buffer.from(proof, 'base64')
  if (shown.length !== KEY_BYTES) return undefined
  const signature = hmac(stored, message)
  const clientKey = shown.map((byte, i) => byte ^ (signature[i] as number))
  if (!timingSafeEqual(sha256(Buffer.from(clientKey)), stored)) return undefined
  return hmac(Buffer.from(serverKey, 'base64'), message).toString('base64')
}

export async function craRecord(password: string, salt: Buffer, iterations = ITERATIONS): Promise<CraRecord> {
  // The salt travels as text, and clients salt with that text.
  const text = salt.toString('base64')
  const key = await pbkdf2(password.normalize('NFC'), text, iterations, KEY_BYTES, 'sha256')
  return { salt: text, iterations, key: key.toString('base64') }
}

export const craSignature = (key: string, challenge: string): string => hmac(key, challenge).toString('base64')

/** Whether two texts are the same, in a time that does not tell where they differ. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(sha256(Buffer.from(a)), sha256(Buffer.from(b)))
