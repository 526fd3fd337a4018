import type { Dict, Payload, Publish, Subscribe, Unsubscribe } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { type Match, randomId, URI } from '../../../shared/wamp/uris.ts'
import type { Shared } from '../link.ts'
import { Audience } from './audience.ts'
import { Failure, overLimit } from './failure.ts'
import type { History } from './history.ts'
import { isFor, type KeptEvent, packed, Retained, unpacked } from './kept-events.ts'
import { type Member, passthru } from './member.ts'
import type { Meta } from './meta-events.ts'
import { type Subscription, Subscriptions } from './subscriptions.ts'

/** Subscriptions of one session. */
export const MAX_SUBSCRIPTIONS = 10_000

export interface BrokerOptions {
  readonly history: History
  readonly meta: Meta
  readonly random: () => number
  /** Milliseconds since the Unix epoch. */
  readonly date: () => number
  /** Whether who subscribed to a pattern may hear a topic of it. */
  readonly mayHear: (member: Member, topic: string) => boolean
}

/** How an event is published. */
export interface Publication extends Payload {
  readonly topic: string
  readonly options?: Dict
  /** Undefined: the router itself. */
  readonly publisher?: Member | undefined
  /** Whether the event tells who published. */
  readonly discloses?: boolean
  /** Whether somebody may hear it: asked at each delivery. */
  readonly mayHear?: ((member: Member) => boolean) | undefined
  /** Told with the event, beside what the specification has. */
  readonly details?: Dict
}

/** Topics and who hears them ("Publish and Subscribe"). Who may was asked before. */
export class Broker {
  readonly subscriptions = new Subscriptions()
  readonly #options: BrokerOptions
  readonly #retained = new Retained()

