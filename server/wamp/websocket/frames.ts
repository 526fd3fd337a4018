import type { Duplex } from 'node:stream'

/** Bytes of the longest frame header: two, a length of eight, a mask of four (RFC 6455 §5.2). */
const MAX_HEADER_BYTES = 14
const MASKED = 0x80

/**
 * Walks over the bytes of a WebSocket and tells how long each frame is, at the end of its header: before its payload came. It looks at
 * lengths alone; what else a frame must be is the parser's to say. Source: RFC 6455 §5.2.
 */
export class FrameWalker {
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES)
  #have = 0
  /** Bytes of payload that are still to come. */
  #left = 0

  /** @returns bytes of payload of the longest frame that begins in the chunk; -1 when none does */
  push(chunk: Uint8Array): number {
    let longest = -1
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      this.#header[this.#have++] = chunk[at++] as number
      if (this.#have < 2 || this.#have < this.#headerBytes()) continue
      this.#left = this.#payloadBytes()
      this.#have = 0
      longest = Math.max(longest, this.#left)
    }
    return longest
  }

  #headerBytes(): number {
    const second = this.#header[1] as number
    return 2 + lengthBytes(length7(second)) + ((second & MASKED) === 0 ? 0 : 4)
  }

  #payloadBytes(): number {
    const short = length7(this.#header[1] as number)
    if (short === 126) return this.#header.readUInt16BE(2)
    return short === 127 ? Number(this.#header.readBigUInt64BE(2)) : short
  }
}

const length7 = (second: number) => second & 0x7f
const lengthBytes = (short: number) => (short === 127 ? 8 : short === 126 ? 2 : 0)

/**
 * Calls `exceeded` once, before the parser behind sees the frame: `ws` has a cap for messages alone. To be put on the connection in the
 * turn in which `ws` got it, and after it did: who listens first would be given alone what came with the handshake. Whole
 * messages before it in the same chunk are lost with it.
 */
export function capFrames(connection: Duplex, maxFrameBytes: number, exceeded: () => void): void {
  const walker = new FrameWalker()
  const look = (chunk: Uint8Array) => {
    if (walker.push(chunk) <= maxFrameBytes) return
    connection.off('data', look)
    exceeded()
  }
  connection.prependListener('data', look)
}
