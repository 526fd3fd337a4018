import { randomBytes } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Log } from '../base/log.ts'
import type { Database, Tables } from '../store/database.ts'
import { type DigestHash, digestSecret } from '../wire/authorization.ts'
import type { Gate } from './gate.ts'
import { type CraRecord, craRecord, type Derivation, ITERATIONS, SALT_BYTES, type ScramRecord, scramRecord } from './proofs.ts'
import { type Vault, VaultError } from './vault.ts'

/** Realm of HTTP's schemes: part of what Digest hashes, so it never changes. */
export const REALM = 'Porthole'

/** What is kept of a password for protocols that never send it; each worth the password to its protocol. */
interface SecretTypes {
  'digest-SHA-256': string
  'digest-MD5': string
  'wamp-cra': CraRecord
  scram: ScramRecord
}
export type SecretKind = keyof SecretTypes

/** Sealed, by kind: a user's, as they stand in the database. */
export type Sealed = ReadonlyMap<SecretKind, Buffer>

export interface SecretsOptions {
  readonly database: Database
  readonly vault: Vault
  readonly gate: Gate
  /** Whether MD5 is kept for Digest, because old cameras know nothing else; undefined: as the database has it. */
  readonly md5: boolean | undefined
  readonly log: Log
}

const contextOf = (user: string, kind: SecretKind) => `secret ${kind} ${user}`

/** What each protocol needs of a password, derived when it is set; sealed in memory and in the database. */
export class Secrets {
  readonly #options: SecretsOptions
  readonly #kinds: readonly SecretKind[]
  readonly #sealed = new Map<string, Sealed>()

  private constructor(options: SecretsOptions, md5: boolean) {
    this.#options = options
    this.#kinds = ['digest-SHA-256', ...(md5 ? (['digest-MD5'] as const) : []), 'wamp-cra', 'scram']
  }

  /** @throws VaultError when the key file is another one than that of the database */
  static async load(options: SecretsOptions): Promise<Secrets> {
    const { database, vault, log } = options
    const kept = await database.selectFrom('secret').select('kind').where('kind', '=', 'digest-MD5').limit(1).executeTakeFirst()
    const secrets = new Secrets(options, options.md5 ?? kept !== undefined)
    if (vault.isNew) {
      const { numDeletedRows } = await database.deleteFrom('secret').executeTakeFirst()
      if (numDeletedRows > 0n)
        log.warn('secret.key is new: what Digest, WAMP-CRA and SCRAM need is made again when users sign in with their password')
    }
    // Switched off is gone.
    await database.deleteFrom('secret').where('kind', 'not in', secrets.#kinds).execute()
    for (const { user, kind, sealed } of await database.selectFrom('secret').selectAll().execute()) {
      const row = new Map(secrets.#sealed.get(user)).set(kind as SecretKind, Buffer.from(sealed))
      secrets.#sealed.set(user, row)
    }
    const [first] = secrets.#sealed
    if (first) secrets.#check(...first)
    return secrets
  }

  #check(user: string, sealed: Sealed): void {
    try {
      for (const kind of sealed.keys()) this.find(user, kind)
    } catch (error) {
      throw new VaultError(
        'secret.key of the data directory is not the one of its database: put that one back; or delete it, and what Digest, WAMP-CRA and SCRAM need is made again when users sign in',
        { cause: error },
      )
    }
  }

  /** Whether something is missing of a user: their password was set before it was known, or before MD5 was switched on. */
  lacks(user: string): boolean {
    return this.#kinds.some((kind) => !this.#sealed.get(user)?.has(kind))
  }

  find<K extends SecretKind>(user: string, kind: K): SecretTypes[K] | undefined {
    const sealed = this.#sealed.get(user)?.get(kind)
    return sealed && (JSON.parse(this.#options.vault.open(sealed, contextOf(user, kind))) as SecretTypes[K])
  }

  /** What a client derives its key with; of unknown users too, always the same. */
  derivation(user: string, kind: 'wamp-cra' | 'scram'): Derivation {
    const found = this.find(user, kind)
    const salt = found?.salt ?? this.#options.vault.decoy(contextOf(user, kind)).subarray(0, SALT_BYTES).toString('base64')
    return { salt, iterations: found?.iterations ?? ITERATIONS }
  }

  /** @throws PortholeError server.limit */
  async derive(user: string, password: string): Promise<Sealed> {
    const { gate, vault } = this.#options
    const make: { [K in SecretKind]: () => SecretTypes[K] | Promise<SecretTypes[K]> } = {
      'digest-SHA-256': () => digest('SHA-256', user, password),
      'digest-MD5': () => digest('MD5', user, password),
      'wamp-cra': () => gate.run(() => craRecord(password, randomBytes(SALT_BYTES))),
      scram: () => gate.run(() => scramRecord(password, randomBytes(SALT_BYTES))),
    }
    const sealed = new Map<SecretKind, Buffer>()
    for (const kind of this.#kinds) sealed.set(kind, vault.seal(JSON.stringify(await make[kind]()), contextOf(user, kind)))
    return sealed
  }

  /** Writes them within the change of the password that they are of. */
  async write(transaction: Transaction<Tables>, user: string, sealed: Sealed | undefined): Promise<void> {
    await transaction.deleteFrom('secret').where('user', '=', user).execute()
    const rows = [...(sealed ?? [])].map(([kind, bytes]) => ({ user, kind, sealed: bytes }))
    if (rows.length > 0) await transaction.insertInto('secret').values(rows).execute()
  }

  /** Once they are written. */
  keep(user: string, sealed: Sealed | undefined): void {
    if (sealed) this.#sealed.set(user, sealed)
    else this.#sealed.delete(user)
  }
}

/** RFC 7616 §4: names and passwords are in NFC, as `charset=UTF-8` asks. */
const digest = (hash: DigestHash, user: string, password: string) => digestSecret(hash, user, REALM, password.normalize('NFC'))
