import type { Clock } from '../base/clock.ts'

interface Entry {
  readonly at: number
  readonly task: () => void
}

/**
 * Timers for thousands of connections of which nearly none runs out: one timer of the clock's for all, set for the first to
 * come and left alone when that one is taken back.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #entries = new Set<Entry>()
  #armedFor = Number.POSITIVE_INFINITY
  #disarm = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs `task` once after `ms`; the returned function takes it back. */
  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#clock.monotonic() + ms, task }
    this.#entries.add(entry)
    if (entry.at < this.#armedFor) this.#arm(entry.at)
    return () => this.#entries.delete(entry)
  }

  #arm(at: number): void {
    this.#disarm()
    this.#armedFor = at
    this.#disarm = this.#clock.after(at - this.#clock.monotonic(), () => this.#look())
  }

  #look(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = this.#clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const entry of [...this.#entries]) {
      if (entry.at > now) next = Math.min(next, entry.at)
      else if (this.#entries.delete(entry)) entry.task()
    }
    if (next < this.#armedFor) this.#arm(next)
  }
}
