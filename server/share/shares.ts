import { randomBytes } from 'node:crypto'
import type { InputOf } from '../../shared/contract/index.ts'
import { secretHash } from '../auth/hashes.ts'
import type { Vault } from '../auth/vault.ts'
import { type Clock, every } from '../base/clock.ts'
import { Counts } from '../base/counts.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { placeOf } from '../base/networks.ts'
import type { Database, ShareRow } from '../store/database.ts'

const TOKEN_BYTES = 24
const ID_BYTES = 6
/** Shares at once. */
const MAX_SHARES = 1000
/** Tokens that are none, from one address within a minute, after which it is told so no more. */
const MAX_WRONG = 30
/** µs that one is kept after it expired: it can be given more time. */
const KEPT_US = 30 * 86_400 * 1e6
/** Milliseconds between two times that views are written down: a crash forgets no more. */
const VIEWS_MS = 10_000

/** What can be said of a share, when it is made and later. */
export type ShareSettings = Omit<InputOf<'porthole.share.create'>, 'camera' | 'cameras'>

/** A share as it is now; its token and passcode are opened from the vault when it is loaded. */
export interface ShareEntry {
  readonly id: string
  readonly token: string
  readonly passcode: string | null
  readonly label: string
  readonly cameras: readonly string[]
  readonly createdBy: string
  /** µs since the Unix epoch. */
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly maxViewers: number | null
  readonly origins: readonly string[] | null
  readonly audio: boolean
  views: number
}

/** Where each setting is kept. */
const COLUMNS = {
  label: 'label',
  passcode: 'passcode',
  expiresAt: 'expires_at',
  maxViewers: 'max_viewers',
  origins: 'origins',
  audio: 'audio',
} as const satisfies Partial<Record<keyof ShareEntry, keyof ShareRow>>

export interface SharesOptions {
  readonly database: Database
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
}

/** Every share: in memory, because each visitor asks; written through. Told to `onChanged` when who came by it must go. */
export class Shares {
  readonly #options: SharesOptions
  readonly #entries = new Map<string, ShareEntry>()
  readonly #byHash = new Map<string, string>()
  readonly #wrong: Counts
  readonly #viewed = new Set<string>()
  readonly #stopWriting: () => void
  /** Set by who holds the visitors. */
  onChanged: (id: string, error: PortholeError) => void = () => {}

  private constructor(options: SharesOptions) {
    this.#options = options
    this.#wrong = new Counts(options.clock)
    this.#stopWriting = every(options.clock, VIEWS_MS, () => void this.#writeViews())
  }

  static async load(options: SharesOptions): Promise<Shares> {
    const { database, vault, log } = options
    const shares = new Shares(options)
    const rows = await database.selectFrom('share').selectAll().orderBy('created_at').execute()
    if (vault.isNew && rows.length > 0) {
      // Nobody can show or check their tokens any more.
      await database.deleteFrom('share').execute()
      log.warn({ shares: rows.length }, 'the key file is new: the shares that were sealed by the old one are gone')
      return shares
    }
    for (const row of rows)
      try {
        shares.#keep(shares.#opened(row))
      } catch (error) {
        log.error({ err: error, share: row.id }, 'a share cannot be read, and is left alone')
      }
    await shares.#dropExpired(KEPT_US)
    return shares
  }

