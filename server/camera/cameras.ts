import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Camera, CameraSource, CameraStatus } from '../../shared/model/camera.ts'
import { MAX_ID_CHARS } from '../../shared/protocol/limits.ts'
import { isoTime, type Micros, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Bus } from '../bus/bus.ts'
import type { Channel } from '../bus/channel.ts'
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
  readonly clock: Clock
  readonly log: Log
  /** Starts what feeds a camera of this source, if anything does. */
  readonly runSource: (source: CameraSource, channel: Channel) => SourceRunner | undefined
}

export interface CameraEvents {
  changed: [camera: Camera]
  removed: [id: string, owner: string]
}

export interface NewCamera {
  readonly id?: string | undefined
  readonly name: string
  readonly source: CameraSource
  /** Seconds. */
  readonly expiresIn?: number | undefined
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
  readonly events = new EventEmitter<CameraEvents>()
  readonly #options: CamerasOptions
  readonly #entries = new Map<string, Entry>()

  private constructor(options: CamerasOptions) {
    this.#options = options
    this.events.setMaxListeners(0)
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
    const { clock, database, log } = this.#options
    const now = clock.now()
    const row: CameraRow = {
      id: wish.id ?? '',
      name: wish.name,
      owner,
      source: JSON.stringify(wish.source),
      created_at: now,
      expires_at: expiry(now, wish.expiresIn),
      deleted_at: null,
    }
    for (const id of wish.id ? [wish.id] : slugs(wish.name)) {
      if (this.#entries.get(id)?.temporary) continue
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('camera')
        .values({ ...row, id })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows !== 1n) continue
      log.info({ camera: id, source: wish.source.kind }, 'camera created')
      const made = { ...row, id }
      return this.#begin(made)
    }
    throw new PortholeError('camera.exists')
  }

  /** A camera of a browser that is nowhere but in memory, until it is dismissed. */
  createTemporary(name: string, owner: string): Camera {
    const id = `${TEMPORARY}-${randomBytes(TEMPORARY_BYTES).toString('hex')}`
    const source = JSON.stringify({ kind: 'browser' } satisfies CameraSource)
    this.#options.log.info({ camera: id }, 'temporary camera created')
    return this.#begin({ id, name, owner, source, created_at: this.#options.clock.now(), expires_at: null, deleted_at: null }, true)
  }

  /** Ends a temporary camera, its publisher and its viewers. Idempotent. */
  dismiss(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry?.temporary) return
    const { bus, log } = this.#options
    this.#entries.delete(id)
    entry.stopExpiry?.()
    bus.close(id, new PortholeError('camera.deleted'))
    log.info({ camera: id }, 'temporary camera dismissed')
    this.events.emit('removed', id, entry.row.owner)
  }

  /** @throws PortholeError camera.unknown, camera.deleted */
  async update(id: string, change: { name?: string | undefined; expiresIn?: number | undefined }): Promise<Camera> {
    const entry = this.#entries.get(id) ?? (await this.#missing(id))
    const set: Partial<CameraRow> = {}
    if (change.name !== undefined) set.name = change.name
    if (change.expiresIn !== undefined) set.expires_at = expiry(this.#options.clock.now(), change.expiresIn)
    if (Object.keys(set).length > 0 && !entry.temporary)
      await this.#options.database.updateTable('camera').set(set).where('id', '=', id).execute()
    entry.row = { ...entry.row, ...set }
    this.#watchExpiry(entry)
    const camera = toCamera(entry)
    this.events.emit('changed', camera)
    return camera
  }

  /**
   * Deletes a camera: publisher and viewers end at once.
   * @returns until when it can be undone
   * @throws PortholeError camera.unknown, camera.deleted
   */
  async delete(id: string, code: 'camera.deleted' | 'camera.expired' = 'camera.deleted'): Promise<Micros> {
    const { bus, clock, database, log } = this.#options
    const entry = this.#entries.get(id) ?? (await this.#missing(id))
    const now = clock.now()
    if (entry.temporary) {
      this.dismiss(id)
      return now
    }
    await database.updateTable('camera').set({ deleted_at: now }).where('id', '=', id).execute()
    this.#entries.delete(id)
    entry.stopExpiry?.()
    bus.close(id, new PortholeError(code))
    await entry.runner?.close()
    log.info({ camera: id, code }, 'camera deleted')
    this.events.emit('removed', id, entry.row.owner)
    return micros(now + UNDO_MS * 1000)
  }

  /** @throws PortholeError camera.unknown, camera.undo when it is too late or was never deleted */
  async restore(id: string): Promise<Camera> {
    const { clock, database, log } = this.#options
    const row = await database.selectFrom('camera').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw new PortholeError('camera.unknown')
    const now = clock.now()
    const late = row.deleted_at === null || now > row.deleted_at + UNDO_MS * 1000 || (row.expires_at !== null && row.expires_at <= now)
    if (late) throw new PortholeError('camera.undo')
    const { numUpdatedRows } = await database
      .updateTable('camera')
      .set({ deleted_at: null })
      .where('id', '=', id)
      .where('deleted_at', 'is not', null)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows !== 1n) throw new PortholeError('camera.undo')
    log.info({ camera: id }, 'camera restored')
    return this.#begin({ ...row, deleted_at: null })
  }

  /** Whose a camera is, or was before it was deleted; undefined when there never was one. */
  async ownerOf(id: string): Promise<string | undefined> {
    const entry = this.#entries.get(id)
    if (entry) return entry.row.owner
    return (await this.#options.database.selectFrom('camera').select('owner').where('id', '=', id).executeTakeFirst())?.owner
  }

  /** Gives all cameras of a user to another, deleted ones too. */
  async handOver(from: string, to: string): Promise<void> {
    await this.#options.database.updateTable('camera').set({ owner: to }).where('owner', '=', from).execute()
    for (const entry of this.#entries.values()) {
      if (entry.row.owner !== from) continue
      entry.row = { ...entry.row, owner: to }
      this.events.emit('changed', toCamera(entry))
    }
  }

  async close(): Promise<void> {
    for (const entry of this.#entries.values()) entry.stopExpiry?.()
    await Promise.all([...this.#entries.values()].map((entry) => entry.runner?.close()))
  }

  /** Raises a camera that was not there, and tells of it. */
  #begin(row: CameraRow, temporary = false): Camera {
    const camera = toCamera(this.#raise(row, temporary))
    this.events.emit('changed', camera)
    return camera
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

const expiry = (now: Micros, seconds: number | undefined): number | null => (seconds === undefined ? null : now + seconds * 1e6)

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
