import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Call, Cancel, Dict, Payload, WampError, Yield } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { isReserved, isUri, URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import { Callees } from './callees.ts'
import { Failure, overLimit } from './failure.ts'
import type { LocalProcedure } from './local.ts'
import { LocalTurns } from './local-turns.ts'
import { isPassthru, type Member, passthru } from './member.ts'
import type { Meta } from './meta-events.ts'
import { Deadlines, type Pending } from './pending.ts'
import { pick, type Registration } from './registrations.ts'

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
  /** Whether who registered a pattern may answer a procedure of it. */
  readonly mayAnswer: (member: Member, procedure: string) => boolean
  readonly mayEndOthers: (member: Member) => boolean
  /** Hears of what failed in the router itself. */
  readonly failed: (error: unknown, procedure: string) => Failure
}

/** Procedures, who calls and who answers them ("Remote Procedure Calls"). Who may was asked before. */
export class Dealer {
  readonly callees: Callees
  readonly #options: DealerOptions
  readonly #locals = new Map<string, LocalProcedure>()
  readonly #turns = new LocalTurns()
  readonly #deadlines: Deadlines

  constructor(options: DealerOptions) {
    this.#options = options
    const date = () => options.clock.date()
    this.callees = new Callees({ meta: options.meta, date, isLocal: (uri) => this.#locals.has(uri), mayEndOthers: options.mayEndOthers })
    this.#deadlines = new Deadlines(options.clock, options.callTimeoutMs, (pending) => this.#giveUp(pending, URI.timeout))
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
    if (caller.calls.size >= MAX_CALLS) throw overLimit(`a session has at most ${MAX_CALLS} calls at once`)
    if (options.progress === true && !caller.features.callerProgressiveInvocations)
      throw new ProtocolViolation('CALL: progress without the feature progressive_call_invocations')
    const local = this.#locals.get(procedure)
    if (local && options.progress === true) throw new Failure(URI.featureNotSupported, 'the router takes no progressive call invocations')
    if (local) return this.#callLocal(caller, call, local)
    const registration = this.#find(procedure)
    if (!registration) throw new Failure(URI.noSuchProcedure, `nobody registered ${procedure}`)
    const { random, mayAnswer } = this.#options
    const member = pick(registration, random, registration.match === 'exact' ? undefined : (callee) => mayAnswer(callee, procedure))
    if (!member || member.invocations.size >= MAX_CALLS)
      throw new Failure(URI.unavailable, `who registered ${procedure} has too much to do`)
    if (options.progress === true && !member.features.calleeProgressiveInvocations)
      throw new Failure(URI.featureNotSupported, 'the callee takes no progressive call invocations')
    if (isPassthru(options) && !member.features.passthru.has('callee'))
      throw new Failure(URI.featureNotSupported, 'the callee takes no payload passthru')
    const timeoutMs = timeoutOf(options)
    // Told to callees that did not announce it too: Autobahn|JS and Wampy make progress, and announce half of it or nothing.
    const receivesProgress = options.receive_progress === true
    const more: Record<string, unknown> = {}
    if (registration.match !== 'exact') more.procedure = procedure
    if (receivesProgress) more.receive_progress = true
    if (timeoutMs !== undefined && member.features.calleeTimeout) more.timeout = timeoutMs
    if (isPassthru(options)) Object.assign(more, passthru(options))
    const details = discloses ? { ...caller.asCaller, ...more } : more
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

  /** A call was refused: further parts of it may be on their way, which are no calls of their own. */
  refused(caller: Member, { request, options }: Pick<Call, 'request' | 'options'>): void {
    if (options.progress === true) rememberLate(caller, request)
  }

  cancel(caller: Member, { request, options }: Cancel): void {
    const pending = caller.calls.get(request)
    // It may have been answered meanwhile.
    if (!pending) return
    const mode = options.mode ?? 'skip'
    if (mode !== 'skip' && mode !== 'kill' && mode !== 'killnowait')
      throw new ProtocolViolation('CANCEL: mode must be skip, kill or killnowait')
    if (mode === 'kill' && this.#interrupt(pending, 'kill')) return
    if (mode !== 'skip' || pending.abort) this.#stop(pending)
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
      callee.send({ type: M.ERROR, of: M.INVOCATION, request, details: {}, error: URI.featureNotSupported })
      return
    }
    const more = passthru(options)
    if (progress) {
      if (!pending.receivesProgress) return
      if (caller.isFull) return this.#giveUp(pending, URI.unavailable, 'the caller does not read as fast')
      this.#deadlines.start(pending)
      this.#result(pending, { progress: true, ...more }, { args, kwargs })
      return
    }
    this.#end(pending)
    this.#result(pending, more, { args, kwargs })
  }

  /** @throws ProtocolViolation for an invocation that never was */
  error(callee: Member, { request, details, error, args, kwargs }: WampError): void {
    const pending = this.#answered(callee, request, 'ERROR')
    if (!pending) return
    this.#end(pending)
    const uri = isUri(error, 'loose') ? error : URI.invalidUri
    const relayed: WampError = { type: M.ERROR, of: M.CALL, request: pending.request, details: passthru(details), error: uri }
    if (!pending.caller.send({ ...relayed, args, kwargs })) pending.caller.send(relayed)
  }

  /** A session left: nobody is asked for it, and who waits for it is told. */
  leave(member: Member): void {
    for (const pending of [...member.calls.values()]) {
      this.#stop(pending)
      this.#end(pending)
    }
    // "Callee Leaving During an RPC Invocation".
    for (const pending of [...member.invocations.values()]) this.#fail(pending, URI.canceled, 'the callee left')
    this.callees.leave(member)
  }

  close(): void {
    this.#deadlines.close()
  }

  /** What fits best; of patterns those whose callees might have registered the procedure itself. */
  #find(procedure: string): Registration | undefined {
    if (isReserved(procedure)) return undefined
    const { index } = this.callees.registrations
    const best = index.best(procedure)
    if (best === undefined || best.match === 'exact') return best
    for (const registration of index.matching(procedure))
      if (registration.callees.some((callee) => this.#options.mayAnswer(callee, procedure))) return registration
    return undefined
  }

  /** A further part of a progressive call goes where the first went; of its options only `progress` counts ("Freezing of Options"). */
  #more(pending: Pending, call: Call): void {
    if (!pending.takesMore) throw new ProtocolViolation('CALL: a call with this Request is not answered yet')
    // Its caller goes faster than its callee reads: that is no reason to end the callee.
    if (pending.callee?.member.isFull) return this.#giveUp(pending, URI.unavailable, 'the callee does not read as fast')
    pending.takesMore = call.options.progress === true
    this.#invoke(pending, call)
  }

  #invoke(pending: Pending, { args, kwargs }: Payload): void {
    const { callee, details, takesMore } = pending
    const { member, invocation, registration } = callee as NonNullable<Pending['callee']>
    const isSent = member.send({
      type: M.INVOCATION,
      request: invocation,
      registration,
      details: takesMore ? { ...details, progress: true } : details,
      args,
      kwargs,
    })
    if (!isSent) this.#fail(pending, URI.payloadSizeExceeded, 'the callee takes no messages of this size')
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
    const isOver = () => caller.calls.get(request) !== pending
    const done = (payload: Payload = {}) => {
      if (isOver()) return
      this.#end(pending)
      this.#result(pending, {}, payload)
    }
    const failed = (thrown: unknown) => {
      if (isOver()) return
      const { uri, args, kwargs } = thrown instanceof Failure ? thrown : this.#options.failed(thrown, procedure)
      this.#end(pending)
      caller.send({ type: M.ERROR, of: M.CALL, request, details: {}, error: uri, args, kwargs })
    }
    const progress = (payload: Payload) => {
      if (isOver()) return
      this.#deadlines.start(pending)
      this.#result(pending, { progress: true }, payload)
    }
    const asked = {
      caller,
      procedure,
      args: args ?? [],
      kwargs: kwargs ?? {},
      signal: abort.signal,
      ...(pending.receivesProgress && { progress }),
    }
    this.#turns.run(caller, () => {
      if (isOver()) return undefined
      try {
        const answered = answer(asked)
        if (answered instanceof Promise) return answered.then(done, failed)
        done(answered)
      } catch (error) {
        failed(error)
      }
      return undefined
    })
  }

