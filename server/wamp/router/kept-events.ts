import type { Event } from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import type { Audience } from './audience.ts'
import type { Member } from './member.ts'

/** Topics that have a retained event. */
export const MAX_RETAINED_TOPICS = 1000
/** Bytes of one event that is kept, retained or in a history, as JSON. */
export const MAX_KEPT_EVENT_BYTES = 64 * 1024

/** An event that is told again to who comes later. */
export interface KeptEvent {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly topic: string
  readonly publication: number
  readonly event: Pick<Event, 'details' | 'args' | 'kwargs'>
  readonly audience: Audience | undefined
  /** Whether somebody may hear it, beside what its publisher said. */
  readonly mayHear: ((member: Member) => boolean) | undefined
}

export const isFor = ({ audience, mayHear }: KeptEvent, member: Member): boolean =>
  (audience?.has(member) ?? true) && (mayHear?.(member) ?? true)

/** Whether an event is small enough to be kept. */
export const isKeepable = ({ args, kwargs }: Pick<Event, 'args' | 'kwargs'>): boolean =>
  SERIALIZERS.json.encode({ type: 36, subscription: 1, publication: 1, details: {}, args, kwargs }).length <= MAX_KEPT_EVENT_BYTES

/** The last event of each topic that its publisher had retained ("Event Retention"). The topic that was silent longest makes room. */
export class Retained {
  readonly #byTopic = new Map<string, KeptEvent>()

  keep(kept: KeptEvent): void {
    this.#byTopic.delete(kept.topic)
    this.#byTopic.set(kept.topic, kept)
    if (this.#byTopic.size <= MAX_RETAINED_TOPICS) return
    const [oldest] = this.#byTopic.keys()
    this.#byTopic.delete(oldest as string)
  }

  find(topic: string): KeptEvent | undefined {
    return this.#byTopic.get(topic)
  }

  all(): Iterable<KeptEvent> {
    return this.#byTopic.values()
  }
}
