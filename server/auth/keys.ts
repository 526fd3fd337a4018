import { randomBytes, randomInt } from 'node:crypto'
import type { Key, NewKey } from '../../shared/model/key.ts'
import { isKey, KEY_CHARS, KEY_PREFIX } from '../../shared/model/key-form.ts'
import type { UserRole } from '../../shared/model/session.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Database, KeyRow } from '../store/database.ts'
import type { Checker, Credential, Identity } from './credential.ts'
import { secretHash } from './hashes.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_BYTES = 6
/** Keys of one user, and of one camera. */
const MAX_KEYS = 100
/** µs in which a key's use is written down once. */
const USED_US = 3600 * 1e6

const newId = () => randomBytes(ID_BYTES).toString('hex')
const newSecret = () => KEY_PREFIX + Array.from({ length: KEY_CHARS }, () => BASE62[randomInt(BASE62.length)]).join('')

/** Whose a key is: a user's, or of a camera that it feeds. */
export type KeyHolder = { readonly user: string; readonly role?: UserRole | undefined } | { readonly camera: string }

/** Keys of users and of cameras: shown once, stored as their hash. A checker of bearer keys, and of passwords that are keys. */
export class Keys implements Checker {
  readonly name = 'keys'
  readonly verifies = ['key', 'password'] as const
  readonly #database: Database
  readonly #clock: Clock
  readonly #rows = new Map<string, KeyRow>()
  readonly #byHash = new Map<string, KeyRow>()
  /** Keys that feed a temporary camera, by their hash: in memory, in no list. */
  readonly #lent = new Map<string, { readonly id: string; readonly camera: string }>()

  private constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  static async load(database: Database, clock: Clock): Promise<Keys> {
    const keys = new Keys(database, clock)
    for (const row of await database.selectFrom('key').selectAll().orderBy('created_at').execute()) keys.#keep(row)
    return keys
  }

  async check(credential: Credential): Promise<Identity | undefined> {
    return this.recall(credential)
  }

  /** Found by its hash: no work, and nothing that could be guessed. */
  recall(credential: Credential): Identity | undefined {
    const { key, user } = shown(credential)
    const hash = key === undefined ? '' : secretHash(key)
    const lent = this.#lent.get(hash)
    if (lent && (user === undefined || user === lent.camera)) return { user: undefined, via: lent.id, isKey: true, camera: lent.camera }
    const row = this.#byHash.get(hash)
    if (!row) return undefined
    // Of clients that know only user and password: the key's user, or the camera, stands for the user.
    if (user !== undefined && user !== (row.user ?? row.camera)) return undefined
    this.#used(row)
    return { user: row.user ?? undefined, via: row.id, isKey: true, atMost: row.role ?? undefined, camera: row.camera ?? undefined }
  }

  /** @throws PortholeError server.limit */
  async create(name: string, holder: KeyHolder): Promise<NewKey> {
    const [user, camera, role] = 'user' in holder ? [holder.user, null, holder.role ?? null] : [null, holder.camera, null]
    const of = [...this.#rows.values()].filter((row) => row.user === user && row.camera === camera)
    if (of.length >= MAX_KEYS) throw new PortholeError('server.limit', `there are ${MAX_KEYS} keys already; delete some`)
    const key = newSecret()
    const row = {
      id: newId(),
      hash: secretHash(key),
      name,
      user,
      camera,
      role,
      created_at: this.#clock.now(),
      used_at: null,
    }
    await this.#database.insertInto('key').values(row).execute()
    this.#keep(row)
    return { id: row.id, key }
  }

  /** A key that feeds a camera until it is taken back, or this process ends. */
  lend(camera: string): NewKey {
    const [id, key] = [newId(), newSecret()]
    this.#lent.set(secretHash(key), { id, camera })
    return { id, key }
  }

  /** Idempotent. */
  takeBack({ key }: NewKey): void {
    this.#lent.delete(secretHash(key))
  }

  /** The same key with a new secret. @throws PortholeError key.unknown */
  async rotate(id: string): Promise<NewKey> {
    const key = newSecret()
    this.#known(id)
    await this.#database
      .updateTable('key')
      .set({ hash: secretHash(key) })
      .where('id', '=', id)
      .execute()
    const now = this.#rows.get(id)
    if (!now) throw new PortholeError('key.unknown')
    this.#byHash.delete(now.hash)
    this.#keep({ ...now, hash: secretHash(key) })
    return { id, key }
  }

  /** @throws PortholeError key.unknown */
  get(id: string): Key {
    return toKey(this.#known(id))
  }

  find(id: string): Key | undefined {
    const row = this.#rows.get(id)
    return row && toKey(row)
  }

  list(of: { readonly user?: string; readonly camera?: string }): Key[] {
    const rows = [...this.#rows.values()]
    return rows.filter(({ user, camera }) => (!of.user || user === of.user) && (!of.camera || camera === of.camera)).map(toKey)
  }

  async delete(id: string): Promise<void> {
    const row = this.#known(id)
    // Known no more before it is gone from the database, and not the other way round.
    this.#rows.delete(id)
    this.#byHash.delete(row.hash)
    await this.#database.deleteFrom('key').where('id', '=', id).execute()
  }

  /** All that a user has. */
  async deleteAll(user: string): Promise<void> {
    for (const { id } of this.list({ user })) await this.delete(id)
  }

  #known(id: string): KeyRow {
    const row = this.#rows.get(id)
    if (!row) throw new PortholeError('key.unknown')
    return row
  }

  #keep(row: KeyRow): void {
    this.#rows.set(row.id, row)
    this.#byHash.set(row.hash, row)
  }

  #used(row: KeyRow): void {
    const now = this.#clock.now()
    if (now - (row.used_at ?? 0) < USED_US) return
    row.used_at = now
    // What it is good for does not depend on it.
    this.#database
      .updateTable('key')
      .set({ used_at: now })
      .where('id', '=', row.id)
      .execute()
      .catch(() => {})
  }
}

function shown(credential: Credential): { readonly key?: string; readonly user?: string } {
  if (credential.kind === 'key') return { key: credential.key }
  if (credential.kind !== 'password' || !isKey(credential.password)) return {}
  return { key: credential.password, user: credential.user }
}

const toKey = ({ id, name, user, camera, role, created_at, used_at }: KeyRow): Key => ({
  id,
  name,
  ...(user !== null && { user }),
  ...(camera !== null && { camera }),
  ...(role !== null && { role }),
  createdAt: isoTime(micros(created_at)),
  usedAt: used_at === null ? null : isoTime(micros(used_at)),
})
