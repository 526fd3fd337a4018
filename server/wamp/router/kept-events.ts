import { EVENT, type Event } from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import { isWithin, MAX_DEPTH } from '../../../shared/wamp/values.ts'
import type { Audience } from './audience.ts'
import type { Member } from './member.ts'

/** Topics of a realm that have a retained event, and bytes of all of those. */
export const MAX_RETAINED_TOPICS = 1000
export const MAX_RETAINED_BYTES = 32 * 1024 * 1024
/** Bytes of one event that is kept, to whom it goes included. */
export const MAX_KEPT_EVENT_BYTES = 64 * 1024
/** Levels of an event that is kept: it is told within others. */
const MAX_KEPT_DEPTH = MAX_DEPTH - 8

type Said = Pick<Event, 'details' | 'args' | 'kwargs'>

/** An event that is told again to who comes later. */
export interface KeptEvent {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly topic: string
  readonly publication: number
  /** What was said, as CBOR: so much memory and no more. */
  readonly bytes: Uint8Array
  readonly audience: Audience | undefined
  /** Whether somebody may hear it, beside what its publisher said. */
  readonly mayHear: ((member: Member) => boolean) | undefined
}

export const isFor = ({ audience, mayHear }: KeptEvent, member: Member): boolean =>
  (audience?.has(member) ?? true) && (mayHear?.(member) ?? true)

/** @returns undefined for what is too large, or too deep, to be kept */
export function packed({ details, args, kwargs }: Said, audience?: Audience): Uint8Array | undefined {
  if (!isWithin([details, args, kwargs], MAX_KEPT_DEPTH)) return undefined
  const bytes = SERIALIZERS.cbor.encode({ type: EVENT, subscription: 1, publication: 1, details, args, kwargs }) as Uint8Array
  // A part of a larger buffer would keep all of that.
  return bytes.length + (audience?.bytes ?? 0) <= MAX_KEPT_EVENT_BYTES ? Uint8Array.from(bytes) : undefined
}

export function unpacked(bytes: Uint8Array): Said {
  const { details, args, kwargs } = SERIALIZERS.cbor.decode(bytes) as Event
  return { details, args, kwargs }
}

export const bytesOf = ({ bytes, audience, topic }: KeptEvent): number => bytes.length + (audience?.bytes ?? 0) + 2 * topic.length

/** The last event of each topic that its publisher had retained ("Event Retention"). The topic that was silent longest makes room. */
export class Retained {
  readonly #byTopic = new Map<string, KeptEvent>()
  #bytes = 0

  keep(kept: KeptEvent): void {
    this.#drop(kept.topic)
    this.#byTopic.set(kept.topic, kept)
    this.#bytes += bytesOf(kept)
    while (this.#byTopic.size > MAX_RETAINED_TOPICS || this.#bytes > MAX_RETAINED_BYTES) {
      const [oldest] = this.#byTopic.keys()
      this.#drop(oldest as string)
    }
  }

  find(topic: string): KeptEvent | undefined {
    return this.#byTopic.get(topic)
  }

  all(): Iterable<KeptEvent> {
    return this.#byTopic.values()
  }

  #drop(topic: string): void {
    const before = this.#byTopic.get(topic)
    if (!before) return
    this.#byTopic.delete(topic)
    this.#bytes -= bytesOf(before)
  }
}
