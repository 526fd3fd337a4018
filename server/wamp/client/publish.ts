import type { Dict } from '../../../shared/wamp/messages.ts'
import { defined } from './requests.ts'

/** Who gets an event is what all of the lists leave ("Subscriber Black- and Whitelisting", "Publisher Exclusion"). */
export interface PublishOptions {
  /** Waits until the router has it; without, nobody tells whether it was taken. */
  readonly acknowledge?: boolean
  /** `false`: this session gets it too, if it subscribed. */
  readonly excludeMe?: boolean
  /** Session ids. */
  readonly exclude?: readonly number[]
  readonly excludeAuthid?: readonly string[]
  readonly excludeAuthrole?: readonly string[]
  /** Session ids. */
  readonly eligible?: readonly number[]
  readonly eligibleAuthid?: readonly string[]
  readonly eligibleAuthrole?: readonly string[]
  /** Tells the subscribers who published ("Publisher Identification"). */
  readonly discloseMe?: boolean
  /** The router keeps it for who subscribes later ("Event Retention"). */
  readonly retain?: boolean
}

/** PUBLISH's options. */
export const publishOptions = (options: PublishOptions): Dict =>
  defined({
    acknowledge: options.acknowledge,
    exclude_me: options.excludeMe,
    exclude: options.exclude,
    exclude_authid: options.excludeAuthid,
    exclude_authrole: options.excludeAuthrole,
    eligible: options.eligible,
    eligible_authid: options.eligibleAuthid,
    eligible_authrole: options.eligibleAuthrole,
    disclose_me: options.discloseMe,
    retain: options.retain,
  })
