import { hash, verify } from '@node-rs/argon2'

/** The package's Algorithm is a const enum, which isolated modules cannot read. */
const ARGON2ID = 2
/** OWASP's choice for argon2id: 19 MiB, two passes, one lane. */
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Hashes at once: more would fill the thread pool that the file system shares. */
const MAX_HASHES_AT_ONCE = 2
/** Sign-ins that may wait for a hash; more are refused rather than queued. */
const MAX_HASHES_WAITING = 64

export class TooManyHashes extends Error {}

/** Hashes and checks passwords, at most two at once. */
export class Passwords {
  #running = 0
  readonly #waiting: (() => void)[] = []
  #decoy: Promise<string> | undefined

  /** @returns PHC string */
  hash(password: string): Promise<string> {
    return this.#gated(() => hash(password.normalize('NFC'), OPTIONS))
  }

  /**
   * Takes the same time whether there is a hash or not, so that nobody learns which users exist.
   * @throws TooManyHashes
   */
  async verify(stored: string | null | undefined, password: string): Promise<boolean> {
    this.#decoy ??= hash('decoy', OPTIONS)
    const against = stored ?? (await this.#decoy)
    const right = await this.#gated(() => verify(against, password.normalize('NFC')))
    return right && stored !== null && stored !== undefined
  }

  async #gated<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_HASHES_AT_ONCE) {
      if (this.#waiting.length >= MAX_HASHES_WAITING) throw new TooManyHashes()
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
    try {
      return await task()
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}
