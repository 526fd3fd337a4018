import type { Dict } from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ClientAuth } from '../auth/answers.ts'
import type { Link } from '../link.ts'
import { Backoff, type BackoffOptions } from '../websocket/backoff.ts'
import { bounded, waited } from './bounded.ts'
import { GaveUpError, isRefusal, nameOf, textOfError } from './giving-up.ts'
import { joinSession } from './join.ts'
import type { Session } from './session.ts'
import type { Leaving } from './session-errors.ts'

/** Refusals in a row, and failures of `onJoin`, after which a component that has worked before gives up. */
export const MAX_REFUSALS = 5
/** Milliseconds that `onLeave` and `onDisconnect` may take each before it goes on without them. */
export const CALLBACK_TIMEOUT_MS = 1000
/** Milliseconds that a session must have lasted for the next wait to be the shortest again. */
const RESET_AFTER_MS = 10_000
/** Milliseconds between turns of a timer that keeps the process alive between two attempts: a clock's timers do not. */
const HOLD_MS = 2 ** 31 - 1

/** What the callbacks of a component get beside. */
export interface ComponentContext<Extra = unknown> {
  /** What the component was started with. */
  readonly extra: Extra
  readonly log: Log
  /** Aborts when this session is over: for timers and loops that `onJoin` began. */
  readonly signal: AbortSignal
}

/** A component's code; a module that exports them is one. Each may return a promise. */
export interface ComponentCallbacks {
  /** Joined, for the first time or again: registers and subscribes, each time anew. */
  onJoin(session: Session, context: ComponentContext): unknown
  /** The session is over, and it can ask nothing any more. */
  onLeave?(leaving: Leaving, context: ComponentContext): unknown
  /** The connection is closed behind it. @param wasClean whether both sides had said goodbye */
  onDisconnect?(wasClean: boolean, context: ComponentContext): unknown
}

export interface ComponentOptions {
  /** A new connection to the router: `(signal) => connect({ url, signal })`. */
  readonly connect: (signal: AbortSignal) => Promise<Link>
  readonly realm: string
  /** Ways to sign in, made anew for each session. */
  readonly auth?: () => readonly ClientAuth[]
  readonly authextra?: Dict
  readonly agent?: string
  readonly extra?: unknown
  /** How long to wait before each attempt; `false` gives up when the connection ends, or is not made. */
  readonly reconnect?: BackoffOptions | false
  readonly log: Log
  readonly clock?: Clock
  /** From 0 up to 1. */
  readonly random?: () => number
}

/** How one round from connecting to disconnecting went. */
type Round =
  | { readonly kind: 'left' }
  | { readonly kind: 'ended'; readonly why: string }
  | { readonly kind: 'failed'; readonly error: Error }

/**
 * Keeps a session: connects, joins, calls `onJoin`, and does so again when the session ends for another reason than its own `leave`.
 *
 * Connections that cannot be made are tried for ever. What the router refuses (realm, sign-in: see `isRefusal`), and an `onJoin` that
 * throws, is given up at once if it never worked, else after MAX_REFUSALS in a row: a router that restarts may know less for a moment.
 */
export class Component {
  readonly #callbacks: ComponentCallbacks
  readonly #options: ComponentOptions
  readonly #clock: Clock
  readonly #backoff: Backoff
  #refusals = 0
  /** Whether `onJoin` ever came to its end. */
  #hasWorked = false

  constructor(callbacks: ComponentCallbacks, options: ComponentOptions) {
    this.#callbacks = callbacks
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#backoff = new Backoff(options.reconnect || {}, options.random)
  }

