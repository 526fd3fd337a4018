import type { Clock } from '../base/clock.ts'
import { Counts } from '../base/counts.ts'
import { PortholeError } from '../base/errors.ts'
import { placeOf } from '../base/networks.ts'

/** Sign-ins of one user from one address, and of one address, that failed or are not decided yet, before it has to wait. */
const MAX_BY_USER_AND_ADDRESS = 5
const MAX_BY_ADDRESS = 20
/** Sign-ins of one user from one address after which not even those are passed who were right a moment ago: that would be a way to guess. */
const MAX_RECALLED = 50
/** Characters of a user's name that tell one from another. */
const MAX_NAME_CHARS = 64

/**
 * Counts sign-ins that are not known to be right: from their beginning, so that many at once are no way past. By user *and*
 * address (of IPv6: the network of the client), so that a stranger elsewhere cannot lock the owner out.
 */
export class Attempts {
  readonly #byAddress: Counts
  readonly #byBoth: Counts

  constructor(clock: Clock) {
    this.#byAddress = new Counts(clock)
    this.#byBoth = new Counts(clock)
  }

  /**
   * @returns takes the attempt out of the count: it was right, or nobody's fault
   * @throws PortholeError request.rate
   */
  begin(user: string, from: string): () => void {
    const address = placeOf(from)
    const both = bothOf(user, address)
    const mustWait = this.#byAddress.of(address) >= MAX_BY_ADDRESS || this.#byBoth.of(both) >= MAX_BY_USER_AND_ADDRESS
    if (mustWait) {
      this.#byAddress.add(address, 0)
      // Names that nobody tried before push nobody out.
      if (this.#byBoth.of(both) > 0) this.#byBoth.add(both, 1)
      throw new PortholeError('request.rate', 'Too many failed sign-ins; wait a minute.')
    }
    this.#byBoth.add(both, 1)
    this.#byAddress.add(address, 1)
    return () => {
      this.#byBoth.add(both, -1)
      this.#byAddress.add(address, -1)
    }
  }

  /** Whether who was right a moment ago passes without a try. */
  mayRecall(user: string, from: string): boolean {
    return this.#byBoth.of(bothOf(user, placeOf(from))) < MAX_RECALLED
  }
}

const bothOf = (user: string, address: string): string => `${address} ${user.slice(0, MAX_NAME_CHARS)}`
