import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Args, Dict, Interrupt, Invocation, Message, Payload } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { isUri, URI } from '../../../shared/wamp/uris.ts'
import { ApplicationError, errorPayload, isApplicationError, nonEmpty } from './application-error.ts'
import { CallResult } from './calls.ts'
import { isTooLarge } from './sending.ts'

/** Handlers of one session that run at once, those interrupted and not ended yet among them; more are answered `wamp.error.unavailable`. */
export const MAX_RUNNING_INVOCATIONS = 1000

/** What a handler learns of a call beside its arguments. */
export interface InvocationDetails {
  /** URI that was called: with patterns, which one of all. */
  readonly procedure: string
  /** Who called, where the caller or the registration discloses it ("Caller Identification"). */
  readonly caller: number | undefined
  readonly callerAuthid: string | undefined
  readonly callerAuthrole: string | undefined
  /** Aborts when the call is canceled, took too long, or the session ends. The caller has its answer then, and the handler's is dropped. */
  readonly signal: AbortSignal
  /** Whether the caller wants results on the way. */
  readonly wantsProgress: boolean
  /** Sends a result on the way; does nothing when none is wanted, or any more. One that is larger than the router takes ends the call. */
  progress(args?: Args, kwargs?: Dict): void
  /** Details of INVOCATION, as they came. */
  readonly raw: Dict
}

/** Returns one value, a CallResult of several or named ones, or nothing; or a promise of it. */
export type InvocationHandler = (args: Args, kwargs: Dict, details: InvocationDetails) => unknown

interface Running {
  readonly controller: AbortController
  isAnswered: boolean
}

/** Tells the author of a handler that it failed; what the other side learns is less. */
export type Report = (error: unknown, where: string) => void

/** Runs a session's handlers of procedures, in the order of their calls ("Calling and Invocations", Callee). */
export class Invocations {
  readonly #send: (message: Message) => void
  readonly #report: Report
  readonly #running = new Map<number, Running>()

  constructor(send: (message: Message) => void, report: Report) {
    this.#send = send
    this.#report = report
  }

  /**
   * @param procedure that was registered
   * @throws ProtocolViolation for a request that runs already
   */
  run(invocation: Invocation, procedure: string, handler: InvocationHandler): void {
    const { request } = invocation
    if (this.#running.has(request)) throw new ProtocolViolation(`INVOCATION ${request} came twice`)
    if (this.#running.size >= MAX_RUNNING_INVOCATIONS)
      return this.#fail(request, new ApplicationError(URI.unavailable, ['too many calls run already']))
    const running: Running = { controller: new AbortController(), isAnswered: false }
    this.#running.set(request, running)
    void this.#run(invocation, procedure, handler, running)
  }

  /** Ends a call before its handler does: the caller is answered now, the handler told. */
  interrupt({ request, options }: Interrupt): void {
    const running = this.#running.get(request)
    // It may have crossed the answer.
    if (!running || running.isAnswered) return
    const { reason } = options
    this.#stop(request, running, new ApplicationError(typeof reason === 'string' && isUri(reason, 'loose') ? reason : URI.canceled))
  }

  /** The session is over: handlers are told, nobody is answered. */
  end(reason: Error): void {
    const running = [...this.#running.values()]
    this.#running.clear()
    for (const one of running) one.isAnswered = true
    for (const { controller } of running) controller.abort(reason)
  }

  #stop(request: number, running: Running, error: ApplicationError): void {
    running.isAnswered = true
    this.#fail(request, error)
    running.controller.abort(error)
  }

  async #run(invocation: Invocation, procedure: string, handler: InvocationHandler, running: Running): Promise<void> {
    const { request, args = [], kwargs = {} } = invocation
    const details = this.#details(invocation, procedure, running)
    try {
      const value = await handler(args, kwargs, details)
      if (!running.isAnswered) this.#send({ type: M.YIELD, request, options: {}, ...payloadOf(value) })
    } catch (error) {
      if (running.isAnswered) return
      // A handler's own errors are meant for the caller; others are mistakes, of which the author should hear.
      if (!isApplicationError(error) || isTooLarge(error)) this.#report(error, `procedure ${details.procedure}`)
      this.#fail(request, error)
    } finally {
      running.isAnswered = true
      this.#running.delete(request)
    }
  }

  #details({ request, details: raw }: Invocation, procedure: string, running: Running): InvocationDetails {
    const wantsProgress = raw.receive_progress === true
    return {
      procedure: textOr(raw.procedure) ?? procedure,
      caller: typeof raw.caller === 'number' ? raw.caller : undefined,
      callerAuthid: textOr(raw.caller_authid),
      callerAuthrole: textOr(raw.caller_authrole),
      signal: running.controller.signal,
      wantsProgress,
      progress: (args = [], kwargs = {}) => {
        if (!wantsProgress || running.isAnswered) return
        try {
          this.#send({ type: M.YIELD, request, options: { progress: true }, ...nonEmpty(args, kwargs) })
        } catch (error) {
          // The router chooses what is too large, and the handler may be in a turn where nobody catches.
          if (!isTooLarge(error)) throw error
          this.#stop(request, running, error)
        }
      },
      raw,
    }
  }

  /** Throws nothing: it ends what nobody waits for. */
  #fail(request: number, thrown: unknown): void {
    const answer = { type: M.ERROR, of: M.INVOCATION, request, details: {} } as const
    try {
      this.#send({ ...answer, ...errorPayload(thrown) })
    } catch (error) {
      // Its arguments are nothing that the serializer carries, or more than the router takes.
      this.#report(error, 'an error that cannot be sent')
      try {
        this.#send({ ...answer, error: isTooLarge(error) ? error.uri : URI.runtimeError })
      } catch (last) {
        this.#report(last, 'an answer that cannot be sent')
      }
    }
  }
}

function payloadOf(value: unknown): Payload {
  if (value === undefined) return {}
  return value instanceof CallResult ? nonEmpty(value.args, value.kwargs) : { args: [value] }
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : undefined)