  list(): ShareEntry[] {
    return [...this.#entries.values()]
  }

  /** @throws PortholeError share.unknown */
  get(id: string): ShareEntry {
    const entry = this.#entries.get(id)
    if (!entry) throw new PortholeError('share.unknown')
    return entry
  }

  /**
   * The share of a link. Tokens are too long to be guessed: who shows many that are none is told less, and who shows a right one gets in.
   * @param address of the client
   * @throws PortholeError share.unknown, share.expired, request.rate
   */
  find(token: string, address: string): ShareEntry {
    const id = this.#byHash.get(secretHash(token))
    if (id !== undefined) return this.#current(this.get(id))
    const place = placeOf(address)
    const count = this.#wrong.of(place)
    this.#wrong.add(place, count < MAX_WRONG ? 1 : 0)
    throw new PortholeError(count < MAX_WRONG ? 'share.unknown' : 'request.rate')
  }

  /** @throws PortholeError server.limit, request.invalid */
  async create(cameras: readonly string[], settings: ShareSettings, createdBy: string): Promise<ShareEntry> {
    const { clock, log } = this.#options
    if (this.#entries.size >= MAX_SHARES) await this.#dropExpired(0)
    if (this.#entries.size >= MAX_SHARES) throw new PortholeError('server.limit', `there are ${MAX_SHARES} shares already; take some back`)
    const entry: ShareEntry = {
      id: randomBytes(ID_BYTES).toString('hex'),
      token: randomBytes(TOKEN_BYTES).toString('base64url'),
      label: '',
      cameras,
      createdBy,
      createdAt: clock.now(),
      audio: false,
      views: 0,
      ...{ passcode: null, expiresAt: null, maxViewers: null, origins: null },
      ...this.#settled(settings),
    }
    await this.#options.database.insertInto('share').values(this.#sealed(entry)).execute()
    this.#keep(entry)
    log.info({ share: entry.id, cameras }, 'shared')
    return entry
  }

  /** Who came by it begins anew when what binds them changed. @throws PortholeError share.unknown, request.invalid */
  async update(id: string, settings: ShareSettings): Promise<ShareEntry> {
    const set = this.#settled(settings)
    const row = this.#sealed({ ...this.get(id), ...set })
    // No column that another change may be writing.
    const columns = Object.entries(COLUMNS).flatMap(([name, column]) => (name in set ? [[column, row[column]] as const] : []))
    if (columns.length > 0)
      await this.#options.database.updateTable('share').set(Object.fromEntries(columns)).where('id', '=', id).execute()
    const entry = { ...this.get(id), ...set }
    this.#keep(entry)
    // Who would come back by themselves with the old passcode would be counted as guessing.
    if (typeof set.passcode === 'string') this.onChanged(id, new PortholeError('share.passcode'))
    else if (['passcode', 'origins', 'audio', 'expiresAt'].some((name) => name in set))
      this.onChanged(id, new PortholeError('share.changed'))
    return entry
  }

  /** Takes a share back. @throws PortholeError share.unknown */
  async delete(id: string): Promise<void> {
    const entry = this.get(id)
    // Known no more before it is gone from the database, and not the other way round.
    this.#entries.delete(id)
    this.#byHash.delete(secretHash(entry.token))
    this.onChanged(id, new PortholeError('share.unknown'))
    try {
      await this.#options.database.deleteFrom('share').where('id', '=', id).execute()
    } catch (error) {
      // It would be there again at the next start: its owner must be able to try again.
      this.#keep(entry)
      throw error
    }
    this.#options.log.info({ share: id }, 'share taken back')
  }

  viewed(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.views++
    this.#viewed.add(id)
  }

  async close(): Promise<void> {
    this.#stopWriting()
    await this.#writeViews()
  }

  /** Drops those of which no camera is left: nobody can bring them back. */
  async prune(isThere: (camera: string) => boolean): Promise<void> {
    for (const { id, cameras } of this.list()) if (!cameras.some(isThere)) await this.delete(id)
  }

  /** Those that are over for longer than some microseconds. */
  async #dropExpired(longer: number): Promise<void> {
    const before = this.#options.clock.now() - longer
    for (const { id, expiresAt } of this.list()) if (expiresAt !== null && expiresAt <= before) await this.delete(id)
  }

  #current(entry: ShareEntry): ShareEntry {
    if (entry.expiresAt !== null && entry.expiresAt <= this.#options.clock.now()) throw new PortholeError('share.expired')
    return entry
  }

  #keep(entry: ShareEntry): void {
    this.#entries.set(entry.id, entry)
    this.#byHash.set(secretHash(entry.token), entry.id)
  }

  /** What was said, as an entry has it. */
  #settled({ expiresIn, origins, ...rest }: ShareSettings): Partial<ShareEntry> {
    for (const origin of origins ?? [])
      if (!URL.canParse(origin) || new URL(origin).origin !== origin)
        throw new PortholeError('request.invalid', `origins: ${origin} is no origin; say something like https://blog.example`)
    const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    return {
      ...said,
      ...(origins !== undefined && { origins }),
      ...(expiresIn !== undefined && { expiresAt: expiresIn === null ? null : this.#options.clock.now() + expiresIn * 1e6 }),
    }
  }

  async #writeViews(): Promise<void> {
    const ids = [...this.#viewed]
    this.#viewed.clear()
    for (const id of ids) {
      const views = this.#entries.get(id)?.views
      if (views === undefined) continue
      await this.#options.database
        .updateTable('share')
        .set({ views })
        .where('id', '=', id)
        .execute()
        .catch((error) => this.#options.log.error({ err: error, share: id }, 'views were not written down'))
    }
  }

  #sealed(entry: ShareEntry): ShareRow {
    const { vault } = this.#options
    return {
      id: entry.id,
      hash: secretHash(entry.token),
      token: vault.seal(entry.token, `share ${entry.id} token`),
      passcode: entry.passcode === null ? null : vault.seal(entry.passcode, `share ${entry.id} passcode`),
      label: entry.label,
      cameras: JSON.stringify(entry.cameras),
      created_by: entry.createdBy,
      created_at: entry.createdAt,
      expires_at: entry.expiresAt,
      max_viewers: entry.maxViewers,
      origins: entry.origins === null ? null : JSON.stringify(entry.origins),
      audio: entry.audio ? 1 : 0,
      views: entry.views,
    }
  }

  #opened(row: ShareRow): ShareEntry {
    const { vault } = this.#options
    return {
      id: row.id,
      token: vault.open(Buffer.from(row.token), `share ${row.id} token`),
      passcode: row.passcode === null ? null : vault.open(Buffer.from(row.passcode), `share ${row.id} passcode`),
      label: row.label,
      cameras: JSON.parse(row.cameras),
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      maxViewers: row.max_viewers,
      origins: row.origins === null ? null : JSON.parse(row.origins),
      audio: row.audio === 1,
      views: row.views,
    }
  }
}
