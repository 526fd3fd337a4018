import { type Micros, micros } from '../../shared/units/time.ts'

/** How fast the estimate may give way when captures come later than they did, µs a frame: clocks drift, and devices change. */
const GIVE_US = 50
/** A jump of the capture's own clock, µs, after which the estimate starts again. */
const JUMP_US = 1_000_000
/** Captures in a row that are so many µs late, after which it was the clock that jumped: a device's first stamps are not always its own. */
const LATE_CAPTURES = 50
const LATE_US = 100_000

/**
 * Puts captures on a wall clock. Devices stamp frames on a clock of their own, steadily; frames arrive at our code with
 * jitter. The smallest difference between arrival and stamp lately is the distance of the clocks.
 */
export class CaptureClock {
  #offset: number | undefined
  #lateCaptures = 0
  /** The smallest distance of those. */
  #lateOffset = Number.POSITIVE_INFINITY

  /** @param stamp the device's time, µs; @param arrival wall clock, µs */
  time(stamp: number, arrival: number): Micros {
    const offset = arrival - stamp
    if (this.#offset === undefined || offset < this.#offset || offset - this.#offset > JUMP_US) this.#offset = offset
    else this.#offset = Math.min(offset, this.#offset + GIVE_US)
    this.#restartWhereLate(offset)
    return micros(Math.round(stamp + this.#offset))
  }

  #restartWhereLate(offset: number): void {
    if (offset - (this.#offset as number) < LATE_US) {
      this.#lateCaptures = 0
      this.#lateOffset = Number.POSITIVE_INFINITY
      return
    }
    this.#lateOffset = Math.min(this.#lateOffset, offset)
    if (++this.#lateCaptures < LATE_CAPTURES) return
    this.#offset = this.#lateOffset
    this.#lateCaptures = 0
    this.#lateOffset = Number.POSITIVE_INFINITY
  }
}
