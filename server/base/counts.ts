import type { Clock } from './clock.ts'
import { putNewest } from './newest.ts'

/** Milliseconds in which tries count. */
const WINDOW_MS = 60_000
/** Keys remembered (addresses, users at addresses); the oldest make room. */
const MAX_KEYS = 10_000

/** How often something was tried within a minute of the first time; the newest last. */
export class Counts {
  readonly #clock: Clock
  readonly #counts = new Map<string, { count: number; since: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(key: string): number {
    const entry = this.#counts.get(key)
    return entry && this.#clock.monotonic() - entry.since < WINDOW_MS ? entry.count : 0
  }

  /** @param change 0 only makes it the newest */
  add(key: string, change: 0 | 1 | -1): void {
    const count = this.of(key)
    const since = count > 0 ? this.#counts.get(key)?.since : undefined
    if (count + change <= 0) this.#counts.delete(key)
    else putNewest(this.#counts, key, { count: count + change, since: since ?? this.#clock.monotonic() }, MAX_KEYS)
  }
}
