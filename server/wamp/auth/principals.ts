import Type, { type Static } from 'typebox'
import { fromBase64, toBase64 } from '../../../shared/wamp/base64.ts'
import { ConfigError } from '../../base/errors.ts'
import { MAX_AUTHID_CHARS } from './denied.ts'
import { parametersFault, preparedName } from './scram-exchange.ts'

const strict = { additionalProperties: false } as const
/** Characters of a ticket, a secret or a salt. */
const MAX_SECRET_CHARS = 1024
/** Keys of one principal. */
const MAX_KEYS = 64
const secret = Type.String({ minLength: 1, maxLength: MAX_SECRET_CHARS })
/** StoredKey and ServerKey are HMACs of SHA-256 (RFC 7677). */
const SCRAM_KEY_BYTES = 32
const base64 = Type.String({ minLength: 4, maxLength: MAX_SECRET_CHARS })
const count = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })
const authid = Type.String({ minLength: 1, maxLength: MAX_AUTHID_CHARS })
/** Ed25519, in hexadecimal. */
const publicKeys = Type.Array(Type.String({ pattern: '^[0-9a-fA-F]{64}$' }), { minItems: 1, maxItems: MAX_KEYS })

/** What a server keeps of a password for SCRAM ("Data Stored on the Server"); `scramCredentials` makes it. */
export const ScramSchema = Type.Object(
  {
    /** `argon2id-13` is `argon2id13` as Autobahn and Crossbar compute it; their clients know no other. */
    kdf: Type.Union([Type.Literal('argon2id13'), Type.Literal('argon2id-13'), Type.Literal('pbkdf2')]),
    salt: base64,
    iterations: count,
    /** KiB; of Argon2. */
    memory: Type.Optional(count),
    storedKey: base64,
    serverKey: base64,
  },
  strict,
)

/** Somebody of a realm of the configuration: who they are, and by what they can be told. */
export const PrincipalSchema = Type.Object(
  {
    authid,
    role: Type.String({ minLength: 1, maxLength: MAX_AUTHID_CHARS }),
    /** Shown as it is. */
    ticket: Type.Optional(secret),
    /** WAMP-CRA's; with a salt: base64 of what is derived of the secret that the client has. */
    secret: Type.Optional(secret),
    salt: Type.Optional(secret),
    /** Rounds of PBKDF2; 1000 unless told. */
    iterations: Type.Optional(count),
    /** Bytes of the derived key; 32 unless told. */
    keylen: Type.Optional(Type.Integer({ minimum: 16, maximum: 512 })),
    scram: Type.Optional(ScramSchema),
    publicKeys: Type.Optional(publicKeys),
  },
  strict,
)
export type PrincipalOptions = Static<typeof PrincipalSchema>

/** Keys that sign in a user of this server. */
export const UserKeysSchema = Type.Object({ authid, publicKeys }, strict)
export type UserKeys = Static<typeof UserKeysSchema>

/** As the specification's example has them ("Password Salting"), and libraries where they are not told. */
export const CRA_ITERATIONS = 1000
export const CRA_KEY_BYTES = 32

/**
 * What the schema cannot say.
 * @param where the key of the list, as the configuration writes it
 * @throws ConfigError that names the key and the mend, and no secret
 */
export function checkPrincipals(principals: readonly PrincipalOptions[], where: string): void {
  checkKeys(principals, where)
  for (const [i, principal] of principals.entries()) {
    const { ticket, secret, scram, publicKeys } = principal
    const fail = (what: string): never => {
      throw new ConfigError(`${where}[${i}] (${JSON.stringify(principal.authid)}): ${what}`)
    }
    if ([ticket, secret, scram, publicKeys].every((way) => way === undefined))
      fail('there is no way to sign in; give it ticket, secret, scram or publicKeys')
    checkSecret(principal, fail)
    if (!scram) continue
    if (preparedName(principal.authid) !== principal.authid)
      fail('authid has characters that SCRAM writes in another way (RFC 4013); use their plain forms')
    if (bytesOf(scram.salt) === undefined) fail('scram.salt is not base64; make it with scramCredentials')
    const fault = parametersFault(scram)
    if (fault !== undefined) fail(`scram.${fault}`)
    for (const key of ['storedKey', 'serverKey'] as const)
      if (bytesOf(scram[key]) !== SCRAM_KEY_BYTES)
        fail(`scram.${key} is not ${SCRAM_KEY_BYTES} bytes in base64; make it with scramCredentials`)
  }
}

/** @param fail throws */
function checkSecret({ secret, salt, iterations, keylen }: PrincipalOptions, fail: (what: string) => void): void {
  const bytes = keylen ?? CRA_KEY_BYTES
  if (salt === undefined && (iterations ?? keylen) !== undefined)
    fail('iterations and keylen are for a salted secret; give it a salt, or leave them out')
  if (salt === undefined) return
  if (secret === undefined) fail('salt is for a secret, and there is none; for SCRAM it belongs into scram')
  else if (bytesOf(secret) !== bytes)
    fail(`with a salt, secret is the derived key: ${bytes} bytes in base64; make it with craCredentials, or leave the salt out`)
}

/**
 * That nobody is there twice, nor any key: a key tells who it is.
 * @throws ConfigError
 */
export function checkKeys(
  list: readonly { readonly authid: string; readonly publicKeys?: readonly string[] | undefined }[],
  where: string,
): void {
  const authids = new Map<string, number>()
  const keys = new Map<string, number>()
  for (const [i, { authid, publicKeys = [] }] of list.entries()) {
    const other = authids.get(authid)
    if (other !== undefined)
      throw new ConfigError(`${where}[${i}].authid: ${JSON.stringify(authid)} is ${where}[${other}] already; take one out`)
    authids.set(authid, i)
    for (const [j, key] of publicKeys.entries()) {
      const holder = keys.get(key.toLowerCase())
      if (holder !== undefined)
        throw new ConfigError(`${where}[${i}].publicKeys[${j}] is a key of ${where}[${holder}] already; take one out`)
      keys.set(key.toLowerCase(), i)
    }
  }
}

/** How many bytes a text stands for; undefined when it is not base64 in its one form. */
function bytesOf(text: string): number | undefined {
  const bytes = fromBase64(text)
  return bytes && toBase64(bytes) === text ? bytes.length : undefined
}
