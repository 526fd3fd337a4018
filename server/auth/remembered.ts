import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'

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
  readonly #key = randomBytes(32)
  /** Until when, monotonic ms. */
  readonly #entries = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(address: string, user: string, password: string, stored: string): boolean {
    return (this.#entries.get(this.#of(address, user, password, stored)) ?? Number.NEGATIVE_INFINITY) > this.#clock.monotonic()
  }

  add(address: string, user: string, password: string, stored: string): void {
    const entry = this.#of(address, user, password, stored)
    this.#entries.delete(entry)
    this.#entries.set(entry, this.#clock.monotonic() + REMEMBER_MS)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_REMEMBERED) break
      this.#entries.delete(oldest)
    }
  }

  #of(...parts: readonly string[]): string {
    // As JSON: no two lists of texts are the same.
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64')
  }
}
