import { MAX_TEXTS_PER_SECOND } from '../../shared/protocol/limits.ts'

/** A bucket of tokens that refills with time: at most `perSecond` on average, twice that in a burst. */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #at: number | undefined

  constructor(perSecond = MAX_TEXTS_PER_SECOND) {
    this.#perSecond = perSecond
    this.#tokens = perSecond * 2
  }

  /** @param now monotonic milliseconds */
  take(now: number): boolean {
    const gained = ((now - (this.#at ?? now)) * this.#perSecond) / 1000
    this.#at = now
    this.#tokens = Math.min(this.#perSecond * 2, this.#tokens + gained)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
