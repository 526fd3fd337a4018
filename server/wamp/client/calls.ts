import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Args, Dict, Message, Payload, Result } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import { ApplicationError } from './application-error.ts'
import { defined, type Pending, type Requests } from './requests.ts'

/**
 * What a router does to the procedure when its call is canceled ("Call Canceling"): nothing; stops it and waits; stops it without waiting.
 */
export type CancelMode = 'skip' | 'kill' | 'killnowait'

export interface CallOptions {
  /** Milliseconds that the procedure may take; then the call fails with `wamp.error.timeout` ("Call Timeouts"). */
  readonly timeoutMs?: number
  /** Tells the callee who calls ("Caller Identification"). */
  readonly discloseMe?: boolean
  /** Asks for results on the way, and gets them ("Progressive Call Results"). What it throws cancels the call. */
  readonly onProgress?: (args: Args, kwargs: Dict) => void
  /** Cancels the call, which is rejected with the signal's reason. */
  readonly signal?: AbortSignal
  /** `killnowait` unless told. With `kill` the promise settles when the callee has answered; what it answered counts. */
  readonly cancelMode?: CancelMode
}

/** What a procedure returned, or returns: several values, or named ones. */
export class CallResult {
  readonly args: Args
  readonly kwargs: Dict
  /** Of RESULT. */
  readonly details: Dict

  constructor(args: Args = [], kwargs: Dict = {}, details: Dict = {}) {
    this.args = args
    this.kwargs = kwargs
    this.details = details
  }
}

/** A result as a value: nothing as undefined, one positional value as itself, whatever else as CallResult. */
export function plain(result: CallResult): unknown {
  return result.args.length > 1 || Object.keys(result.kwargs).length > 0 ? result : result.args[0]
}

/** The calls of one session ("Calling and Invocations", Caller). */
export class Calls {
  readonly #requests: Requests
  readonly #clock: Clock
  readonly #send: (message: Message) => void
  /** Whether the router ends calls that take too long itself. */
  readonly #routerTimes: boolean

  constructor(requests: Requests, send: (message: Message) => void, clock: Clock, routerTimes: boolean) {
    this.#requests = requests
    this.#send = send
    this.#clock = clock
    this.#routerTimes = routerTimes
  }

  call(procedure: string, { args, kwargs }: Payload, options: CallOptions): Promise<CallResult> {
    const { timeoutMs, discloseMe, onProgress, signal, cancelMode = 'killnowait' } = options
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      let stopTimer = () => {}
      let isSettled = false
      let canceled: Error | undefined
      const settle = (result: CallResult | Error) => {
        isSettled = true
        stopTimer()
        signal?.removeEventListener('abort', onAbort)
        if (result instanceof CallResult) resolve(result)
        else reject(result)
      }
      // The request stays known until the router answered: what was on its way is no violation.
      const cancel = (why: Error, mode: CancelMode) => {
        if (isSettled || canceled) return
        canceled = why
        let isTold = true
        try {
          this.#send({ type: M.CANCEL, request, options: { mode } })
        } catch {
          isTold = false
        }
        if (mode !== 'kill' || !isTold) settle(why)
      }
      const onAbort = () => cancel(signal?.reason as Error, cancelMode)
      const pending: Pending = {
        of: M.CALL,
        answered: (answer) => {
          const { details, args: values = [], kwargs: named = {} } = answer as Result
          if (details.progress !== true) {
            if (!isSettled) settle(new CallResult(values, named, details))
            return true
          }
          if (!onProgress) throw new ProtocolViolation('RESULT has progress that was not asked for')
          if (!isSettled && !canceled)
            try {
              onProgress(values, named)
            } catch (error) {
              cancel(error as Error, 'killnowait')
            }
          return false
        },
        failed: (error) => {
          if (isSettled) return
          const isCancel = error instanceof ApplicationError && error.uri === URI.canceled
          settle(isCancel && canceled ? canceled : error)
        },
      }
      const timeout = timeoutMs !== undefined && this.#routerTimes ? Math.ceil(timeoutMs) : undefined
      const sent = defined({ timeout, disclose_me: discloseMe, receive_progress: onProgress && true })
      const request = this.#requests.send((request) => ({ type: M.CALL, request, options: sent, procedure, args, kwargs }), pending)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (timeoutMs !== undefined && !this.#routerTimes)
        stopTimer = this.#clock.after(timeoutMs, () =>
          cancel(new ApplicationError(URI.timeout, [`no answer within ${timeoutMs} ms`]), 'killnowait'),
        )
    })
  }
}
