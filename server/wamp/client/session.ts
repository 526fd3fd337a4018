import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Args, Dict, Message, Welcome } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import type { Link } from '../link.ts'
import { type CallOptions, type CallResult, Calls, plain } from './calls.ts'
import { type InvocationHandler, Invocations, type Report } from './invocations.ts'
import { type PublishOptions, publishOptions } from './publish.ts'
import { type RegisterOptions, type Registration, Registrations } from './registrations.ts'
import { Requests } from './requests.ts'
import { hasFeature } from './roles.ts'
import { sendAbort, sendLast, sendTo } from './sending.ts'
import { type Leaving, SessionEndedError, textOf } from './session-errors.ts'
import { type EventHandler, type SubscribeOptions, type Subscription, Subscriptions } from './subscriptions.ts'

/** Milliseconds in which the router's GOODBYE must answer ours. */
export const LEAVE_TIMEOUT_MS = 1000

/**
 * A session in a realm, joined by `joinSession`. What it asked is rejected when it ends, with SessionEndedError; what the router refuses
 * with ApplicationError.
 */
export class Session {
  /** Given by the router; of this session alone. */
  readonly id: number
  readonly realm: string
  /** Details of WELCOME: the router's roles and features, and who we are. */
  readonly details: Dict
  /** Resolves once the session is over, however it came. */
  readonly ended: Promise<Leaving>
  /** Resolves once the connection is closed behind it. */
  readonly disconnected: Promise<void>

  readonly #link: Link
  readonly #clock: Clock
  readonly #report: Report
  readonly #requests: Requests
  readonly #calls: Calls
  readonly #invocations: Invocations
  readonly #registrations: Registrations
  readonly #subscriptions: Subscriptions
  #onEnded: (leaving: Leaving) => void = () => {}
  #onDisconnected: () => void = () => {}
  /** Why, from our GOODBYE on. */
  #leaving: Omit<Leaving, 'wasClean'> | undefined
  #isOver = false
  #stopTimer = () => {}

