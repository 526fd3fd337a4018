import { type Dict, type Event, GOODBYE, type Message } from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Peer, Principal } from '../auth/types.ts'
import type { Link, Shared } from '../link.ts'
import type { Pending } from './pending.ts'
import type { Registration } from './registrations.ts'
import type { Subscription } from './subscriptions.ts'

/** Bytes that may wait for a session before events are left out for it; what it asked for itself still comes. */
export const MAX_EVENT_BACKLOG_BYTES = 1024 * 1024
/** Bytes that may wait for a session at all: it is cut then. */
export const MAX_BACKLOG_BYTES = 8 * 1024 * 1024

/** What a client announced that it can ("Feature Announcement"), as far as the router behaves by it. */
export interface Features {
  readonly callerProgressiveInvocations: boolean
  readonly calleeProgressiveInvocations: boolean
  readonly calleeCanceling: boolean
  readonly calleeTimeout: boolean
  readonly calleeRevocation: boolean
  readonly subscriberRevocation: boolean
  /** Roles that announced payload passthru mode. */
  readonly passthru: ReadonlySet<string>
}

export interface MemberOptions {
  readonly id: number
  readonly link: Link
  readonly principal: Principal
  readonly features: Features
  readonly peer: Peer
  /** Ends the session: `say` it, then leave and close. */
  readonly end: (goodbye: Message) => void
}

/** A session that joined a realm, as broker and dealer know it. */
export class Member {
  readonly id: number
  readonly principal: Principal
  readonly features: Features
  readonly peer: Peer
  readonly subscriptions = new Set<Subscription>()
  readonly registrations = new Set<Registration>()
  /** Calls that it waits for, by its request. */
  readonly calls = new Map<number, Pending>()
  /** Invocations that are waited for from it, by the router's request. */
  readonly invocations = new Map<number, Pending>()
  /** Requests of progressive calls that are over: what is still said of them is late, no new call. */
  readonly lateCalls = new Set<number>()
  /** Events that it did not get since it does not read. */
  lost = 0
  /** Hears when events begin to be lost, and when they come again. */
  onLosing: (member: Member, isLosing: boolean) => void = () => {}
  /** Who it is, for the other side of a call or an event ("Caller Identification", "Publisher Identification"). */
  readonly asCaller: Dict
  readonly asPublisher: Dict
  readonly #link: Link
  readonly #end: MemberOptions['end']
  readonly #holders = new Set<object>()
  #isLosing = false
  #lastInvocation = 0
  #ended = false

  constructor({ id, link, principal, features, peer, end }: MemberOptions) {
    this.id = id
    this.principal = principal
    this.features = features
    this.peer = peer
    const { authid, authrole } = principal
    this.asCaller = { caller: id, caller_authid: authid, caller_authrole: authrole }
    this.asPublisher = { publisher: id, publisher_authid: authid, publisher_authrole: authrole }
    this.#link = link
    this.#end = end
  }

  /** The last request of the router's that this session was asked by. */
  get lastInvocation(): number {
    return this.#lastInvocation
  }

  nextInvocation(): number {
    return ++this.#lastInvocation
  }

  /** Whether it has so much to read that nothing more should be asked of it. */
  get isBusy(): boolean {
    return this.#link.backlog > MAX_EVENT_BACKLOG_BYTES
  }

  /** @returns false when it is too large for its client, and was not sent */
  send(message: Message, shared?: Shared): boolean {
    if (this.#ended) return true
    if (this.#link.backlog <= MAX_BACKLOG_BYTES) return this.#link.send(message, shared)
    this.kill(URI.killed, 'what was sent was not read')
    return true
  }

  /** Whether it has so much to read that parts of one call should not go on: behind the largest one there is room for what ends calls. */
  get isFull(): boolean {
    return this.#link.backlog > MAX_BACKLOG_BYTES / 4
  }

  /** Its client is not read on until everybody who holds it released it. */
  hold(holder: object): void {
    if (this.#holders.size === 0) this.#link.pause?.()
    this.#holders.add(holder)
  }

  release(holder: object): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#link.resume?.()
  }

  /** Sends an event unless too much waits already. */
  offer(event: Event, shared: Shared): void {
    if (this.#ended) return
    if (this.isBusy) {
      this.lost++
      if (!this.#isLosing) {
        this.#isLosing = true
        this.onLosing(this, true)
      }
      return
    }
    if (!this.#link.send(event, shared)) {
      this.lost++
      return
    }
    if (this.#isLosing) {
      this.#isLosing = false
      this.onLosing(this, false)
    }
  }

  /** Ends the session with GOODBYE. */
  kill(reason: string, message?: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#end({ type: GOODBYE, details: message === undefined ? {} : { message }, reason })
  }

  /** Nothing is sent any more: it left. */
  left(): void {
    this.#ended = true
  }

  /** As meta procedures and meta events tell of it ("Session Meta API"). */
  get details(): Dict {
    const { authid, authrole, authmethod, authprovider } = this.principal
    return { session: this.id, authid, authrole, authmethod, authprovider, transport: this.peer.transport }
  }
}

/** Characters of one of them. */
const MAX_PASSTHRU_CHARS = 256
/** The keys of payload passthru mode ("Payload Passthru Mode"): relayed as they are. */
const PASSTHRU = ['ppt_scheme', 'ppt_serializer', 'ppt_cipher', 'ppt_keyid'] as const

export const isPassthru = (options: Dict): boolean => typeof options.ppt_scheme === 'string' && options.ppt_scheme !== ''

/** What of one message's options goes into the next one's details: of short texts. */
export function passthru(options: Dict): Dict {
  if (!isPassthru(options)) return {}
  return Object.fromEntries(PASSTHRU.flatMap((key) => (isShort(options[key]) ? [[key, options[key]]] : [])))
}

const isShort = (value: unknown) => typeof value === 'string' && value.length <= MAX_PASSTHRU_CHARS

/** Reads what HELLO announces: `roles.<role>.features.<feature>`. */
export function featuresOf(roles: Dict): Features {
  const has = (role: string, ...names: string[]) => {
    const features = dictAt(dictAt(roles, role), 'features')
    return names.some((name) => features[name] === true)
  }
  // The specification spells it both ways.
  const canceling = has('callee', 'call_canceling', 'call_cancelling')
  return {
    callerProgressiveInvocations: has('caller', 'progressive_call_invocations'),
    calleeProgressiveInvocations: has('callee', 'progressive_call_invocations') && canceling,
    calleeCanceling: canceling,
    calleeTimeout: has('callee', 'call_timeout'),
    calleeRevocation: has('callee', 'registration_revocation'),
    subscriberRevocation: has('subscriber', 'subscription_revocation'),
    passthru: new Set(['caller', 'callee', 'publisher', 'subscriber'].filter((role) => has(role, 'payload_passthru_mode'))),
  }
}

function dictAt(dict: Dict, key: string): Dict {
  const value = Object.hasOwn(dict, key) ? dict[key] : undefined
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Dict) : {}
}
