import { pbkdf2 as pbkdf2Callback, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { fromHex, KEY_BYTES, publicKeyOf } from './ed25519.ts'
import { CRA_KEY_BYTES, type PrincipalOptions } from './principals.ts'
import { type Kdf, parametersFault, saltedPassword, scramKeys } from './scram-exchange.ts'

const pbkdf2 = promisify(pbkdf2Callback)

/** Bytes of a new salt ("Argon2" of SCRAM recommends 128 bits). */
const SALT_BYTES = 16
/** Rounds of PBKDF2: a tenth of a second of one processor; clients do them at each sign-in. */
const PBKDF2_ITERATIONS = 100_000
/** OWASP's choice for argon2id: two passes over 19 MiB. */
const ARGON2 = { iterations: 2, memory: 19_456 }

/** What else than the defaults is wanted. */
export interface ScramChoice {
  /** `argon2id-13` for clients of Autobahn; argon2id13 unless told. */
  readonly kdf?: Kdf
  /** Base64; random unless told. */
  readonly salt?: string
  readonly iterations?: number
  /** KiB; of Argon2. */
  readonly memory?: number
}

/**
 * What a principal of the configuration has in `scram` for a password.
 * @throws Error that says what is wrong with the choice
 */
export async function scramCredentials(password: string, choice: ScramChoice = {}): Promise<NonNullable<PrincipalOptions['scram']>> {
  const { kdf = 'argon2id13', salt = randomBytes(SALT_BYTES).toString('base64') } = choice
  const { iterations = kdf === 'pbkdf2' ? PBKDF2_ITERATIONS : ARGON2.iterations } = choice
  const { memory = kdf === 'pbkdf2' ? undefined : ARGON2.memory } = choice
  const parameters = { kdf, salt, iterations, ...(memory !== undefined && { memory }) }
  const fault = parametersFault(parameters)
  if (fault !== undefined) throw new Error(fault)
  const { storedKey, serverKey } = scramKeys(await saltedPassword(password, parameters))
  return { ...parameters, storedKey: storedKey.toString('base64'), serverKey: serverKey.toString('base64') }
}

/** What a principal of the configuration has for a salted secret of WAMP-CRA ("Password Salting"). @param salt any text; random unless told */
export async function craCredentials(
  secret: string,
  salt = randomBytes(SALT_BYTES).toString('base64'),
  iterations = PBKDF2_ITERATIONS,
  keylen = CRA_KEY_BYTES,
): Promise<Required<Pick<PrincipalOptions, 'secret' | 'salt' | 'iterations' | 'keylen'>>> {
  const key = await pbkdf2(secret.normalize('NFC'), salt, iterations, keylen, 'sha256')
  return { secret: key.toString('base64'), salt, iterations, keylen }
}

/**
 * A key pair for cryptosign: the seed is for the client, the public key for the configuration; both in hexadecimal.
 * @param seed a new one unless told
 * @throws Error for what is no seed
 */
export function cryptosignKeys(seed = randomBytes(KEY_BYTES).toString('hex')): { readonly seed: string; readonly publicKey: string } {
  const bytes = fromHex(seed, KEY_BYTES)
  if (!bytes) throw new Error(`a seed is ${KEY_BYTES} bytes in hexadecimal`)
  return { seed, publicKey: publicKeyOf(bytes).toString('hex') }
}
