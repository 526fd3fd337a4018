import { randomBytes } from 'node:crypto'
import type { Camera, CameraSource, CameraStatus } from '../../shared/model/camera.ts'
import { MAX_ID_CHARS } from '../../shared/protocol/limits.ts'
import { isoTime, type Micros, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Bus } from '../bus/bus.ts'
import type { Channel } from '../bus/channel.ts'
import type { EventLog, Fact } from '../bus/log.ts'
import type { CameraRow, Database } from '../store/database.ts'

/** Milliseconds in which a deletion can be undone. */
export const UNDO_MS = 30_000
/** What ids of temporary cameras begin with, and the random bytes that follow: none comes twice. */
const TEMPORARY = 'phone'
const TEMPORARY_BYTES = 6

/** Feeds a camera from this side (a demo, a stream that is fetched); browsers come by themselves and have none. */
export interface SourceRunner {
  close(): Promise<void>
}

export interface CamerasOptions {
  readonly database: Database
  readonly bus: Bus
  readonly events: EventLog
  readonly clock: Clock
  readonly log: Log
  /** Starts what feeds a camera of this source, if anything does. */
  readonly runSource: (source: CameraSource, channel: Channel) => SourceRunner | undefined
}

export interface NewCamera {
  readonly id?: string | undefined
  readonly name: string
  readonly source: CameraSource
  /** Seconds. */
  readonly expiresIn?: number | undefined
  /** µs since the Unix epoch, instead. */
  readonly expiresAt?: number | null | undefined
}

/** What can be changed of a camera; the owner by owners alone. */
export interface CameraChange extends Pick<NewCamera, 'expiresIn' | 'expiresAt'> {
  readonly name?: string | undefined
  readonly owner?: string | undefined
}

interface Entry {
  /** Of a temporary camera it stands here alone, and in no database. */
  row: CameraRow
  readonly temporary: boolean
  runner: SourceRunner | undefined
  stopExpiry: (() => void) | undefined
}

/**
 * Every camera's life: made, changed, expired, deleted, brought back. Rows first, then memory: what was answered is durable. Temporary
 * cameras have no row: nothing of them is to stay.
 */
export class Cameras {
  readonly #options: CamerasOptions
  readonly #entries = new Map<string, Entry>()

  private constructor(options: CamerasOptions) {
    this.#options = options
  }

  static async load(options: CamerasOptions): Promise<Cameras> {
    const cameras = new Cameras(options)
    const rows = await options.database.selectFrom('camera').selectAll().where('deleted_at', 'is', null).execute()
    for (const row of rows) cameras.#raise(row)
    return cameras
  }

