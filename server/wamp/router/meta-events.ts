import type { Args, Dict } from '../../../shared/wamp/messages.ts'
import type { Member } from './member.ts'
import type { Registration } from './registrations.ts'
import { detailsOf, type Subscription } from './subscriptions.ts'

/** Meta events ("Session Meta API", "Subscriptions Meta API", "Registration Meta API"). */
export class Meta {
  readonly #publish: (topic: string, args: Args) => void

  /** @param publish for who may know of others */
  constructor(publish: (topic: string, args: Args) => void) {
    this.#publish = publish
  }

  joined(member: Member): void {
    this.#publish('wamp.session.on_join', [member.details])
  }

  left({ id, principal: { authid, authrole } }: Member): void {
    this.#publish('wamp.session.on_leave', [id, authid, authrole])
  }

  /** No topic of the specification's: a session that does not read misses events, or gets them again. `lost`: how many, all told. */
  losing({ id, lost }: Member, isLosing: boolean): void {
    this.#publish('wamp.session.on_events_lost', [id, { lost, losing: isLosing }])
  }

  subscriptionCreated({ id }: Member, subscription: Subscription): void {
    this.#publish('wamp.subscription.on_create', [id, detailsOf(subscription)])
  }

  subscribed({ id }: Member, subscription: Subscription): void {
    this.#publish('wamp.subscription.on_subscribe', [id, subscription.id])
  }

  unsubscribed({ id }: Member, subscription: Subscription): void {
    this.#publish('wamp.subscription.on_unsubscribe', [id, subscription.id])
  }

  subscriptionDeleted({ id }: Member, subscription: Subscription): void {
    this.#publish('wamp.subscription.on_delete', [id, subscription.id])
  }

  registrationCreated({ id }: Member, registration: Registration): void {
    this.#publish('wamp.registration.on_create', [id, registrationDetails(registration)])
  }

  registered({ id }: Member, registration: Registration): void {
    this.#publish('wamp.registration.on_register', [id, registration.id])
  }

  unregistered({ id }: Member, registration: Registration): void {
    this.#publish('wamp.registration.on_unregister', [id, registration.id])
  }

  registrationDeleted({ id }: Member, registration: Registration): void {
    this.#publish('wamp.registration.on_delete', [id, registration.id])
  }
}

/** As meta procedures tell of a registration ("Registration Meta API", RegistrationDetails). */
export const registrationDetails = (registration: Registration): Dict => ({ ...detailsOf(registration), invoke: registration.invoke })
