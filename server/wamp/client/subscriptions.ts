import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Args, Dict, Event, Subscribed } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import type { Match } from '../../../shared/wamp/uris.ts'
import type { Report } from './invocations.ts'
import { defined, type Requests } from './requests.ts'

export interface SubscribeOptions {
  /** `exact` unless told ("Pattern-based Subscriptions"). */
  readonly match?: Match
  /** Asks for what the topic retains, the last event of each, at once ("Event Retention"). */
  readonly getRetained?: boolean
  /** The router took the subscription back ("Subscription Revocation"). */
  readonly onRevoked?: (reason: string | undefined) => void
}

/** What a handler learns of an event beside its arguments. */
export interface EventDetails {
  /** URI that was published to: with patterns, which one of all. */
  readonly topic: string
  /** Id of the publication. */
  readonly publication: number
  /** Who published, where they disclose it ("Publisher Identification"). */
  readonly publisher: number | undefined
  readonly publisherAuthid: string | undefined
  readonly publisherAuthrole: string | undefined
  /** Whether it was published before the subscription, and retained. */
  readonly retained: boolean
  /** Details of EVENT, as they came. */
  readonly raw: Dict
}

/** What it throws, or what its promise is rejected with, is reported and harms nobody else. */
export type EventHandler = (args: Args, kwargs: Dict, details: EventDetails) => unknown

export interface Subscription {
  readonly id: number
  readonly topic: string
  /** Until it is taken back, by either side, or the session ends. */
  readonly isActive: boolean
  /** Does nothing when it is over already. */
  unsubscribe(): Promise<void>
}

interface Listener {
  readonly handler: EventHandler
  readonly onRevoked: SubscribeOptions['onRevoked']
}

/** A topic or pattern: a router knows one subscription of it, however many handlers there are here. */
interface Topic {
  readonly topic: string
  readonly key: string
  readonly listeners: Set<Listener>
  id: number | undefined
  /** SUBSCRIBEs without an answer. */
  asking: number
}

/** Topics that a session subscribed to ("Subscribing and Unsubscribing", Subscriber). */
export class Subscriptions {
  readonly #requests: Requests
  readonly #report: Report
  readonly #topics = new Map<string, Topic>()
  /** Until UNSUBSCRIBED: events on their way are no violation. */
  readonly #byId = new Map<number, Topic>()

  constructor(requests: Requests, report: Report) {
    this.#requests = requests
    this.#report = report
  }

  async subscribe(uri: string, handler: EventHandler, { match, getRetained, onRevoked }: SubscribeOptions): Promise<Subscription> {
    const key = `${match ?? 'exact'} ${uri}`
    const topic = this.#topics.get(key) ?? { topic: uri, key, listeners: new Set(), id: undefined, asking: 0 }
    const listener: Listener = { handler, onRevoked }
    const options = defined({ match, get_retained: getRetained })
    this.#topics.set(key, topic)
    topic.asking++
    try {
      return await this.#requests.ask(
        M.SUBSCRIBE,
        (request) => ({ type: M.SUBSCRIBE, request, options, topic: uri }),
        (answer) => {
          const { subscription: id } = answer as Subscribed
          if ((topic.id ?? id) !== id) throw new ProtocolViolation(`SUBSCRIBED names subscription ${id}; the topic's is ${topic.id}`)
          topic.id = id
          topic.asking--
          this.#byId.set(id, topic)
          topic.listeners.add(listener)
          return this.#handle(id, topic, listener)
        },
      )
    } catch (error) {
      topic.asking--
      this.#release(topic).catch(() => {})
      throw error
    }
  }

  event({ subscription, publication, details: raw, args = [], kwargs = {} }: Event): void {
    const topic = this.#byId.get(subscription)
    if (!topic) throw new ProtocolViolation(`EVENT is of subscription ${subscription}, which is none`)
    const details: EventDetails = {
      topic: textOr(raw.topic) ?? topic.topic,
      publication,
      publisher: typeof raw.publisher === 'number' ? raw.publisher : undefined,
      publisherAuthid: textOr(raw.publisher_authid),
      publisherAuthrole: textOr(raw.publisher_authrole),
      retained: raw.retained === true,
      raw,
    }
    for (const { handler } of [...topic.listeners]) void this.#tell(handler, args, kwargs, details)
  }

  /** @param details of UNSUBSCRIBED with request 0 */
  revoked(details: Dict = {}): void {
    const { subscription: id, reason } = details
    const topic = typeof id === 'number' ? this.#byId.get(id) : undefined
    if (!topic) throw new ProtocolViolation('UNSUBSCRIBED takes back a subscription that is none')
    this.#byId.delete(id as number)
    if (topic.id === id) topic.id = undefined
    const listeners = [...topic.listeners]
    topic.listeners.clear()
    this.#forget(topic)
    for (const { onRevoked } of listeners) onRevoked?.(textOr(reason))
  }

  end(): void {
    for (const { listeners } of this.#topics.values()) listeners.clear()
    this.#topics.clear()
    this.#byId.clear()
  }

  async #tell(handler: EventHandler, args: Args, kwargs: Dict, details: EventDetails): Promise<void> {
    try {
      await handler(args, kwargs, details)
    } catch (error) {
      this.#report(error, `topic ${details.topic}`)
    }
  }

  #handle(id: number, topic: Topic, listener: Listener): Subscription {
    return {
      id,
      topic: topic.topic,
      get isActive() {
        return topic.listeners.has(listener)
      },
      unsubscribe: async () => {
        if (topic.listeners.delete(listener)) await this.#release(topic)
      },
    }
  }

  /** Tells the router when nobody is left who listens, or is about to: it has one subscription for all of them. */
  async #release(topic: Topic): Promise<void> {
    if (topic.listeners.size > 0 || topic.asking > 0) return
    const { id } = topic
    topic.id = undefined
    this.#forget(topic)
    if (id === undefined) return
    await this.#requests.ask(
      M.UNSUBSCRIBE,
      (request) => ({ type: M.UNSUBSCRIBE, request, subscription: id }),
      () => {
        // Whoever subscribed again meanwhile has a topic of their own, perhaps by the same id.
        if (this.#byId.get(id) === topic) this.#byId.delete(id)
      },
    )
  }

  #forget(topic: Topic): void {
    if (topic.asking === 0 && this.#topics.get(topic.key) === topic) this.#topics.delete(topic.key)
  }
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : undefined)
