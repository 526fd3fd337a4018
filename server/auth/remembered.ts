import type { Clock } from '../base/clock.ts'
import { putNewest } from '../base/newest.ts'
import { keyedHash } from './hashes.ts'

/** Milliseconds that a password which was right is remembered; passwords remembered, the oldest make room. */
const REMEMBER_MS = 60_000
const MAX_REMEMBERED = 1000

/**
 * Passwords that were right a moment ago: clients that poll send theirs with each request, and a slow hash for each would
 * choke everybody. Kept under an HMAC with a key of this process, over the stored hash too: a new password is not the
 * old one. And over the address: who guesses elsewhere meets the slow hash.
 */
export class Remembered {
  readonly #clock: Clock
  readonly #hash = keyedHash()
  /** Until when, monotonic ms. */
  readonly #entries = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(address: string, user: string, password: string, stored: string): boolean {
    return (this.#entries.get(this.#hash(address, user, password, stored)) ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic()
  }

  add(address: string, user: string, password: string, stored: string): void {
    putNewest(this.#entries, this.#hash(address, user, password, stored), this.#clock.monotonic() + REMEMBER_MS, MAX_REMEMBERED)
  }
}
