import type { Writable } from 'node:stream'

/** Bytes that are gathered at the most before they are written. */
const GATHER_BYTES = 64 * 1024

/**
 * Writes of one turn of the event loop as one: what a read brought in is mostly answered in the same turn, and the system's call costs more
 * than the message.
 */
export class Outgoing {
  readonly #target: Writable
  #parts: Buffer[] = []
  #bytes = 0
  #scheduled = false
  readonly #later = () => {
    this.#scheduled = false
    this.flush()
  }

  constructor(target: Writable) {
    this.#target = target
  }

  /** Bytes that wait here or in the stream. */
  get backlog(): number {
    return this.#bytes + this.#target.writableLength
  }

  write(part: Buffer): void {
    this.#parts.push(part)
    this.#bytes += part.length
    if (this.#bytes >= GATHER_BYTES) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#later)
  }

  flush(): void {
    if (this.#bytes === 0) return
    const all = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts, this.#bytes)
    this.#parts = []
    this.#bytes = 0
    if (this.#target.writable) this.#target.write(all)
  }
}