  /** Takes the link over. */
  constructor(link: Link, realm: string, welcome: Welcome, { clock, report }: { clock: Clock; report: Report }) {
    this.id = welcome.session
    this.realm = realm
    this.details = welcome.details
    this.#link = link
    this.#clock = clock
    this.#report = report
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve
    })
    this.disconnected = new Promise((resolve) => {
      this.#onDisconnected = resolve
    })
    const send = (message: Message) => sendTo(link, message)
    this.#requests = new Requests(send)
    this.#calls = new Calls(this.#requests, send, clock, hasFeature(welcome.details, 'dealer', 'call_timeout'))
    this.#invocations = new Invocations(send, report)
    this.#registrations = new Registrations(this.#requests, this.#invocations)
    this.#subscriptions = new Subscriptions(this.#requests, report)
    link.onMessage = (message) => this.#onMessage(message)
    link.onViolation = (violation) => this.#violated(violation)
    link.onClose = () => {
      this.#end({ reason: URI.networkFailure, message: undefined, by: 'connection', wasClean: false, ...this.#leaving })
      this.#onDisconnected()
    }
  }

  get authid(): string | undefined {
    return typeof this.details.authid === 'string' ? this.details.authid : undefined
  }

  get authrole(): string | undefined {
    return typeof this.details.authrole === 'string' ? this.details.authrole : undefined
  }

  /** Whether nothing can be asked any more. */
  get isOver(): boolean {
    return this.#isOver || this.#leaving !== undefined
  }

  /** Bytes that wait for the router to read them: who sends much waits for them to become few. */
  get backlog(): number {
    return this.#link.backlog
  }

  /**
   * Calls a procedure. @returns its one value, undefined for none, and a CallResult where it returned several or named ones
   * @throws ApplicationError, SessionEndedError, TooManyRequestsError, the signal's reason
   */
  async call<T = unknown>(procedure: string, args?: Args, kwargs?: Dict, options: CallOptions = {}): Promise<T> {
    return plain(await this.#calls.call(procedure, { args, kwargs }, options)) as T
  }

  /** As `call`, with the result always in the same form. */
  callResult(procedure: string, args?: Args, kwargs?: Dict, options: CallOptions = {}): Promise<CallResult> {
    return this.#calls.call(procedure, { args, kwargs }, options)
  }

  /** Offers a procedure. @throws ApplicationError (`wamp.error.procedure_already_exists`), SessionEndedError */
  register(procedure: string, handler: InvocationHandler, options: RegisterOptions = {}): Promise<Registration> {
    return this.#registrations.register(procedure, handler, options)
  }

  async unregister(registration: Registration): Promise<void> {
    await registration.unregister()
  }

  /** Listens to a topic. @throws ApplicationError, SessionEndedError */
  subscribe(topic: string, handler: EventHandler, options: SubscribeOptions = {}): Promise<Subscription> {
    return this.#subscriptions.subscribe(topic, handler, options)
  }

  async unsubscribe(subscription: Subscription): Promise<void> {
    await subscription.unsubscribe()
  }

  /** @returns the publication's id with `acknowledge`; else nothing, and at once. @throws ApplicationError, SessionEndedError */
  async publish(topic: string, args?: Args, kwargs?: Dict, options: PublishOptions = {}): Promise<number | undefined> {
    const make = (request: number) => ({ type: M.PUBLISH, request, options: publishOptions(options), topic, args, kwargs }) as const
    if (options.acknowledge) return this.#requests.ask(M.PUBLISH, make, (answer) => (answer as M.Published).publication)
    this.#requests.send(make)
    return undefined
  }

  /**
   * Says goodbye and closes the connection. @returns when the router answered, or had LEAVE_TIMEOUT_MS to
   * @param reason a URI, which other parties may see
   */
  async leave(reason: string = URI.closeRealm, message?: string): Promise<void> {
    if (!this.isOver) {
      this.#leaving = { reason, message, by: 'client' }
      const isSaid = sendLast(this.#link, { type: M.GOODBYE, details: message === undefined ? {} : { message }, reason })
      const giveUp = () => this.#end({ ...this.#left(), wasClean: false })
      this.#drop(reason)
      if (isSaid) this.#stopTimer = this.#clock.after(LEAVE_TIMEOUT_MS, giveUp)
      else giveUp()
    }
    await this.ended
  }

  #onMessage(message: Message): void {
    if (this.#isOver) return
    try {
      // Between our GOODBYE and the router's nothing else counts.
      if (this.#leaving && message.type !== M.GOODBYE && message.type !== M.ABORT) return
      this.#dispatch(message)
    } catch (error) {
      if (error instanceof ProtocolViolation) this.#violated(error)
      else this.#report(error, M.NAMES[message.type])
    }
  }

  #dispatch(message: Message): void {
    switch (message.type) {
      case M.RESULT:
        return this.#requests.answered(M.CALL, message.request, message)
      case M.EVENT:
        return this.#subscriptions.event(message)
      case M.INVOCATION:
        return this.#registrations.invoked(message)
      case M.INTERRUPT:
        return this.#invocations.interrupt(message)
      case M.PUBLISHED:
        return this.#requests.answered(M.PUBLISH, message.request, message)
      case M.SUBSCRIBED:
        return this.#requests.answered(M.SUBSCRIBE, message.request, message)
      case M.UNSUBSCRIBED:
        if (message.request === 0) return this.#subscriptions.revoked(message.details)
        return this.#requests.answered(M.UNSUBSCRIBE, message.request, message)
      case M.REGISTERED:
        return this.#requests.answered(M.REGISTER, message.request, message)
      case M.UNREGISTERED:
        if (message.request === 0) return this.#registrations.revoked(message.details)
        return this.#requests.answered(M.UNREGISTER, message.request, message)
      case M.ERROR:
        return this.#requests.failed(message)
      case M.GOODBYE:
        if (this.#leaving) return this.#end({ ...this.#left(), wasClean: true })
        sendLast(this.#link, { type: M.GOODBYE, details: {}, reason: URI.goodbyeAndOut })
        return this.#end({ reason: message.reason, message: textOf(message.details), by: 'router', wasClean: true })
      case M.ABORT:
        return this.#end({ reason: message.reason, message: textOf(message.details), by: 'router', wasClean: false })
      default:
        throw new ProtocolViolation(`${M.NAMES[message.type]} is nothing that a router says in a session`)
    }
  }

  #violated({ uri, message }: ProtocolViolation): void {
    if (this.#isOver) return
    sendAbort(this.#link, uri, message)
    this.#end({ reason: uri, message, by: 'violation', wasClean: false })
  }

  #left(): Omit<Leaving, 'wasClean'> {
    return this.#leaving ?? { reason: URI.closeRealm, message: undefined, by: 'client' }
  }

  /** Nothing is asked or answered from now on. */
  #drop(reason: string): void {
    const error = new SessionEndedError(reason)
    this.#requests.end(error)
    this.#invocations.end(error)
    this.#registrations.end()
    this.#subscriptions.end()
  }

  #end(leaving: Leaving): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopTimer()
    this.#drop(leaving.reason)
    this.#onEnded(leaving)
    this.#link.close()
  }
}