  list(): Camera[] {
    return [...this.#entries.values()].map(toCamera)
  }

  find(id: string): Camera | undefined {
    const entry = this.#entries.get(id)
    return entry && toCamera(entry)
  }

  /** @throws PortholeError camera.unknown, camera.deleted */
  async get(id: string): Promise<Camera> {
    return this.find(id) ?? (await this.#missing(id))
  }

  /**
   * A camera that stays: for what is kept of it in the database.
   * @throws PortholeError camera.unknown, camera.deleted, camera.temporary
   */
  async getLasting(id: string): Promise<Camera> {
    const camera = await this.get(id)
    if (camera.temporary) throw new PortholeError('camera.temporary')
    return camera
  }

  /** @throws PortholeError camera.unknown, camera.deleted */
  async status(id: string): Promise<CameraStatus> {
    const channel = this.#options.bus.find(id)
    return channel && this.#entries.has(id) ? statusOf(channel) : await this.#missing(id)
  }

  /** @throws PortholeError camera.exists when the id is or was in use */
  async create(wish: NewCamera, owner: string): Promise<Camera> {
    const { clock, events, log } = this.#options
    const now = clock.now()
    const row: CameraRow = {
      id: wish.id ?? '',
      name: wish.name,
      owner,
      source: JSON.stringify(wish.source),
      created_at: now,
      expires_at: expiry(now, wish),
      deleted_at: null,
    }
    for (const id of wish.id ? [wish.id] : slugs(wish.name)) {
      if (this.#entries.get(id)?.temporary) continue
      const made = { ...row, id }
      const isNew = await events.record(
        async (transaction, tell) => {
          const insert = transaction.insertInto('camera').values(made)
          const { numInsertedOrUpdatedRows } = await insert
            .onConflict((conflict) => conflict.column('id').doNothing())
            .executeTakeFirstOrThrow()
          if (numInsertedOrUpdatedRows !== 1n) return false
          tell(told('camera.created', made))
          return true
        },
        (isNew) => isNew && this.#raise(made),
      )
      if (!isNew) continue
      log.info({ camera: id, source: wish.source.kind }, 'camera created')
      return toCamera({ row: made, temporary: false })
    }
    throw new PortholeError('camera.exists')
  }

  /** A camera of a browser that is nowhere but in memory, until it is dismissed. */
  createTemporary(name: string, owner: string): Camera {
    const id = `${TEMPORARY}-${randomBytes(TEMPORARY_BYTES).toString('hex')}`
    const source = JSON.stringify({ kind: 'browser' } satisfies CameraSource)
    const row = { id, name, owner, source, created_at: this.#options.clock.now(), expires_at: null, deleted_at: null }
    this.#options.log.info({ camera: id }, 'temporary camera created')
    const camera = toCamera(this.#raise(row, true))
    void this.#options.events.pass({ kind: 'camera.created', camera, payload: camera })
    return camera
  }

  /** Ends a temporary camera, its publisher and its viewers. Idempotent. */
  dismiss(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry?.temporary) return
    this.#lower(entry, 'camera.deleted')
    this.#options.log.info({ camera: id }, 'temporary camera dismissed')
    void this.#options.events.pass(gone(entry.row))
  }

  /** @throws PortholeError camera.unknown, camera.deleted */
  async update(id: string, change: CameraChange): Promise<Camera> {
    const entry = this.#entries.get(id) ?? (await this.#missing(id))
    const set: Partial<CameraRow> = {}
    if (change.name !== undefined) set.name = change.name
    if (change.owner !== undefined) set.owner = change.owner
    if (change.expiresIn !== undefined || change.expiresAt !== undefined) set.expires_at = expiry(this.#options.clock.now(), change)
    if (Object.keys(set).length === 0) return toCamera(entry)
    const apply = () => {
      entry.row = { ...entry.row, ...set }
      this.#watchExpiry(entry)
    }
    if (entry.temporary) {
      apply()
      void this.#options.events.pass(told('camera.changed', entry.row, true))
      return toCamera(entry)
    }
    await this.#options.events.record(async (transaction, tell) => {
      // Another change may have had its turn before.
      this.#still(entry)
      await transaction.updateTable('camera').set(set).where('id', '=', id).execute()
      tell(told('camera.changed', { ...entry.row, ...set }))
    }, apply)
    return toCamera(entry)
  }

  /**
   * Deletes a camera: publisher and viewers end at once.
   * @returns until when it can be undone
   * @throws PortholeError camera.unknown, camera.deleted
   */
  async delete(id: string, code: 'camera.deleted' | 'camera.expired' = 'camera.deleted'): Promise<Micros> {
    const { clock, events, log } = this.#options
    const entry = this.#entries.get(id) ?? (await this.#missing(id))
    const now = clock.now()
    if (entry.temporary) {
      this.dismiss(id)
      return now
    }
    await events.record(
      async (transaction, tell) => {
        this.#still(entry)
        await transaction.updateTable('camera').set({ deleted_at: now }).where('id', '=', id).execute()
        tell(gone(entry.row))
      },
      () => this.#lower(entry, code),
    )
    await entry.runner?.close()
    log.info({ camera: id, code }, 'camera deleted')
    return micros(now + UNDO_MS * 1000)
  }

  /** @throws PortholeError camera.unknown, camera.undo when it is too late or was never deleted */
  async restore(id: string): Promise<Camera> {
    const { clock, events, log } = this.#options
    const now = clock.now()
    const row = await events.record(
      async (transaction, tell) => {
        const row = await transaction.selectFrom('camera').selectAll().where('id', '=', id).executeTakeFirst()
        if (!row) throw new PortholeError('camera.unknown')
        const late = row.deleted_at === null || now > row.deleted_at + UNDO_MS * 1000 || (row.expires_at !== null && row.expires_at <= now)
        if (late) throw new PortholeError('camera.undo')
        await transaction.updateTable('camera').set({ deleted_at: null }).where('id', '=', id).execute()
        const back = { ...row, deleted_at: null }
        tell(told('camera.created', back))
        return back
      },
      (row) => this.#raise(row),
    )
    log.info({ camera: id }, 'camera restored')
    return toCamera({ row, temporary: false })
  }

  /** Whose a camera is, or was before it was deleted; undefined when there never was one. */
  async ownerOf(id: string): Promise<string | undefined> {
    const entry = this.#entries.get(id)
    if (entry) return entry.row.owner
    return (await this.#options.database.selectFrom('camera').select('owner').where('id', '=', id).executeTakeFirst())?.owner
  }

  /** Gives all cameras of a user to another, deleted ones too. */
  async handOver(from: string, to: string): Promise<void> {
    const theirs = () => [...this.#entries.values()].filter((entry) => entry.row.owner === from)
    const give = (entry: Entry) => {
      entry.row = { ...entry.row, owner: to }
    }
    for (const entry of theirs())
      if (entry.temporary) {
        give(entry)
        void this.#options.events.pass(told('camera.changed', entry.row, true))
      }
    await this.#options.events.record(
      async (transaction, tell) => {
        await transaction.updateTable('camera').set({ owner: to }).where('owner', '=', from).execute()
        for (const { row } of theirs()) tell(told('camera.changed', { ...row, owner: to }))
      },
      () => theirs().forEach(give),
    )
  }

  async close(): Promise<void> {
    for (const entry of this.#entries.values()) entry.stopExpiry?.()
    await Promise.all([...this.#entries.values()].map((entry) => entry.runner?.close()))
  }

  /** @throws PortholeError camera.deleted when it went meanwhile */
  #still(entry: Entry): void {
    if (this.#entries.get(entry.row.id) !== entry) throw new PortholeError('camera.deleted')
  }

  #lower(entry: Entry, code: 'camera.deleted' | 'camera.expired'): void {
    this.#entries.delete(entry.row.id)
    entry.stopExpiry?.()
    this.#options.bus.close(entry.row.id, new PortholeError(code))
  }

  #raise(row: CameraRow, temporary = false): Entry {
    const channel = this.#options.bus.open(row.id)
    const entry: Entry = { row, temporary, runner: this.#options.runSource(JSON.parse(row.source), channel), stopExpiry: undefined }
    this.#entries.set(row.id, entry)
    this.#watchExpiry(entry)
    return entry
  }

  #watchExpiry(entry: Entry): void {
    const { clock, log } = this.#options
    entry.stopExpiry?.()
    entry.stopExpiry = undefined
    if (entry.row.expires_at === null) return
    entry.stopExpiry = clock.after((entry.row.expires_at - clock.now()) / 1000, () => {
      this.delete(entry.row.id, 'camera.expired').catch((error) => log.error({ err: error, camera: entry.row.id }, 'expiry failed'))
    })
  }

  async #missing(id: string): Promise<never> {
    const row = await this.#options.database.selectFrom('camera').select('id').where('id', '=', id).executeTakeFirst()
    throw new PortholeError(row ? 'camera.deleted' : 'camera.unknown')
  }
}

export const statusOf = (channel: Channel): CameraStatus => ({
  id: channel.id,
  state: channel.state,
  since: isoTime(channel.since),
  publishing: channel.state === 'live',
  viewers: channel.viewers,
})

const toCamera = ({ row, temporary }: Pick<Entry, 'row' | 'temporary'>): Camera => ({
  id: row.id,
  name: row.name,
  owner: row.owner,
  source: JSON.parse(row.source),
  createdAt: isoTime(micros(row.created_at)),
  expiresAt: row.expires_at === null ? null : isoTime(micros(row.expires_at)),
  ...(temporary && { temporary }),
})

const told = (kind: 'camera.created' | 'camera.changed', row: CameraRow, temporary = false): Fact => {
  const camera = toCamera({ row, temporary })
  return { kind, camera, payload: camera }
}

const gone = ({ id, owner }: CameraRow): Fact => ({ kind: 'camera.removed', camera: { id, owner }, payload: { id } })

const expiry = (now: Micros, { expiresIn, expiresAt = null }: Pick<NewCamera, 'expiresIn' | 'expiresAt'>): number | null =>
  expiresIn === undefined ? expiresAt : now + expiresIn * 1e6

/** Slugs for a name: itself, then with a number, then with something nobody has. */
function* slugs(name: string): Generator<string> {
  const base =
    name
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, MAX_ID_CHARS - 8)
      .replace(/^-+|-+$/g, '') || 'camera'
  yield base
  for (let n = 2; n < 100; n++) yield `${base}-${n}`
  for (let n = 0; n < 8; n++) yield `${base}-${crypto.randomUUID().slice(0, 7)}`
}
