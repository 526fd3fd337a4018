import type { Selectable, Transaction } from 'kysely'
import type { Static } from 'typebox'
import { type Event, type TopicKind, topicOf, type topics } from '../../shared/contract/feed.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Database, EventRow, Tables } from '../store/database.ts'

/** Events that are kept. */
export const MAX_EVENTS = 100_000
/** Events written between two looks at how many there are. */
const TRIM_EVERY = 500

/** The camera that an event is of, as far as its readers' leave depends on it. */
export interface Subject {
  readonly id: string
  readonly owner: string
}

/** Something that happened, before it is written down. */
export type Fact = {
  [K in TopicKind]: { readonly kind: K; readonly camera: Subject; readonly payload: Static<(typeof topics)[K]['payload']> }
}[TopicKind]

/** Something that happened, as it is told. */
export interface Told {
  /** Undefined: of the moment. */
  readonly id: number | undefined
  /** µs since the Unix epoch. */
  readonly at: number
  readonly kind: TopicKind
  readonly camera: Subject
  /** The message, written once for all readers. */
  readonly text: string
}

/** Which of the kept events. */
export interface EventWish {
  /** Later ones than this. */
  readonly after: number
  readonly cameras?: readonly string[] | undefined
  readonly kinds?: readonly string[] | undefined
  /** µs since the Unix epoch; the second is no more part of it. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly limit: number
}

/** Writes something in the transaction that keeps the events. */
export type AlongWith = (transaction: Transaction<Tables>, told: readonly Told[]) => Promise<void>

export interface EventLogOptions {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly maxEvents?: number
}

/**
 * What happened, in order, each with a number of its own. A change and what it tells are one transaction: there is no instant at which
 * one is kept without the other. Told is after that, in the order of the numbers.
 */
export class EventLog {
  readonly #options: EventLogOptions
  readonly #readers = new Set<(told: Told) => void>()
  readonly #along: AlongWith[] = []
  #last: number
  #first: number
  #untilTrim = 0
  /** All that is written and told, one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(options: EventLogOptions, first: number, last: number) {
    this.#options = options
    this.#first = first
    this.#last = last
  }

  static async load(options: EventLogOptions): Promise<EventLog> {
    const { min, max } = options.database.fn
    const row = await options.database
      .selectFrom('event')
      .select([min('id').as('first'), max('id').as('last')])
      .executeTakeFirst()
    return new EventLog(options, Number(row?.first ?? 1), Number(row?.last ?? 0))
  }

  /** The newest number; 0 before the first event. */
  get last(): number {
    return this.#last
  }

  /** The oldest number that is kept. */
  get first(): number {
    return this.#first
  }

  /** Listens from now on. @returns stops */
  onTold(reader: (told: Told) => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Has `write` be part of each transaction that keeps events. */
  writeAlong(write: AlongWith): void {
    this.#along.push(write)
  }

  /**
   * Makes a change and keeps what it tells with it.
   * @param change writes in the transaction, and says what is to be told
   * @param apply makes the kept change true in memory, before it is told
   * @throws what `change` throws; then nothing is changed and nothing told
   */
  record<T>(
    change: (transaction: Transaction<Tables>, tell: (fact: Fact) => void) => Promise<T>,
    apply: (result: T) => void = () => {},
  ): Promise<T> {
    return this.#inTurn(async () => {
      const { result, told } = await this.#options.database.transaction().execute(async (transaction) => {
        const facts: Fact[] = []
        const result = await change(transaction, (fact) => facts.push(fact))
        return { result, told: await this.#keep(transaction, facts) }
      })
      this.#last = told.at(-1)?.id ?? this.#last
      apply(result)
      for (const each of told) this.#tell(each)
      this.#untilTrim -= told.length
      if (this.#untilTrim < 0) await this.#trim()
      return result
    })
  }

  /** Keeps and tells a fact that changes nothing else; what cannot be kept is told all the same. */
  async tell(fact: Fact): Promise<void> {
    try {
      await this.record(async (_transaction, tell) => tell(fact))
    } catch (error) {
      this.#options.log.error({ err: error, kind: fact.kind, camera: fact.camera.id }, 'an event was not kept')
      await this.pass(fact)
    }
  }

  /** Tells what is of the moment: it is kept nowhere. */
  pass(fact: Fact): Promise<void> {
    return this.#inTurn(async () => this.#tell(toldOf(undefined, this.#options.clock.now(), fact)))
  }

  /** The oldest first. */
  async read({ after, cameras, kinds, from, to, limit }: EventWish): Promise<Told[]> {
    let query = this.#options.database.selectFrom('event').selectAll().where('id', '>', after).orderBy('id').limit(limit)
    if (cameras) query = query.where('camera', 'in', [...cameras])
    if (kinds) query = query.where('kind', 'in', [...kinds])
    if (from !== undefined) query = query.where('at', '>=', from)
    if (to !== undefined) query = query.where('at', '<', to)
    return (await query.execute()).map(fromRow)
  }

  /** The newest event of a kind, of each camera that has one. */
  async newest(kind: TopicKind): Promise<Told[]> {
    const { database } = this.#options
    const ids = database
      .selectFrom('event')
      .select(({ fn }) => fn.max<number>('id').as('id'))
      .where('kind', '=', kind)
      .groupBy('camera')
    return (await database.selectFrom('event').selectAll().where('id', 'in', ids).execute()).map(fromRow)
  }

  /** When all is written. */
  async close(): Promise<void> {
    await this.#queue
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(task)
    this.#queue = mine.catch(() => {})
    return mine
  }

  async #keep(transaction: Transaction<Tables>, facts: readonly Fact[]): Promise<Told[]> {
    const at = this.#options.clock.now()
    const told: Told[] = []
    for (const fact of facts) {
      const { kind, camera, payload } = fact
      const row = { at, kind, camera: camera.id, owner: camera.owner, payload: JSON.stringify(payload) }
      const { insertId } = await transaction.insertInto('event').values(row).executeTakeFirstOrThrow()
      told.push(toldOf(Number(insertId), at, fact))
    }
    if (told.length > 0) for (const write of this.#along) await write(transaction, told)
    return told
  }

  #tell(told: Told): void {
    for (const reader of this.#readers) reader(told)
  }

  async #trim(): Promise<void> {
    const { database, log, maxEvents = MAX_EVENTS } = this.#options
    this.#untilTrim = TRIM_EVERY
    const first = this.#last - maxEvents + 1
    if (first <= this.#first) return
    try {
      await database.deleteFrom('event').where('id', '<', first).execute()
      this.#first = first
    } catch (error) {
      log.error({ err: error }, 'old events were not trimmed')
    }
  }
}

function toldOf(id: number | undefined, at: number, { kind, camera, payload }: Fact): Told {
  const message = {
    type: 'event',
    ...(id !== undefined && { id }),
    at: isoTime(micros(at)),
    kind,
    topic: topicOf(kind, camera.id),
    camera: camera.id,
    payload,
  }
  return { id, at, kind, camera, text: JSON.stringify(message as Event) }
}

const fromRow = ({ id, at, kind, camera, owner, payload }: Selectable<EventRow>): Told =>
  toldOf(id, at, { kind, camera: { id: camera, owner }, payload: JSON.parse(payload) } as Fact)
