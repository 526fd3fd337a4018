export interface BackoffOptions {
  /** Milliseconds before the first retry. */
  readonly initialDelayMs?: number
  /** Milliseconds that no delay is over. */
  readonly maxDelayMs?: number
  /** What a delay is multiplied by for the next. */
  readonly factor?: number
  /** Share of each delay, from 0 to 1, that chance takes or adds, so that clients which were cut at once do not come back at once. */
  readonly jitter?: number
  /** Retries in a row. */
  readonly maxRetries?: number
}

export const BACKOFF_DEFAULTS: Required<BackoffOptions> = {
  initialDelayMs: 1000,
  maxDelayMs: 30_000,
  factor: 2,
  jitter: 0.2,
  maxRetries: Number.POSITIVE_INFINITY,
}

/** How long to wait before each retry. Knows no clock: whoever asks waits. */
export class Backoff {
  readonly #options: Required<BackoffOptions>
  readonly #random: () => number
  #retries = 0
  #delayMs: number

  /**
   * @param random from 0 up to 1
   * @throws RangeError that names the option
   */
  constructor(options: BackoffOptions = {}, random: () => number = Math.random) {
    this.#options = { ...BACKOFF_DEFAULTS, ...options }
    const { initialDelayMs, maxDelayMs, factor, jitter, maxRetries } = this.#options
    if (!(initialDelayMs >= 0)) throw new RangeError(`initialDelayMs is ${initialDelayMs}; say 0 or more`)
    if (!(maxDelayMs >= initialDelayMs)) throw new RangeError(`maxDelayMs is ${maxDelayMs}; say initialDelayMs or more`)
    if (!(factor >= 1)) throw new RangeError(`factor is ${factor}; say 1 or more`)
    if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter is ${jitter}; say 0 to 1`)
    if (!(maxRetries >= 0)) throw new RangeError(`maxRetries is ${maxRetries}; say 0 or more`)
    this.#random = random
    this.#delayMs = initialDelayMs
  }

  /** Retries since the last reset. */
  get retries(): number {
    return this.#retries
  }

  /** @returns milliseconds to wait before the next retry; undefined when there is none any more */
  next(): number | undefined {
    const { maxRetries, maxDelayMs, factor, jitter } = this.#options
    if (this.#retries >= maxRetries) return undefined
    this.#retries++
    const delay = this.#delayMs
    this.#delayMs = Math.min(maxDelayMs, delay * factor)
    return Math.min(maxDelayMs, delay * (1 + jitter * (2 * this.#random() - 1)))
  }

  /** It went well: the next failure is the first. */
  reset(): void {
    this.#retries = 0
    this.#delayMs = this.#options.initialDelayMs
  }
}
