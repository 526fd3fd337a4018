import { type Micros, micros } from '../../shared/units/time.ts'

/** How fast the estimate may give way when captures come later than they did, µs a frame: clocks drift, and devices change. */
const GIVE_US = 50
/** A jump of the capture's own clock, µs, after which the estimate starts again. */
const JUMP_US = 1_000_000

/**
 * Puts captures on a wall clock. Devices stamp frames on a clock of their own, steadily; frames arrive at our code with
 * jitter. The smallest difference between arrival and stamp lately is the distance of the clocks.
 */
export class CaptureClock {
  #offset: number | undefined

  /** @param stamp the device's time, µs; @param arrival wall clock, µs */
  time(stamp: number, arrival: number): Micros {
    const offset = arrival - stamp
    if (this.#offset === undefined || offset < this.#offset || offset - this.#offset > JUMP_US) this.#offset = offset
    else this.#offset = Math.min(offset, this.#offset + GIVE_US)
    return micros(Math.round(stamp + this.#offset))
  }
}
