import type { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Challenge, Dict, Message, Welcome } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { version } from '../../base/version.ts'
import type { ClientAuth } from '../auth/answers.ts'
import type { Link } from '../link.ts'
import { textOfError } from './giving-up.ts'
import type { Report } from './invocations.ts'
import { CLIENT_ROLES } from './roles.ts'
import { cut, isTooLarge, sendAbort, sendTo } from './sending.ts'
import { Session } from './session.ts'
import { JoinError, textOf } from './session-errors.ts'

/** Milliseconds that joining takes at most, from HELLO to WELCOME. */
export const JOIN_TIMEOUT_MS = 10_000
/** CHALLENGEs that one HELLO is answered with at most: each may cost a second of one processor. */
const MAX_CHALLENGES = 4

export interface JoinOptions {
  readonly realm: string
  /** Ways to sign in, the one preferred first; without any the router decides what a stranger may do. */
  readonly auth?: readonly ClientAuth[]
  /** For HELLO's `authextra`, beside what the ways to sign in have to say. */
  readonly authextra?: Dict
  /** For HELLO's `agent`. */
  readonly agent?: string
  /** Milliseconds, JOIN_TIMEOUT_MS unless told. */
  readonly timeoutMs?: number
  /** Ends the joining, not the session. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Told of what handlers throw that is no ApplicationError; a warning of the process unless told. */
  readonly report?: Report
}

const warn: Report = (error, where) => process.emitWarning(new Error(`${where} failed`, { cause: error }))

/**
 * Joins a realm over a link, which the session owns from then on: it is closed when the session ends, or does not begin ("Session
 * Establishment").
 * @throws JoinError with the router's URI; the signal's reason when it aborts
 */
export function joinSession(link: Link, options: JoinOptions): Promise<Session> {
  const { realm, signal, clock = systemClock, report = warn, timeoutMs = JOIN_TIMEOUT_MS } = options
  return new Promise((resolve, reject) => {
    const joining = new Joining(link, options, (outcome) => {
      stopTimer()
      signal?.removeEventListener('abort', onAbort)
      if (outcome instanceof Error) return reject(outcome)
      // In the turn of WELCOME: what follows it is the session's.
      resolve(new Session(link, realm, outcome, { clock, report }))
    })
    const onAbort = () => joining.fail(signal?.reason as Error)
    const late = () => joining.fail(new JoinError(URI.timeout, `the router did not let us in within ${timeoutMs} ms`))
    const stopTimer = clock.after(timeoutMs, late)
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    else joining.start()
  })
}

/** From HELLO to WELCOME. */
class Joining {
  readonly #link: Link
  readonly #options: JoinOptions
  readonly #done: (outcome: Welcome | Error) => void
  /** The way to sign in that the router chose. */
  #auth: ClientAuth | undefined
  #challenges = 0
  #isAnswering = false
  #isOver = false

  constructor(link: Link, options: JoinOptions, done: (outcome: Welcome | Error) => void) {
    this.#link = link
    this.#options = options
    this.#done = done
    link.onMessage = (message) => this.#onMessage(message)
    link.onViolation = ({ uri, message }: ProtocolViolation) => this.#abort(uri, message)
    link.onClose = () => this.fail(new JoinError(URI.networkFailure, 'the connection closed before the router let us in'))
  }

  start(): void {
    try {
      this.#hello()
    } catch (error) {
      this.fail(isTooLarge(error) ? new JoinError(error.uri, 'the router takes no HELLO of this size', { cause: error }) : (error as Error))
    }
  }

  #hello(): void {
    const { realm, auth = [], agent = `Porthole ${version()}`, authextra } = this.#options
    const authid = auth.find((one) => one.authid !== undefined)?.authid
    const extra: Dict = Object.assign({}, authextra, ...auth.map((one) => one.authextra?.()))
    const details: Dict = {
      roles: CLIENT_ROLES,
      agent,
      ...(auth.length > 0 && { authmethods: auth.map(({ method }) => method) }),
      ...(authid !== undefined && { authid }),
      ...(Object.keys(extra).length > 0 && { authextra: extra }),
    }
    sendTo(this.#link, { type: M.HELLO, realm, details })
  }

  fail(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#link.close()
    this.#done(error)
  }

  #onMessage(message: Message): void {
    if (this.#isOver) return
    if (message.type === M.WELCOME) this.#welcome(message)
    else if (message.type === M.CHALLENGE) void this.#challenge(message)
    else if (message.type === M.ABORT || message.type === M.GOODBYE) {
      const { reason, details, args, kwargs } = message
      this.fail(new JoinError(reason, textOf(details) ?? '', { ...(args && { args }), ...(kwargs && { kwargs }) }))
    } else this.#abort(URI.protocolViolation, `${M.NAMES[message.type]} came before WELCOME`)
  }

  #welcome(message: Welcome): void {
    const { auth = [] } = this.#options
    const { authmethod } = message.details
    // A router that asks nothing must not get around proving who it is: where it does not say which way it took, it may be any.
    const ways = this.#auth ? [this.#auth] : auth.filter(({ method }) => authmethod === undefined || method === authmethod)
    if (auth.length > 0 && ways.length === 0)
      return this.#abort(URI.authenticationFailed, `the router let us in by ${nameOf(authmethod)}, which was not offered`)
    try {
      for (const way of ways) way.verify?.(message.details)
    } catch (error) {
      return this.#abort(URI.authenticationFailed, textOfError(error), error)
    }
    this.#isOver = true
    this.#done(message)
  }

  async #challenge({ method, extra }: Challenge): Promise<void> {
    // Several at once would cost as many processors.
    if (this.#isAnswering) return this.#abort(URI.protocolViolation, 'the router asks again before it was answered')
    const auth = this.#options.auth?.find((one) => one.method === method)
    if (!auth) return this.#abort(URI.noMatchingAuthMethod, `the router asks for ${nameOf(method)}, which was not offered`)
    if (++this.#challenges > MAX_CHALLENGES) return this.#abort(URI.protocolViolation, 'the router asks without end')
    this.#auth = auth
    this.#isAnswering = true
    try {
      const answer = await auth.answer(extra)
      if (!this.#isOver) sendTo(this.#link, { type: M.AUTHENTICATE, ...answer })
    } catch (error) {
      this.#abort(isTooLarge(error) ? error.uri : URI.authenticationFailed, textOfError(error), error)
    } finally {
      this.#isAnswering = false
    }
  }

  #abort(uri: string, text: string, cause?: unknown): void {
    if (this.#isOver) return
    sendAbort(this.#link, uri, text)
    this.fail(new JoinError(uri, text, { cause }))
  }
}

/** What a router names a method: perhaps no text, and nothing that has one. */
const nameOf = (method: unknown): string => (typeof method === 'string' ? cut(method) : 'something')
