import { type Ack, encodeAck } from '../protocol/ack.ts'
import { ACK_BEHIND_MS, ACK_INTERVAL_BEHIND_MS, ACK_INTERVAL_MS, MAX_ACK_INTERVAL_MS } from '../protocol/limits.ts'
import { RecentMin } from './recent-min.ts'

/** How long the best transit is remembered, in milliseconds (between one and two of these). */
const BEST_TRANSIT_MEMORY_MS = 30_000

/**
 * The interval between acknowledgements, that the sender can follow by what they say: 250 ms, then 500 ms, 1 s, 2 s while
 * frames come in time, 60 ms after one that was late.
 */
export class AckInterval {
  /** While all is well; the first doubling makes it what it begins with. */
  #calm = ACK_INTERVAL_MS / 2
  #behind = false

  /** An acknowledgement of a frame `late` ms late was sent. */
  acknowledged(late: number): void {
    this.#behind = late > ACK_BEHIND_MS
    this.#calm = this.#behind ? ACK_INTERVAL_MS / 2 : Math.min(this.#calm * 2, MAX_ACK_INTERVAL_MS)
  }

  /** Milliseconds from the last acknowledgement to that of a frame in time. */
  get ms(): number {
    return this.#behind ? ACK_INTERVAL_BEHIND_MS : this.#calm
  }
}

/**
 * Decides when a receiver of frames acknowledges: each frame (at most one in 60 ms) that came late, and the first one that
 * did not; else seldom. PROTOCOL.md §4. Its owner calls `done` for each frame that was decoded
 * or skipped, in order, and `flush` when the time that `done` returned has passed without another call.
 */
export class Acker {
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void
  readonly #interval = new AckInterval()
  #lastAck = Number.NEGATIVE_INFINITY
  #pending: { sequence: number; at: number; age: number; late: number } | undefined
  #skipped = 0
  readonly #best = new RecentMin(BEST_TRANSIT_MEMORY_MS)

  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  /**
   * @param transit milliseconds from where the frame was passed on to its arrival, on any two clocks: only its growth counts
   * @param age µs from capture to decode, as well as it is known
   * @param now monotonic milliseconds
   * @returns milliseconds after which `flush` is due, or undefined when the acknowledgement is out
   */
  done(sequence: number, transit: number, age: number, now: number, skipped = false): number | undefined {
    this.#best.add(transit, now)
    if (skipped) this.#skipped++
    const late = transit - this.#best.value
    this.#pending = { sequence, at: now, age, late }
    const interval = late > ACK_BEHIND_MS ? ACK_INTERVAL_BEHIND_MS : this.#interval.ms
    const wait = this.#lastAck + interval - now
    if (wait > 0) return wait
    this.flush(now)
    return undefined
  }

  /** Acknowledges what is not yet acknowledged. */
  flush(now: number): void {
    if (!this.#pending) return
    const { sequence, at, age, late } = this.#pending
    const ack: Ack = { sequence, age, held: now - at, skipped: this.#skipped, late }
    this.#pending = undefined
    this.#skipped = 0
    this.#lastAck = now
    this.#interval.acknowledged(late)
    this.#send(encodeAck(ack))
  }
}
