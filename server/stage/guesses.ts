import type { Clock } from '../base/clock.ts'
import { Counts } from '../base/counts.ts'
import { PortholeError } from '../base/errors.ts'
import { placeOf } from '../base/networks.ts'

/** Wrong codes from one address, and from everywhere, within a minute, after which who comes has to wait. */
const MAX_BY_ADDRESS = 10
const MAX_BY_ALL = 100
/** No address has this form. */
const ALL = 'all'

/** Counts wrong codes: they are short, so that whoever may try often enough finds one. */
export class Guesses {
  readonly #counts: Counts

  constructor(clock: Clock) {
    this.#counts = new Counts(clock)
  }

  /** @throws PortholeError request.rate, whether the code that was shown is right or not */
  admit(address: string): void {
    if (this.#counts.of(ALL) >= MAX_BY_ALL || this.#counts.of(placeOf(address)) >= MAX_BY_ADDRESS)
      throw new PortholeError('request.rate', 'Too many wrong codes; wait a minute.')
  }

  /** @returns takes it out of the count: it was no guess */
  wrong(address: string): () => void {
    const keys = [ALL, placeOf(address)]
    for (const key of keys) this.#counts.add(key, 1)
    return () => {
      for (const key of keys) this.#counts.add(key, -1)
    }
  }
}
