import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Call, Cancel, Dict, Payload, WampError, Yield } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { isUri, URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import { disclosed } from './broker.ts'
import { Callees } from './callees.ts'
import { Failure } from './failure.ts'
import type { LocalProcedure } from './local.ts'
import { isPassthru, type Member, passthru } from './member.ts'
import type { Meta } from './meta-events.ts'
import { Deadlines, type Pending } from './pending.ts'
import { pick } from './registrations.ts'

/** Calls that one session may wait for at once, and invocations that one may be asked for at once. */
export const MAX_CALLS = 10_000
/** Progressive calls that are over, whose late parts are known for what they are. */
const MAX_LATE_CALLS = 1000

export interface DealerOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly meta: Meta
  /** Milliseconds that a call without a time-out of its own may take, and between its results; 0: for ever. */
  readonly callTimeoutMs: number
  /** Hears of what failed in the router itself. */
  readonly failed: (error: unknown, procedure: string) => Failure
}

/** Procedures, who calls and who answers them ("Remote Procedure Calls"). Who may was asked before. */
export class Dealer {
  readonly callees: Callees
  readonly #options: DealerOptions
  readonly #locals = new Map<string, LocalProcedure>()
  readonly #deadlines: Deadlines

  constructor(options: DealerOptions) {
    this.#options = options
    const date = () => options.clock.date()
    this.callees = new Callees({ meta: options.meta, date, isLocal: (uri) => this.#locals.has(uri) })
    this.#deadlines = new Deadlines(options.clock, options.callTimeoutMs, (pending) => this.#late(pending))
  }

  /** Has the router itself answer a procedure. */
  provide(procedure: string, answer: LocalProcedure): void {
    this.#locals.set(procedure, answer)
  }

  /**
   * @throws Failure why it is not asked
   * @throws ProtocolViolation
   */
  call(caller: Member, call: Call, discloses: boolean): void {
    const { request, options, procedure } = call
    const running = caller.calls.get(request)
    if (running) return this.#more(running, call)
    if (caller.lateCalls.has(request)) return
    if (caller.calls.size >= MAX_CALLS) throw new Failure('porthole.error.server.limit', `a session has at most ${MAX_CALLS} calls at once`)
    if (options.progress === true && !caller.features.callerProgressiveInvocations)
      throw new ProtocolViolation('CALL: progress without the feature progressive_call_invocations')
    const local = this.#locals.get(procedure)
    if (local) return this.#callLocal(caller, call, local)
    const registration = this.callees.registrations.index.best(procedure)
    if (!registration) throw new Failure(URI.noSuchProcedure, `nobody registered ${procedure}`)
    const member = pick(registration, this.#options.random)
    if (!member || member.invocations.size >= MAX_CALLS)
      throw new Failure(URI.unavailable, `who registered ${procedure} has too much to do`)
    if (options.progress === true && !member.features.calleeProgressiveInvocations)
      throw new Failure(URI.featureNotSupported, 'the callee takes no progressive call invocations')
    if (isPassthru(options) && !member.features.passthru.has('callee'))
      throw new Failure(URI.featureNotSupported, 'the callee takes no payload passthru')
    const timeoutMs = timeoutOf(options)
    // Told to callees that did not announce it too: Autobahn|JS and Wampy make progress, and announce half of it or nothing.
    const receivesProgress = options.receive_progress === true
    const details: Record<string, unknown> = {}
    if (registration.match !== 'exact') details.procedure = procedure
    if (receivesProgress) details.receive_progress = true
    if (discloses) Object.assign(details, disclosed('caller', caller))
    if (timeoutMs !== undefined && member.features.calleeTimeout) details.timeout = timeoutMs
    if (isPassthru(options)) Object.assign(details, passthru(options))
    const pending: Pending = {
      caller,
      request,
      callee: { member, invocation: member.nextInvocation(), registration: registration.id },
      details,
      receivesProgress,
      takesMore: options.progress === true,
      timeoutMs,
      cancelTimer: undefined,
      since: 0,
      abort: undefined,
    }
    caller.calls.set(request, pending)
    member.invocations.set(member.lastInvocation, pending)
    this.#deadlines.start(pending)
    this.#invoke(pending, call)
  }

  cancel(caller: Member, { request, options }: Cancel): void {
    const pending = caller.calls.get(request)
    // It may have been answered meanwhile.
    if (!pending) return
    const mode = options.mode ?? 'skip'
    if (mode !== 'skip' && mode !== 'kill' && mode !== 'killnowait')
      throw new ProtocolViolation('CANCEL: mode must be skip, kill or killnowait')
    if (pending.abort) {
      pending.abort.abort()
      return this.#fail(pending, URI.canceled)
    }
    const interrupts = pending.callee?.member.features.calleeCanceling === true
    if (mode === 'kill' && interrupts) return this.#interrupt(pending, 'kill')
    if (mode !== 'skip' && interrupts) this.#interrupt(pending, 'killnowait')
    this.#fail(pending, URI.canceled)
  }

  /** @throws ProtocolViolation for an invocation that never was */
  yield(callee: Member, { request, options, args, kwargs }: Yield): void {
    const pending = this.#answered(callee, request, 'YIELD')
    if (!pending) return
    const { caller } = pending
    const progress = options.progress === true
    if (isPassthru(options) && !caller.features.passthru.has('caller')) {
      this.#fail(pending, URI.featureNotSupported)
      return callee.send({ type: M.ERROR, of: M.INVOCATION, request, details: {}, error: URI.featureNotSupported })
    }
    const more = passthru(options)
    if (progress) {
      if (!pending.receivesProgress) return
      this.#deadlines.start(pending)
      return caller.send({ type: M.RESULT, request: pending.request, details: { progress: true, ...more }, args, kwargs })
    }
    this.#end(pending)
    caller.send({ type: M.RESULT, request: pending.request, details: more, args, kwargs })
  }

  /** @throws ProtocolViolation for an invocation that never was */
  error(callee: Member, { request, details, error, args, kwargs }: WampError): void {
    const pending = this.#answered(callee, request, 'ERROR')
    if (!pending) return
    this.#end(pending)
    const uri = isUri(error, 'loose') ? error : URI.invalidUri
    pending.caller.send({ type: M.ERROR, of: M.CALL, request: pending.request, details: passthru(details), error: uri, args, kwargs })
  }

  /** A session left: nobody is asked for it, and who waits for it is told. */
  leave(member: Member): void {
    for (const pending of [...member.calls.values()]) {
      pending.abort?.abort()
      if (pending.callee?.member.features.calleeCanceling) this.#interrupt(pending, 'killnowait')
      this.#end(pending)
    }
    // "Callee Leaving During an RPC Invocation".
    for (const pending of [...member.invocations.values()]) this.#fail(pending, URI.canceled, 'the callee left')
    this.callees.leave(member)
  }

  close(): void {
    this.#deadlines.close()
  }

  /** A further part of a progressive call goes where the first went; of its options only `progress` counts ("Freezing of Options"). */
  #more(pending: Pending, call: Call): void {
    if (!pending.takesMore) throw new ProtocolViolation('CALL: a call with this Request is not answered yet')
    pending.takesMore = call.options.progress === true
    this.#invoke(pending, call)
  }

  #invoke({ callee, details, takesMore }: Pending, { args, kwargs }: Payload): void {
    const { member, invocation, registration } = callee as NonNullable<Pending['callee']>
    member.send({
      type: M.INVOCATION,
      request: invocation,
      registration,
      details: takesMore ? { ...details, progress: true } : details,
      args,
      kwargs,
    })
  }

  #callLocal(caller: Member, { request, options, procedure, args, kwargs }: Call, answer: LocalProcedure): void {
    const abort = new AbortController()
    const pending: Pending = {
      caller,
      request,
      callee: undefined,
      details: {},
      receivesProgress: options.receive_progress === true,
      takesMore: false,
      timeoutMs: timeoutOf(options),
      cancelTimer: undefined,
      since: 0,
      abort,
    }
    caller.calls.set(request, pending)
    this.#deadlines.start(pending)
    const done = (payload: Payload | undefined) => {
      if (caller.calls.get(request) !== pending) return
      this.#end(pending)
      caller.send({ type: M.RESULT, request, details: {}, args: payload?.args, kwargs: payload?.kwargs })
    }
    const failed = (thrown: unknown) => {
      if (caller.calls.get(request) !== pending) return
      const failure = thrown instanceof Failure ? thrown : this.#options.failed(thrown, procedure)
      this.#end(pending)
      caller.send({ type: M.ERROR, of: M.CALL, request, details: {}, error: failure.uri, args: failure.args, kwargs: failure.kwargs })
    }
    const progress = (payload: Payload) => {
      if (caller.calls.get(request) !== pending) return
      this.#deadlines.start(pending)
      caller.send({ type: M.RESULT, request, details: { progress: true }, ...payload })
    }
    try {
      const answered = answer({
        caller,
        procedure,
        args: args ?? [],
        kwargs: kwargs ?? {},
        signal: abort.signal,
        ...(pending.receivesProgress && { progress }),
      })
      if (answered instanceof Promise) answered.then(done, failed)
      else done(answered)
    } catch (error) {
      failed(error)
    }
  }

