import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'

/** Failed sign-ins of one user from one address, and of one address, before it has to wait. */
const MAX_BY_USER_AND_ADDRESS = 5
const MAX_BY_ADDRESS = 20
/** Milliseconds in which failures count. */
const WINDOW_MS = 60_000
/** Keys remembered; the oldest make room. */
const MAX_KEYS = 10_000

/** Counts failed sign-ins. By user *and* address, so that a stranger elsewhere cannot lock the owner out. */
export class Attempts {
  readonly #clock: Clock
  readonly #failures = new Map<string, { count: number; since: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws PortholeError request.rate */
  check(user: string, address: string): void {
    if (this.#count(`${address} ${user}`) >= MAX_BY_USER_AND_ADDRESS || this.#count(address) >= MAX_BY_ADDRESS)
      throw new PortholeError('request.rate', 'Too many failed sign-ins; wait a minute.')
  }

  failed(user: string, address: string): void {
    for (const key of [`${address} ${user}`, address]) {
      const count = this.#count(key)
      const since = this.#failures.get(key)?.since
      this.#failures.delete(key)
      this.#failures.set(key, { count: count + 1, since: count > 0 && since !== undefined ? since : this.#clock.monotonic() })
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MAX_KEYS) break
      this.#failures.delete(key)
    }
  }

  #count(key: string): number {
    const entry = this.#failures.get(key)
    return entry && this.#clock.monotonic() - entry.since < WINDOW_MS ? entry.count : 0
  }
}
