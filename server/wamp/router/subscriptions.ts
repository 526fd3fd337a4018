import type { Dict } from '../../../shared/wamp/messages.ts'
import type { Match } from '../../../shared/wamp/uris.ts'
import type { Member } from './member.ts'
import { PatternIndex } from './pattern-index.ts'

/** Who hears a topic, or what matches a pattern. */
export interface Subscription {
  readonly id: number
  readonly uri: string
  readonly match: Match
  /** ISO 8601. */
  readonly created: string
  readonly members: Set<Member>
  /** Kept for its history though nobody may be subscribed. */
  readonly lasting: boolean
}

/** All subscriptions of a realm, by pattern and by identifier (router scope, "IDs"). */
export class Subscriptions {
  readonly index = new PatternIndex<Subscription>()
  readonly #byId = new Map<number, Subscription>()
  #lastId = 0

  get(id: number): Subscription | undefined {
    return this.#byId.get(id)
  }

  create(uri: string, match: Match, created: string, lasting = false): Subscription {
    const subscription: Subscription = { id: ++this.#lastId, uri, match, created, members: new Set(), lasting }
    this.#byId.set(subscription.id, subscription)
    this.index.add(subscription)
    return subscription
  }

  delete(subscription: Subscription): void {
    this.#byId.delete(subscription.id)
    this.index.delete(subscription)
  }
}

/** As meta procedures tell of a subscription ("Subscriptions Meta API", SubscriptionDetails), or of a registration. */
export const detailsOf = ({ id, created, uri, match }: Pick<Subscription, 'id' | 'created' | 'uri' | 'match'>): Dict => ({
  id,
  created,
  uri,
  match,
})

/** Identifiers by way of matching ("Subscriptions Meta API", SubscriptionLists). */
export function listsOf(index: PatternIndex<{ readonly id: number; readonly uri: string; readonly match: Match }>): Dict {
  const lists: Record<Match, number[]> = { exact: [], prefix: [], wildcard: [] }
  for (const { id, match } of index.all()) lists[match].push(id)
  return lists
}