  constructor(options: BrokerOptions) {
    this.#options = options
    for (const { topic, match } of options.history.wanted) {
      const { id } = this.subscriptions.create(topic, match, this.#now(), true)
      options.history.open(id, topic, match)
    }
  }

  /** @throws Failure */
  subscribe(member: Member, { request, options, topic }: Subscribe, match: Match): void {
    const { meta } = this.#options
    let subscription = this.subscriptions.index.get({ uri: topic, match })
    if (!subscription?.members.has(member)) {
      if (member.subscriptions.size >= MAX_SUBSCRIPTIONS) throw overLimit(`a session has at most ${MAX_SUBSCRIPTIONS} subscriptions`)
      if (!subscription && this.subscriptions.index.isFull({ uri: topic, match })) throw overLimit('there are too many kinds of patterns')
      if (!subscription || (subscription.lasting && subscription.members.size === 0)) {
        subscription ??= this.subscriptions.create(topic, match, this.#now())
        meta.subscriptionCreated(member, subscription)
      }
      subscription.members.add(member)
      member.subscriptions.add(subscription)
      member.send({ type: M.SUBSCRIBED, request, subscription: subscription.id })
      // Behind the answer: what was subscribed may be this very event.
      meta.subscribed(member, subscription)
    } else member.send({ type: M.SUBSCRIBED, request, subscription: subscription.id })
    if (options.get_retained === true) this.#tellRetained(member, subscription)
  }

  /** @throws Failure */
  unsubscribe(member: Member, { request, subscription: id }: Unsubscribe): void {
    const subscription = this.subscriptions.get(id)
    if (!subscription?.members.has(member)) throw new Failure(URI.noSuchSubscription)
    this.#remove(member, subscription)
    member.send({ type: M.UNSUBSCRIBED, request })
  }

  /** Takes a subscription back that was granted ("Subscription Revocation"). */
  revoke(member: Member, subscription: Subscription, reason: string): void {
    this.#remove(member, subscription)
    if (member.features.subscriberRevocation)
      member.send({ type: M.UNSUBSCRIBED, request: 0, details: { subscription: subscription.id, reason } })
  }

  /** A session left: it hears nothing more. */
  leave(member: Member): void {
    for (const subscription of [...member.subscriptions]) this.#remove(member, subscription)
  }

  /**
   * @returns the publication's identifier
   * @throws Failure wamp.error.invalid_argument
   */
  publish({ topic, options = {}, publisher, discloses = false, mayHear, details: more, args, kwargs }: Publication): number {
    const publication = randomId(this.#options.random)
    const audience = Audience.of(options, publisher)
    const details: Dict = { ...(discloses && publisher?.asPublisher), ...passthru(options), ...more }
    for (const subscription of this.subscriptions.index.matching(topic)) {
      if (subscription.members.size === 0) continue
      const event: M.Event = {
        type: M.EVENT,
        subscription: subscription.id,
        publication,
        details: subscription.match === 'exact' ? details : { ...details, topic },
        args,
        kwargs,
      }
      const shared: Shared = new Map()
      const isPattern = subscription.match !== 'exact'
      for (const member of subscription.members) {
        if (audience && !audience.has(member)) continue
        if (mayHear && !mayHear(member)) continue
        if (isPattern && !this.#options.mayHear(member, topic)) continue
        member.offer(event, shared)
      }
    }
    this.#keep({ topic, publication, options, details, args, kwargs, audience, mayHear })
    return publication
  }

  hasPast({ id }: Subscription): boolean {
    return this.#options.history.has(id)
  }

  /**
   * Events of a subscription that its topics are configured to keep, as `wamp.subscription.get_events` answers.
   * @throws Failure wamp.error.no_such_subscription, wamp.error.invalid_argument
   */
  past(member: Member, { id, match }: Subscription, filter: Dict): Dict[] {
    const { history, mayHear } = this.#options
    return history.read(member, id, filter, (topic) => match === 'exact' || mayHear(member, topic))
  }

  #keep(
    said: Pick<Publish, 'topic' | 'options'> & Payload & Pick<KeptEvent, 'publication' | 'audience' | 'mayHear'> & { details: Dict },
  ): void {
    const { history, date } = this.#options
    const { topic, publication, options, details, args, kwargs, audience, mayHear } = said
    const retains = options.retain === true
    const remembers = history.wants(topic) && !audience?.namesSessions
    const bytes = retains || remembers ? packed({ details, args, kwargs }, audience) : undefined
    if (!bytes) return
    const kept: KeptEvent = { at: date(), topic, publication, bytes, audience: audience?.lasting, mayHear }
    if (retains) this.#retained.keep(kept)
    if (remembers) history.add(kept)
  }

  #tellRetained(member: Member, { id, uri, match }: Subscription): void {
    const found =
      match === 'exact' ? [this.#retained.find(uri)] : [...this.#retained.all()].filter(({ topic }) => fits(topic, { uri, match }))
    for (const kept of found) {
      if (!kept || !isFor(kept, member) || (match !== 'exact' && !this.#options.mayHear(member, kept.topic))) continue
      const { details, args, kwargs } = unpacked(kept.bytes)
      const told = { ...details, retained: true, ...(match !== 'exact' && { topic: kept.topic }) }
      member.offer({ type: M.EVENT, subscription: id, publication: kept.publication, details: told, args, kwargs }, new Map())
    }
  }

  #remove(member: Member, subscription: Subscription): void {
    const { meta } = this.#options
    subscription.members.delete(member)
    member.subscriptions.delete(subscription)
    meta.unsubscribed(member, subscription)
    if (subscription.members.size > 0) return
    if (!subscription.lasting) this.subscriptions.delete(subscription)
    meta.subscriptionDeleted(member, subscription)
  }

  #now(): string {
    return new Date(this.#options.date()).toISOString()
  }
}

/** Whether a topic is one of a pattern's. */
export function fits(topic: string, { uri, match }: { readonly uri: string; readonly match: Match }): boolean {
  if (match === 'exact') return topic === uri
  if (match === 'prefix') return topic.startsWith(uri)
  const [parts, wanted] = [topic.split('.'), uri.split('.')]
  return parts.length === wanted.length && wanted.every((part, at) => part === '' || part === parts[at])
}