  #answered(callee: Member, request: number, name: string): Pending | undefined {
    const pending = callee.invocations.get(request)
    // What was canceled may be answered all the same.
    if (!pending && request > callee.lastInvocation) throw new ProtocolViolation(`${name}: there is no invocation ${request}`)
    return pending
  }

  #late(pending: Pending): void {
    pending.abort?.abort()
    if (pending.callee?.member.features.calleeCanceling) this.#interrupt(pending, 'killnowait')
    this.#fail(pending, URI.timeout)
  }

  #interrupt({ callee }: Pending, mode: 'kill' | 'killnowait'): void {
    if (callee) callee.member.send({ type: M.INTERRUPT, request: callee.invocation, options: { mode } })
  }

  #fail(pending: Pending, error: string, message?: string): void {
    this.#end(pending)
    const { caller, request } = pending
    caller.send({ type: M.ERROR, of: M.CALL, request, details: {}, error, args: message === undefined ? undefined : [message] })
  }

  #end(pending: Pending): void {
    const { caller, request, callee, takesMore } = pending
    this.#deadlines.end(pending)
    caller.calls.delete(request)
    callee?.member.invocations.delete(callee.invocation)
    if (!takesMore) return
    caller.lateCalls.add(request)
    const [oldest] = caller.lateCalls
    if (caller.lateCalls.size > MAX_LATE_CALLS) caller.lateCalls.delete(oldest as number)
  }
}

/** @throws Failure wamp.error.invalid_argument */
function timeoutOf({ timeout }: Dict): number | undefined {
  if (timeout === undefined || timeout === null || timeout === 0) return undefined
  if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 0)
    throw new Failure(URI.invalidArgument, 'timeout must be a number of milliseconds')
  return timeout
}
