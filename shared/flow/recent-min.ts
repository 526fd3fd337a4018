/** The smallest of the values lately: of between one and two times the memory. */
export class RecentMin {
  readonly #memory: number
  #current = Number.POSITIVE_INFINITY
  #before = Number.POSITIVE_INFINITY
  #since = 0

  /** @param memory milliseconds */
  constructor(memory: number) {
    this.#memory = memory
  }

  /** @param now monotonic milliseconds */
  add(value: number, now: number): void {
    if (now - this.#since > this.#memory) {
      this.#before = this.#current
      this.#current = Number.POSITIVE_INFINITY
      this.#since = now
    }
    this.#current = Math.min(this.#current, value)
  }

  /** Infinite before the first value. */
  get value(): number {
    return Math.min(this.#current, this.#before)
  }
}