  /**
   * @param signal leaves the realm and ends it
   * @returns when it was told to end, or left by itself
   * @throws GaveUpError
   */
  async run(signal: AbortSignal): Promise<void> {
    const hold = setInterval(() => {}, HOLD_MS)
    try {
      await this.#run(signal)
    } finally {
      clearInterval(hold)
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log, reconnect } = this.#options
    while (!signal.aborted) {
      const round = await this.#round(signal)
      if (round.kind === 'left' || signal.aborted) return
      const error = round.kind === 'failed' ? round.error : new GaveUpError(round.why)
      if (reconnect === false) throw asGaveUp(error)
      if (round.kind === 'failed' && isRefusal(round.error) && (!this.#hasWorked || ++this.#refusals >= MAX_REFUSALS)) throw asGaveUp(error)
      const delayMs = this.#backoff.next()
      if (delayMs === undefined) throw asGaveUp(error)
      log.warn({ reason: error.message, delayMs: Math.round(delayMs), attempt: this.#backoff.retries }, 'connecting again later')
      await waited(this.#clock, delayMs, signal)
    }
  }

  async #round(signal: AbortSignal): Promise<Round> {
    const { log, realm, auth, authextra, agent, connect } = this.#options
    let session: Session
    try {
      const link = await connect(signal)
      const report = (error: unknown, where: string) => log.error({ err: error, where }, 'a handler failed')
      session = await joinSession(link, {
        ...{ realm, signal, report, clock: this.#clock, auth: auth?.() ?? [] },
        ...(authextra && { authextra }),
        ...(agent !== undefined && { agent }),
      })
    } catch (error) {
      return { kind: 'failed', error: error as Error }
    }
    log.info({ realm, session: session.id, authid: session.authid, authrole: session.authrole }, 'joined')
    return this.#live(session, signal)
  }

  async #live(session: Session, signal: AbortSignal): Promise<Round> {
    const { log, extra } = this.#options
    const over = new AbortController()
    const context: ComponentContext = { extra, log, signal: over.signal }
    const joinedAt = this.#clock.monotonic()
    let failure: Error | undefined
    const stop = () => void session.leave()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    void this.#join(session, context, (error) => {
      failure = error
      void session.leave(URI.closeRealm, 'the component failed')
    })
    const leaving = await session.ended
    signal.removeEventListener('abort', stop)
    over.abort(new Error(leaving.reason))
    log.info({ reason: leaving.reason, message: leaving.message, by: leaving.by }, 'left')
    await this.#call('onLeave', () => this.#callbacks.onLeave?.(leaving, context))
    await session.disconnected
    log.info({ wasClean: leaving.wasClean }, 'disconnected')
    await this.#call('onDisconnect', () => this.#callbacks.onDisconnect?.(leaving.wasClean, context))
    if (failure) return { kind: 'failed', error: failure }
    if (this.#clock.monotonic() - joinedAt >= RESET_AFTER_MS) this.#backoff.reset()
    return leaving.by === 'client' ? { kind: 'left' } : { kind: 'ended', why: nameOf(leaving) }
  }

  /** @param failed is called when `onJoin` fails, unless that is because its session ended */
  async #join(session: Session, context: ComponentContext, failed: (error: Error) => void): Promise<void> {
    const { log } = this.#options
    try {
      await this.#callbacks.onJoin(session, context)
      if (session.isOver) return
      this.#hasWorked = true
      this.#refusals = 0
      log.info('onJoin is done')
    } catch (error) {
      if (session.isOver) return log.debug({ err: error }, 'onJoin ended with its session')
      log.error({ err: error }, 'onJoin failed')
      failed(new GaveUpError(`onJoin failed: ${textOfError(error)}`, { cause: error, isRefusal: true }))
    }
  }

  async #call(name: string, callback: () => unknown): Promise<void> {
    const { log } = this.#options
    try {
      await bounded(this.#clock, CALLBACK_TIMEOUT_MS, Promise.resolve(callback()))
    } catch (error) {
      log.error({ err: error }, `${name} failed`)
    }
  }
}

const asGaveUp = (error: Error): GaveUpError =>
  error instanceof GaveUpError ? error : new GaveUpError(textOfError(error), { cause: error })
