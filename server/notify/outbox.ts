import type { Selectable, Transaction } from 'kysely'
import type { Told } from '../bus/log.ts'
import type { Database, DeliveryRow, Tables } from '../store/database.ts'
import type { WebhookEntry } from './webhooks.ts'

/** Deliveries of one webhook that wait; the oldest make room, and are counted as failed. */
const MAX_WAITING = 2000
/** Deliveries that are dropped at once when too many wait. */
const ROOM = 50
/** Deliveries of one webhook that are remembered when they are over. */
const MAX_OVER = 200
/** Deliveries that are over, of one webhook, between two looks at how many there are. */
const TRIM_EVERY = 50

export type DeliveryEntry = Selectable<DeliveryRow>

/** How an attempt went. */
export interface Outcome {
  readonly state: 'waiting' | 'delivered' | 'failed'
  readonly status: number | null
  readonly error: string | null
  readonly ms: number
  /** When it is tried again, while it waits. */
  readonly nextAt: number | null
}

/** What waits to be delivered, and what was: durable, and in the transaction of the event that it tells of. */
export class Outbox {
  readonly #database: Database
  readonly #overs = new Map<string, number>()
  /** Deliveries that may wait, at most: counted anew only when there seem to be too many. */
  readonly #waits = new Map<string, number>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Puts an event in for some webhooks. */
  async put(transaction: Transaction<Tables>, { id, kind, camera, at, text }: Told, webhooks: readonly WebhookEntry[]): Promise<void> {
    if (webhooks.length === 0) return
    for (const { id: webhook } of webhooks) await this.#makeRoom(transaction, webhook)
    const of = { event: id ?? null, camera: camera.id, owner: camera.owner }
    await transaction
      .insertInto('delivery')
      .values(webhooks.map((webhook) => ({ ...blank(webhook.id, kind, text, at), ...of })))
      .execute()
  }

  /** Puts a test in, which is tried at once and once. @param at µs since the Unix epoch */
  async putTest(webhook: string, body: string, at: number): Promise<DeliveryEntry> {
    const over = { state: 'failed', error: 'cut off', next_at: null } as const
    const row = { ...blank(webhook, 'test', body, at), event: null, camera: null, owner: null, ...over }
    return this.#database.insertInto('delivery').values(row).returningAll().executeTakeFirstOrThrow()
  }

  /** The next that waits; by time, then by age. */
  next(webhook: string): Promise<DeliveryEntry | undefined> {
    return this.#waiting(webhook).orderBy('next_at').orderBy('id').limit(1).executeTakeFirst()
  }

  async attempted({ id, webhook, attempts }: DeliveryEntry, at: number, outcome: Outcome): Promise<void> {
    const { state, status, error, ms, nextAt } = outcome
    await this.#database
      .updateTable('delivery')
      .set({ state, status, error, ms, next_at: nextAt, attempts: attempts + 1, attempted_at: at })
      .where('id', '=', id)
      .execute()
    if (state !== 'waiting') await this.#trim(webhook)
  }

  /** Has one tried again now, that is waiting or over. @returns undefined when there is none */
  again(webhook: string, id: number, now: number): Promise<DeliveryEntry | undefined> {
    return this.#database
      .updateTable('delivery')
      .set({ state: 'waiting', next_at: now })
      .where('id', '=', id)
      .where('webhook', '=', webhook)
      .returningAll()
      .executeTakeFirst()
  }

  find(webhook: string, id: number): Promise<DeliveryEntry | undefined> {
    return this.#database.selectFrom('delivery').selectAll().where('webhook', '=', webhook).where('id', '=', id).executeTakeFirst()
  }

  /** The newest first. @param before id of one */
  list(webhook: string, before: number | undefined, limit: number): Promise<DeliveryEntry[]> {
    const all = this.#database.selectFrom('delivery').selectAll().where('webhook', '=', webhook).orderBy('id', 'desc').limit(limit)
    return (before === undefined ? all : all.where('id', '<', before)).execute()
  }

  async countWaiting(webhook: string, database: Database | Transaction<Tables> = this.#database): Promise<number> {
    const { count } = await database
      .selectFrom('delivery')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('webhook', '=', webhook)
      .where('state', '=', 'waiting')
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  #waiting(webhook: string) {
    return this.#database.selectFrom('delivery').selectAll().where('webhook', '=', webhook).where('state', '=', 'waiting')
  }

  async #makeRoom(transaction: Transaction<Tables>, webhook: string): Promise<void> {
    const guess = (this.#waits.get(webhook) ?? MAX_WAITING) + 1
    const count = guess <= MAX_WAITING ? guess : (await this.countWaiting(webhook, transaction)) + 1
    this.#waits.set(webhook, count)
    if (count <= MAX_WAITING) return
    // Many at once: they are not counted again before as many came.
    const oldest = transaction
      .selectFrom('delivery')
      .select('id')
      .where('webhook', '=', webhook)
      .where('state', '=', 'waiting')
      .orderBy('id')
      .limit(count - MAX_WAITING + ROOM)
    const set = { state: 'failed', next_at: null, error: `more than ${MAX_WAITING} waited` } as const
    await transaction.updateTable('delivery').set(set).where('id', 'in', oldest).execute()
    this.#waits.set(webhook, MAX_WAITING - ROOM)
  }

  async #trim(webhook: string): Promise<void> {
    const overs = (this.#overs.get(webhook) ?? TRIM_EVERY) + 1
    this.#overs.set(webhook, overs % TRIM_EVERY)
    if (overs < TRIM_EVERY) return
    const kept = this.#database
      .selectFrom('delivery')
      .select('id')
      .where('webhook', '=', webhook)
      .where('state', '!=', 'waiting')
      .orderBy('id', 'desc')
    const oldest = await kept.offset(MAX_OVER).limit(1).executeTakeFirst()
    if (!oldest) return
    await this.#database
      .deleteFrom('delivery')
      .where('webhook', '=', webhook)
      .where('state', '!=', 'waiting')
      .where('id', '<=', oldest.id)
      .execute()
  }
}

const blank = (webhook: string, kind: string, body: string, at: number) => ({
  webhook,
  kind,
  body,
  created_at: at,
  state: 'waiting' as const,
  attempts: 0,
  attempted_at: null,
  status: null,
  error: null,
  ms: null,
  next_at: at,
})