  /** A result that its caller cannot take is an error that it can. */
  #result({ caller, request }: Pending, details: Dict, { args, kwargs }: Payload): void {
    if (caller.send({ type: M.RESULT, request, details, args, kwargs })) return
    if (details.progress !== true) caller.send({ type: M.ERROR, of: M.CALL, request, details: {}, error: URI.payloadSizeExceeded })
  }

  /** Ends a call that takes too long, or whose parts are not read. */
  #giveUp(pending: Pending, error: string, why?: string): void {
    this.#stop(pending)
    this.#fail(pending, error, why)
  }

  #answered(callee: Member, request: number, name: string): Pending | undefined {
    const pending = callee.invocations.get(request)
    // What was canceled may be answered all the same.
    if (!pending && request > callee.lastInvocation) throw new ProtocolViolation(`${name}: there is no invocation ${request}`)
    return pending
  }

  /** Who answers it need not go on. */
  #stop(pending: Pending): void {
    pending.abort?.abort()
    this.#interrupt(pending, 'killnowait')
  }

  /** @returns whether there is a callee that takes it */
  #interrupt({ callee }: Pending, mode: 'kill' | 'killnowait'): boolean {
    if (!callee?.member.features.calleeCanceling) return false
    callee.member.send({ type: M.INTERRUPT, request: callee.invocation, options: { mode } })
    return true
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
    if (takesMore) rememberLate(caller, request)
  }
}

function rememberLate({ lateCalls }: Member, request: number): void {
  lateCalls.add(request)
  const [oldest] = lateCalls
  if (lateCalls.size > MAX_LATE_CALLS) lateCalls.delete(oldest as number)
}

/** @throws Failure wamp.error.invalid_argument */
function timeoutOf({ timeout }: Dict): number | undefined {
  if (timeout === undefined || timeout === null || timeout === 0) return undefined
  if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 0)
    throw new Failure(URI.invalidArgument, 'timeout must be a number of milliseconds')
  return timeout
}
