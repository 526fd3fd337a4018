import { CRA_ITERATIONS, CRA_KEY_BYTES, type PrincipalOptions } from './principals.ts'
import type { CraDerivation } from './wampcra.ts'

/** Always the same 32 bytes for a text, which nobody can foresee: `Vault.decoy`. */
export type Decoy = (context: string) => Buffer

const HEX = '0123456789abcdef'
const DIGITS = '0123456789'
const SMALL = 'abcdefghijklmnopqrstuvwxyz'
const LARGE = SMALL.toUpperCase()

/** Somebody as the methods see them; who is nobody looks like one of those who are somebody, and can prove nothing. */
export interface Entry {
  readonly isReal: boolean
  readonly role: string
  readonly ticket: string | undefined
  readonly secret: string | undefined
  readonly derivation: CraDerivation | undefined
  readonly scram: PrincipalOptions['scram']
  readonly hasKeys: boolean
}

/**
 * The principals of a realm, and those who could be: an authid that nobody has looks like that of one of them, always the same, with
 * another salt. So ways to sign in, roles and challenges tell no stranger who there is.
 */
export class Roster {
  readonly #principals: readonly PrincipalOptions[]
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #byKey: ReadonlyMap<string, PrincipalOptions>
  readonly #decoy: Decoy

  /** @param principals checked, and at least one */
  constructor(principals: readonly PrincipalOptions[], realm: string, decoy: Decoy) {
    this.#principals = principals
    this.#entries = new Map(principals.map((principal) => [principal.authid, entryOf(principal)]))
    this.#byKey = new Map(principals.flatMap((principal) => (principal.publicKeys ?? []).map((key) => [key.toLowerCase(), principal])))
    this.#decoy = (context) => decoy(JSON.stringify(['wamp', realm, context]))
  }

  find(authid: string): Entry {
    // Made for all, so that it takes the same time.
    const decoy = this.#imitated(authid)
    return this.#entries.get(authid) ?? decoy
  }

  /** @param key in small letters */
  ofKey(key: string): PrincipalOptions | undefined {
    return this.#byKey.get(key)
  }

  #imitated(authid: string): Entry {
    const bytes = this.#decoy(JSON.stringify(['who', authid]))
    const model = this.#principals[bytes.readUInt32BE() % this.#principals.length] as PrincipalOptions
    const { ticket, secret, salt, scram } = model
    return entryOf(
      {
        ...model,
        ...(ticket !== undefined && { ticket: bytes.toString('base64') }),
        ...(secret !== undefined && { secret: bytes.toString('base64') }),
        ...(salt !== undefined && { salt: this.#textLike(salt, `salt ${authid}`) }),
        ...(scram && {
          scram: { ...scram, salt: this.#base64Like(scram.salt, `scram ${authid}`), storedKey: bytes.toString('base64') },
        }),
      },
      false,
    )
  }

  #base64Like(model: string, context: string): string {
    return this.#bytes(Buffer.from(model, 'base64').length, context).toString('base64')
  }

  /** A salt that is a text: base64 where that is, else each character by one of its kind. */
  #textLike(model: string, context: string): string {
    if (model.length > 8 && Buffer.from(model, 'base64').toString('base64') === model && !/^[0-9a-f]+$/.test(model))
      return this.#base64Like(model, context)
    const isHex = /^[0-9a-f]+$/.test(model)
    const bytes = this.#bytes(model.length, context)
    return [...model.slice(0, bytes.length)]
      .map((char, i) => {
        const kind = isHex ? HEX : [DIGITS, SMALL, LARGE].find((chars) => chars.includes(char))
        return kind ? kind.charAt((bytes[i] as number) % kind.length) : char
      })
      .join('')
  }

  #bytes(length: number, context: string): Buffer {
    const parts: Buffer[] = []
    for (let made = 0; made < length; made += 32) parts.push(this.#decoy(`${made} ${context}`))
    return Buffer.concat(parts).subarray(0, length)
  }
}

function entryOf(principal: PrincipalOptions, isReal = true): Entry {
  const { role, ticket, secret, salt, iterations = CRA_ITERATIONS, keylen = CRA_KEY_BYTES, scram, publicKeys } = principal
  const derivation = salt === undefined ? undefined : { salt, iterations, keylen }
  return { isReal, role, ticket, secret, derivation, scram, hasKeys: publicKeys !== undefined }
}
