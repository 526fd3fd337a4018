import { AckWindow } from '../../shared/flow/window.ts'

/** Milliseconds between two looks at the link. */
const INTERVAL_MS = 500
/** Milliseconds of lag from which the bitrate goes down, and below which it may go up. */
const HIGH_LAG_MS = 60
const LOW_LAG_MS = 25
/** Shares of the full bitrate: the least, and the step up. */
const MIN_SCALE = 0.12
const STEP_UP = 1.08
const STEP_DOWN = 0.8

/** A publisher's link to the server: what is in flight, whether there is room, and what share of the full bitrate it carries. */
export class Uplink {
  /** Of the connection that is open. */
  window = new AckWindow()
  #scale = 1
  #nextAt = 0

  /** @returns the new share when it changed. @param bitrate what the full share costs, bits a second */
  tick(now: number, bitrate: number): number | undefined {
    if (now < this.#nextAt) return undefined
    this.#nextAt = now + INTERVAL_MS
    const lag = this.window.lag(now)
    const before = this.#scale
    if (lag > HIGH_LAG_MS) {
      const carries = (this.window.deliveryRate * 8 * 0.85) / Math.max(1, bitrate)
      this.#scale = Math.max(MIN_SCALE, Math.min(this.#scale * STEP_DOWN, carries > 0 ? carries : 1))
    } else if (lag < LOW_LAG_MS) this.#scale = Math.min(1, this.#scale * STEP_UP)
    return this.#scale === before ? undefined : this.#scale
  }

  reset(): void {
    this.window = new AckWindow()
  }
}
