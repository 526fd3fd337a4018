import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { placeOf } from '../base/networks.ts'

/** Sign-ins of one user from one address, and of one address, that failed or are not decided yet, before it has to wait. */
const MAX_BY_USER_AND_ADDRESS = 5
const MAX_BY_ADDRESS = 20
/** Sign-ins of one user from one address after which not even those are passed who were right a moment ago: that would be a way to guess. */
const MAX_RECALLED = 50
/** Milliseconds in which they count. */
const WINDOW_MS = 60_000
/** Keys remembered; the oldest make room. */
const MAX_KEYS = 10_000

/**
 * Counts sign-ins that are not known to be right: from their beginning, so that many at once are no way past. By user *and*
 * address (of IPv6: the network of the client), so that a stranger elsewhere cannot lock the owner out.
 */
export class Attempts {
  readonly #clock: Clock
  readonly #counts = new Map<string, { count: number; since: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @returns takes the attempt out of the count: it was right, or nobody's fault
   * @throws PortholeError request.rate
   */
  begin(user: string, from: string): () => void {
    const address = placeOf(from)
    const both = `${address} ${user}`
    if (this.#count(both) >= MAX_BY_USER_AND_ADDRESS || this.#count(address) >= MAX_BY_ADDRESS) {
      this.#add(both, 1)
      throw new PortholeError('request.rate', 'Too many failed sign-ins; wait a minute.')
    }
    this.#add(both, 1)
    this.#add(address, 1)
    for (const key of this.#counts.keys()) {
      if (this.#counts.size <= MAX_KEYS) break
      this.#counts.delete(key)
    }
    return () => {
      this.#add(both, -1)
      this.#add(address, -1)
    }
  }

  /** Whether who was right a moment ago passes without a try. */
  mayRecall(user: string, from: string): boolean {
    return this.#count(`${placeOf(from)} ${user}`) < MAX_RECALLED
  }

  #add(key: string, change: 1 | -1): void {
    const count = this.#count(key)
    const since = count > 0 ? this.#counts.get(key)?.since : undefined
    // The newest last.
    this.#counts.delete(key)
    if (count + change > 0) this.#counts.set(key, { count: count + change, since: since ?? this.#clock.monotonic() })
  }

  #count(key: string): number {
    const entry = this.#counts.get(key)
    return entry && this.#clock.monotonic() - entry.since < WINDOW_MS ? entry.count : 0
  }
}
