import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../base/clock.ts'
import { every } from '../base/clock.ts'
import type { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { Bus } from '../bus/bus.ts'
import { Viewer, type ViewerCounts } from './viewer.ts'

/** Milliseconds between two looks at viewers that do not acknowledge. */
const SWEEP_MS = 250

export interface LiveOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Registry
  readonly nameOf: (camera: string) => string
}

/** All viewers on sockets. */
export class Live {
  readonly #options: LiveOptions
  readonly #viewers = new Set<Viewer>()
  readonly #stopSweep: () => void
  readonly #age: Histogram
  /** Since the metrics were read last. */
  readonly #counts: ViewerCounts = { sentBytes: 0, gapFrames: 0 }

  constructor(options: LiveOptions) {
    this.#options = options
    const registers = [options.metrics]
    const viewers = this.#viewers
    new Gauge({
      name: 'porthole_viewers',
      help: 'Viewers on sockets',
      registers,
      collect() {
        this.set(viewers.size)
      },
    })
    const counts = this.#counts
    const counter = (name: string, help: string, count: keyof ViewerCounts) =>
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.inc(counts[count])
          counts[count] = 0
        },
      })
    counter('porthole_live_sent_bytes_total', 'Bytes of frames written to viewers', 'sentBytes')
    counter('porthole_live_gap_frames_total', 'Frames left out for slow viewers', 'gapFrames')
    this.#age = new Histogram({
      name: 'porthole_live_frame_age_seconds',
      help: 'Age of frames at their decode, as acknowledged',
      buckets: [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2],
      registers,
    })
    this.#stopSweep = every(options.clock, SWEEP_MS, () => {
      const now = options.clock.monotonic()
      for (const viewer of viewers) viewer.sweep(now)
    })
  }

  /**
   * @param may.audio whether sound is sent where it is asked for
   * @throws PortholeError camera.unknown
   */
  open(camera: string, socket: MessageSocket, { audio } = { audio: true }): void {
    const { bus, clock, nameOf } = this.#options
    const viewer = new Viewer({
      socket,
      channel: bus.channel(camera),
      audio,
      clock,
      name: () => nameOf(camera),
      counts: this.#counts,
      onAge: (age) => this.#age.observe(age / 1e6),
    })
    this.#viewers.add(viewer)
    const ended = socket.onClose
    socket.onClose = () => {
      this.#viewers.delete(viewer)
      ended()
    }
  }

  close(error: PortholeError): void {
    this.#stopSweep()
    for (const viewer of this.#viewers) viewer.close(error)
  }
}
