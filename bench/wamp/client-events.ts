import { cpuSeconds } from '../quiet.ts'
import { Histogram } from '../stats.ts'
import { secondsSince, wait } from './client-calls.ts'
import type { FormatName } from './formats.ts'
import { arrivedAt, flush } from './line.ts'
import { EVENT, joinAll, PUBLISH, Session, SUBSCRIBE, type Target } from './session.ts'
import { Payload, Template } from './template.ts'

export interface EventsJob {
  readonly what: 'events'
  readonly target: Target
  readonly format: FormatName
  readonly bytes: number
  readonly subscribers: number
  /** Publications that subscribers may be behind, on average. */
  readonly window: number
  readonly seconds: number
}

export interface EventsDone {
  /** Events that subscribers got while it was measured. */
  readonly count: number
  readonly took: number
  /** Milliseconds from the publisher's write to the subscriber's read. */
  readonly p50: number
  readonly p99: number
  /** Events that came of all that were published, in the warm-up too; and those that came out of turn, or twice. */
  readonly delivered: number
  readonly wrong: number
  /** CPU seconds meanwhile. */
  readonly server: number
  readonly client: number
}

const WARM_UP_MS = 500
/** Milliseconds in which nothing arrives after which what is missing is lost. */
const DRAIN_MS = 2000
const BUCKET_MS = 0.02
/** Connections that are made at once. */
const BATCH = 50
/** A publication's id as routers draw them, of 53 bits, and a subscription's. */
const A_PUBLICATION = 4_503_599_627_370_497
const A_SUBSCRIPTION = 17

let topics = 0

/** Publishes as fast as its subscribers read: no more ahead of them than the window, so that what is measured is not a queue. */
export async function events({ target, format: name, bytes, subscribers, window, seconds }: EventsJob): Promise<EventsDone> {
  const topic = `com.bench.topic${String(++topics).padStart(4, '0')}`
  const publisher = await Session.join(target, name)
  const { format, line } = publisher
  const payload = new Payload(format, bytes)
  // A bare server passes on what it gets: the bytes of an event.
  const publish =
    target.kind === 'router'
      ? new Template(format, PUBLISH, [{}, topic, payload.args])
      : new Template(format, EVENT, [A_PUBLICATION, {}, payload.args])
  const latencies = new Histogram(BUCKET_MS, 200_000)
  const sentAt: number[] = []
  let received = 0
  let counted = 0
  let wrong = 0
  let running = false
  let counting = false

  const more = (now: number) => {
    while (running && sentAt.length * subscribers - received < window * subscribers) {
      sentAt.push(now)
      line.putWhole(target.kind === 'router' ? publish.of(sentAt.length) : publish.of(A_SUBSCRIPTION, sentAt.length))
    }
  }
  const reader = async () => {
    const session = await Session.join(target, name, true)
    if (target.kind === 'router') await session.request(SUBSCRIBE, topic)
    let expected = 1
    session.onMessage = (buffer, start, end) => {
      const at = format.typeOf(buffer, start) === EVENT ? payload.find(buffer, start, end) : -1
      const tag = at < 0 ? -1 : payload.tag(buffer, at)
      if (tag !== expected) {
        wrong++
        if (tag < expected) return
      }
      expected = tag + 1
      received++
      if (counting) {
        counted++
        latencies.add(arrivedAt() - (sentAt[tag - 1] as number))
      }
      more(arrivedAt())
    }
    return session
  }
  const readers = await joinAll(subscribers, BATCH, reader)
  publisher.onMessage = () => {
    wrong++
  }
  try {
    running = true
    more(performance.now())
    flush()
    await wait(WARM_UP_MS)
    const [began, server, own] = [performance.now(), cpuSeconds(target.pid), process.cpuUsage()]
    counting = true
    await wait(seconds * 1000)
    counting = running = false
    const done = {
      count: counted,
      took: (performance.now() - began) / 1000,
      server: cpuSeconds(target.pid) - server,
      client: secondsSince(own),
    }
    const all = sentAt.length * subscribers
    for (let before = -1, since = performance.now(); received < all && performance.now() - since < DRAIN_MS; await wait(10))
      if (received !== before) [before, since] = [received, performance.now()]
    const closed = [publisher, ...readers].find((session) => session.closed !== undefined)?.closed
    if (closed !== undefined) throw new Error(`a connection ended: ${closed}`)
    return { ...done, p50: latencies.percentile(0.5), p99: latencies.percentile(0.99), delivered: received / all, wrong }
  } finally {
    for (const session of [publisher, ...readers]) session.line.close()
  }
}
