import { cpuSeconds } from '../quiet.ts'
import { Histogram } from '../stats.ts'
import type { FormatName } from './formats.ts'
import { arrivedAt, flush } from './line.ts'
import { CALL, INVOCATION, REGISTER, RESULT, Session, type Target, YIELD } from './session.ts'
import { Payload, Template } from './template.ts'

export interface CallsJob {
  readonly what: 'calls'
  readonly target: Target
  readonly format: FormatName
  /** Bytes of the text that a call carries, and its result. */
  readonly bytes: number
  readonly inFlight: number
  readonly seconds: number
}

export interface CallsDone {
  /** Calls that were answered while it was measured. */
  readonly count: number
  readonly took: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers that were not their call's; calls that had none a while after the end. */
  readonly wrong: number
  readonly lost: number
  /** CPU seconds meanwhile. */
  readonly server: number
  readonly client: number
}

/** Milliseconds of calls before they count. */
const WARM_UP_MS = 300
/** Milliseconds for the last calls' answers. */
const DRAIN_MS = 2000
const BUCKET_MS = 0.005

let procedures = 0

/** Calls through a router, or the same bytes to an echo server: as many in flight all the time. */
export async function calls({ target, format: name, bytes, inFlight, seconds }: CallsJob): Promise<CallsDone> {
  const procedure = `com.bench.echo${String(++procedures).padStart(4, '0')}`
  const caller = await Session.join(target, name)
  const callee = target.kind === 'echo' ? undefined : await calleeOf(target, name, procedure, bytes)
  const { format, line } = caller
  const payload = new Payload(format, bytes)
  const call = new Template(format, CALL, [{}, procedure, payload.args])
  const answer = target.kind === 'router' ? RESULT : CALL
  const latencies = new Histogram(BUCKET_MS, 200_000)
  const sentAt = new Map<number, number>()
  let next = 1
  let count = 0
  let wrong = 0
  let running = true
  let counting = false

  const send = (now: number) => {
    sentAt.set(next, now)
    line.putWhole(call.of(next))
    next++
  }
  caller.onMessage = (buffer, start, end) => {
    const id = format.readId(buffer, format.idAt(buffer, start))
    const at = payload.find(buffer, start, end)
    const sent = sentAt.get(id)
    if (sent === undefined || format.typeOf(buffer, start) !== answer || at < 0 || payload.tag(buffer, at) !== id) {
      wrong++
      return
    }
    sentAt.delete(id)
    if (counting) {
      count++
      latencies.add(arrivedAt() - sent)
    }
    if (running) send(arrivedAt())
  }
  try {
    const now = performance.now()
    for (let i = 0; i < inFlight; i++) send(now)
    flush()
    await wait(WARM_UP_MS)
    const [began, server, own] = [performance.now(), cpuSeconds(target.pid), process.cpuUsage()]
    counting = true
    await wait(seconds * 1000)
    counting = running = false
    const done = { count, took: (performance.now() - began) / 1000, server: cpuSeconds(target.pid) - server, client: secondsSince(own) }
    for (const deadline = performance.now() + DRAIN_MS; sentAt.size > 0 && performance.now() < deadline; ) await wait(10)
    if (caller.closed ?? callee?.closed) throw new Error(`a connection ended: ${caller.closed ?? callee?.closed}`)
    return { ...done, p50: latencies.percentile(0.5), p99: latencies.percentile(0.99), wrong, lost: sentAt.size }
  } finally {
    line.close()
    callee?.line.close()
  }
}

/** Answers each invocation with its own arguments, byte for byte; through a bare server, each message with itself. */
async function calleeOf(target: Target, name: FormatName, procedure: string, bytes: number): Promise<Session> {
  const callee = await Session.join(target, name, true)
  const { format, line } = callee
  if (target.kind !== 'router') {
    callee.onMessage = (buffer, start, end) => {
      line.begin(end - start)
      line.put(buffer, start, end)
    }
    return callee
  }
  await callee.request(REGISTER, procedure)
  const payload = new Payload(format, bytes)
  const { before, after } = format.around(YIELD, [{}], 1)
  callee.onMessage = (buffer, start, end) => {
    if (format.typeOf(buffer, start) !== INVOCATION) return
    const idAt = format.idAt(buffer, start)
    const idEnd = format.idEnd(buffer, idAt)
    const args = payload.find(buffer, start, end)
    if (args < 0) return
    // In JSON the comma before the arguments is not one of theirs.
    const comma = format.binary ? 0 : 1
    line.begin(before.length + idEnd - idAt + after.length + comma + payload.encoded.length + format.end.length)
    line.put(before, 0, before.length)
    line.put(buffer, idAt, idEnd)
    line.put(after, 0, after.length)
    line.put(COMMA, 0, comma)
    line.put(buffer, args, args + payload.encoded.length)
    line.put(format.end, 0, format.end.length)
  }
  return callee
}

const COMMA = Buffer.from(',')

export const secondsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
