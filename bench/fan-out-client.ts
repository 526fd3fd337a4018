import { LightViewer } from './fan-out-viewer.ts'
import { Histogram } from './stats.ts'

/** Milliseconds between two looks at acknowledgements that are due. */
const FLUSH_MS = 10
/** Milliseconds between two looks at the sockets. */
const LOOK_MS = 1
/** Connections that may be opening at once. */
const MAX_OPENING = 50

/** What the benchmark says to this process, and what it answers. */
export type ToClient =
  | { type: 'connect'; port: number; path: string; cookie: string; viewers: number }
  /** Counts frames of these numbers, from and to included, from now on. */
  | { type: 'count'; from: number; to: number }
  | { type: 'report' }
export type FromClient = { type: 'connected' } | { type: 'counting' } | ({ type: 'report' } & Report)

export interface Report {
  /** Frames of the wanted numbers that arrived whole. */
  readonly frames: number
  /** Bytes of all frames since the last `count`, WebSocket headers included. */
  readonly bytes: number
  /** Milliseconds from a frame's capture time to its last byte here. */
  readonly p50: number
  readonly p99: number
  readonly gaps: number
  readonly acks: number
  /** Viewers that lost their connection, with the first reason. */
  readonly lost: number
  readonly reason: string
}

const viewers: LightViewer[] = []
/** Tenths of a millisecond, to ten seconds. */
const delays = new Histogram(0.1, 100_000)
let from = 0
let to = -1
let frames = 0
let bytes = 0
let gaps = 0
let acks = 0
let lost = 0
let reason = ''

const say = (message: FromClient) => process.send?.(message)

async function open({ port, path, cookie, viewers: wanted }: Extract<ToClient, { type: 'connect' }>): Promise<void> {
  let opening = 0
  let wake = () => {}
  for (let i = 0; i < wanted; i++) {
    while (opening >= MAX_OPENING)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    opening++
    let settled = false
    const settle = () => {
      if (settled) return
      settled = true
      opening--
      wake()
    }
    viewers.push(
      new LightViewer({
        port,
        path,
        cookie,
        onOpen: settle,
        onFrame: (index, delay, size) => {
          bytes += size
          if (index < from || index > to) return
          frames++
          delays.add(delay)
        },
        onGap: () => gaps++,
        onAck: () => acks++,
        onClose: (why) => {
          settle()
          lost++
          reason ||= why
        },
      }),
    )
  }
  while (opening > 0)
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  look()
  say({ type: 'connected' })
}

setInterval(() => {
  const now = performance.now()
  for (const viewer of viewers) viewer.flush(now)
}, FLUSH_MS)

// Who waits for its sockets is woken by the server's write, at the server's cost, the oftener the slower the server: that
// would measure this machine's scheduler. Viewers elsewhere are woken by their own kernels. So this one sleeps beside
// its sockets, and looks at them afterwards.
const asleep = new Int32Array(new SharedArrayBuffer(4))
const look = () => {
  Atomics.wait(asleep, 0, 0, LOOK_MS)
  setImmediate(look)
}

process.on('message', (message: ToClient) => {
  if (message.type === 'connect') return void open(message)
  if (message.type === 'count') {
    from = message.from
    to = message.to
    frames = 0
    bytes = 0
    gaps = 0
    acks = 0
    delays.clear()
    return say({ type: 'counting' })
  }
  say({ type: 'report', frames, bytes, p50: delays.percentile(0.5), p99: delays.percentile(0.99), gaps, acks, lost, reason })
})
process.once('disconnect', () => process.exit())
