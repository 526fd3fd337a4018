import type { Log } from './log.ts'

/** Milliseconds that one part may take to close before the next is closed without it. */
const CLOSE_PART_MS = 1500

/**
 * What was started, in order; closes in reverse. Closing is idempotent, awaited, bounded, and goes on when a part fails.
 */
export class Lifecycle {
  readonly #parts: { name: string; close: () => Promise<void> | void }[] = []
  readonly #log: Log
  #closing: Promise<void> | undefined

  constructor(log: Log) {
    this.#log = log
  }

  add(name: string, close: () => Promise<void> | void): void {
    this.#parts.push({ name, close })
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#parts.toReversed()) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not closed within ${CLOSE_PART_MS} ms`)), CLOSE_PART_MS)
      })
      try {
        await Promise.race([close(), late])
      } catch (error) {
        this.#log.error({ part: name, err: error }, 'close failed')
      } finally {
        clearTimeout(timer)
      }
    }
  }
}
