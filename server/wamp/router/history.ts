import type { Dict } from '../../../shared/wamp/messages.ts'
import { type Match, URI } from '../../../shared/wamp/uris.ts'
import { Failure } from './failure.ts'
import { bytesOf, isFor, type KeptEvent, unpacked } from './kept-events.ts'
import type { Member } from './member.ts'
import { PatternIndex } from './pattern-index.ts'

/** Events that one history keeps, unless told; at the most. */
export const HISTORY_EVENTS = 100
export const MAX_HISTORY_EVENTS = 10_000
/** Bytes of all that a realm keeps. */
export const MAX_HISTORY_BYTES = 64 * 1024 * 1024
/** Events, and their bytes, that one question is answered with. */
const MAX_ANSWER_EVENTS = 1000
const MAX_ANSWER_BYTES = 512 * 1024

/** Topics whose events are kept, as a realm is configured. */
export interface HistoryWish {
  readonly topic: string
  readonly match: Match
  readonly limit: number
}

interface Kept {
  readonly uri: string
  readonly match: Match
  readonly id: number
  readonly limit: number
  readonly events: KeptEvent[]
  /** Of its events. */
  bytes: number
}

/** The last events of the topics that a realm keeps them of, in memory ("Event History"). */
export class History {
  readonly wanted: readonly HistoryWish[]
  readonly #index = new PatternIndex<Kept>()
  readonly #byId = new Map<number, Kept>()
  #bytes = 0

  constructor(wanted: readonly HistoryWish[]) {
    this.wanted = wanted
  }

  /** Its subscription is there from the start, so that nothing is missed before somebody subscribes. */
  open(id: number, uri: string, match: Match): void {
    const limit = this.wanted.find((wish) => wish.topic === uri && wish.match === match)?.limit ?? HISTORY_EVENTS
    const kept: Kept = { uri, match, id, limit, events: [], bytes: 0 }
    this.#index.add(kept)
    this.#byId.set(id, kept)
  }

  wants(topic: string): boolean {
    return this.wanted.length > 0 && this.#index.best(topic) !== undefined
  }

  add(event: KeptEvent): void {
    for (const kept of this.#index.matching(event.topic)) {
      kept.events.push(event)
      this.#count(kept, bytesOf(event))
      if (kept.events.length > kept.limit) this.#dropOldest(kept)
    }
    // Of the fullest: whoever publishes much of one topic does not take the past of others.
    while (this.#bytes > MAX_HISTORY_BYTES) this.#dropOldest([...this.#byId.values()].reduce((a, b) => (b.bytes > a.bytes ? b : a)))
  }

  has(id: number): boolean {
    return this.#byId.has(id)
  }

  /**
   * What `wamp.subscription.get_events` answers: events that the asker might have heard.
   * @throws Failure wamp.error.no_such_subscription, wamp.error.invalid_argument
   */
  read(member: Member, id: number, filter: Dict, mayHear: (topic: string) => boolean): Dict[] {
    const kept = this.#byId.get(id)
    if (!kept) throw new Failure(URI.noSuchSubscription, 'there is no history of this subscription')
    const limit = numberOf(filter, 'limit') ?? MAX_ANSWER_EVENTS
    const between = bounded(kept.events, filter)
    const fitting = between.filter(
      (event) => isFor(event, member) && mayHear(event.topic) && (filter.topic === undefined || filter.topic === event.topic),
    )
    if (filter.reverse === true) fitting.reverse()
    let room = MAX_ANSWER_BYTES
    return fitting
      .slice(0, Math.min(limit, MAX_ANSWER_EVENTS))
      .filter((event) => {
        const fits = room > 0
        room -= bytesOf(event)
        return fits
      })
      .map((event) => told(event, kept))
  }

  #dropOldest(kept: Kept): void {
    const oldest = kept.events.shift()
    if (oldest) this.#count(kept, -bytesOf(oldest))
  }

  #count(kept: Kept, change: number): void {
    kept.bytes += change
    this.#bytes += change
  }
}

function told({ at, topic, publication, bytes }: KeptEvent, { id, match }: Kept): Dict {
  const { details, args, kwargs } = unpacked(bytes)
  return {
    timestamp: new Date(at).toISOString(),
    subscription: id,
    publication,
    topic,
    details: match === 'exact' ? details : { ...details, topic },
    ...(args && { args }),
    ...(kwargs && { kwargs }),
  }
}

/** By time, and by what came before or after a publication. */
function bounded(events: readonly KeptEvent[], filter: Dict): KeptEvent[] {
  const [from, after] = [timeOf(filter, 'from_time'), timeOf(filter, 'after_time')]
  const [before, until] = [timeOf(filter, 'before_time'), timeOf(filter, 'until_time')]
  const at = (key: string) => {
    const publication = numberOf(filter, key)
    return publication === undefined ? undefined : events.findIndex((event) => event.publication === publication)
  }
  const first = Math.max(at('from_publication') ?? 0, (at('after_publication') ?? -1) + 1, 0)
  const [upTo, before_] = [at('until_publication'), at('before_publication')]
  const last = Math.min(
    upTo === undefined || upTo < 0 ? events.length : upTo + 1,
    before_ === undefined || before_ < 0 ? events.length : before_,
  )
  return events
    .slice(first, last)
    .filter(
      (event) =>
        (from === undefined || event.at >= from) &&
        (after === undefined || event.at > after) &&
        (before === undefined || event.at < before) &&
        (until === undefined || event.at <= until),
    )
}

function numberOf(filter: Dict, key: string): number | undefined {
  const value = filter[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
    throw new Failure(URI.invalidArgument, `${key} must be a positive integer`)
  return value
}

function timeOf(filter: Dict, key: string): number | undefined {
  const value = filter[key]
  if (value === undefined || value === null) return undefined
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw new Failure(URI.invalidArgument, `${key} is no time; say something like 2026-01-31T12:00:00Z`)
  return time
}
