import { PortholeError } from '../base/errors.ts'

/** Hashes at once: more would fill the thread pool that the file system shares. */
const MAX_AT_ONCE = 2
/** Sign-ins that may wait for a hash; more are refused rather than queued. */
const MAX_WAITING = 64

/** Lets slow hashes (Argon2, bcrypt, PBKDF2) through, two at once. */
export class Gate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** @throws PortholeError server.limit when too many wait */
  async run<T>(hash: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw new PortholeError('server.limit')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await hash()
    } finally {
      // Who waits longest takes the place over; a newcomer cannot.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
