import { type Micros, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'

/** A clock that stands still until it is told to move; timers run in order when their time comes. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000_000
  #timers: { at: number; task: () => void }[] = []

  now(): Micros {
    return micros(Math.round(this.#now))
  }

  date(): number {
    return this.#now / 1000
  }

  monotonic(): number {
    return this.#now / 1000
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms) * 1000, task }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(ms: number): void {
    const end = this.#now + ms * 1000
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
    }
    this.#now = end
  }
}
