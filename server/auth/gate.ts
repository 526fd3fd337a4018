import { PortholeError } from '../base/errors.ts'

/** Hashes at once: more would fill the thread pool that the file system shares. */
const MAX_AT_ONCE = 2
/** Hashes that may wait; more are refused rather than queued. */
const MAX_WAITING = 64

interface Waiting {
  readonly start: () => void
  readonly refuse: (error: PortholeError) => void
}

/**
 * Lets slow hashes (Argon2, bcrypt, PBKDF2) through, two at once: from each place in turn, so that who guesses from a few places, and
 * from those often, makes nobody else wait long.
 */
export class Gate {
  #running = 0
  #waiting = 0
  /** Those who wait, by place; the place whose turn it is comes first. */
  readonly #queues = new Map<string, Waiting[]>()

  /**
   * @param place where it is asked from
   * @throws PortholeError server.limit when too many wait
   */
  async run<T>(hash: () => Promise<T>, place = ''): Promise<T> {
    if (this.#running >= MAX_AT_ONCE) await this.#turn(place)
    else this.#running++
    try {
      return await hash()
    } finally {
      // Whose turn it is takes this one's place over; a newcomer cannot.
      const next = this.#next()
      if (next) next.start()
      else this.#running--
    }
  }

  #turn(place: string): Promise<void> {
    const queue = this.#queues.get(place) ?? []
    if (this.#waiting >= MAX_WAITING) this.#makeRoom(queue.length)
    this.#queues.set(place, queue)
    this.#waiting++
    return new Promise((start, refuse) => queue.push({ start, refuse }))
  }

  /** The newest of the place that has most is refused, unless this place has as many. */
  #makeRoom(mine: number): void {
    const longest = [...this.#queues.values()].reduce((most, queue) => (queue.length > most.length ? queue : most), [])
    const error = new PortholeError('server.limit')
    if (longest.length <= mine + 1) throw error
    this.#waiting--
    longest.pop()?.refuse(error)
  }

  #next(): Waiting | undefined {
    for (const [place, queue] of this.#queues) {
      this.#queues.delete(place)
      const next = queue.shift()
      if (queue.length > 0) this.#queues.set(place, queue)
      if (!next) continue
      this.#waiting--
      return next
    }
    return undefined
  }
}
