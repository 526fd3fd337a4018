import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/** Bytes of one read from an upstream. Memory that no read reaches is never touched, so quiet connections stay small. */
const READ_BYTES = 128 * 1024
/** Buffers of closed connections that are kept for new ones: making one costs more than the rest of a short connection. */
const MAX_SPARE = 64
const spare: Buffer[] = []

/**
 * Joins two byte streams, both ways: back-pressure and half-close pass through (each must allow half-open), an abrupt end of one
 * is one of the other. Node's own buffers are the only ones between: a few of its chunks each way.
 * @param poured the far side's bytes reach the near side by `Pour` already
 */
export function splice(near: Duplex, far: Duplex, poured = false): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => abort(to))
    // Gone before its end: the other side must not take that for one.
    from.on('close', () => {
      if (!from.readableEnded) abort(to)
    })
    if (from === near || !poured) from.pipe(to)
    else from.once('end', () => to.end())
  }
}

/**
 * Reads a socket into one buffer and writes from there to another stream; it reads again when all of that is written. No allocation
 * and no stream buffer a packet, and twice as much a read: the `onread` option of net.connect, which is for sockets we dial.
 */
export class Pour {
  readonly #to: Duplex
  #from: Socket | undefined
  #stopped = false
  readonly #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)

  constructor(to: Duplex) {
    this.#to = to
  }

  /** For net.connect. */
  get onread() {
    return {
      buffer: this.#buffer,
      callback: (bytes: number, buffer: Uint8Array): boolean => {
        this.#to.write(buffer.subarray(0, bytes), this.#onWritten)
        this.#stopped = this.#to.writableLength > 0
        return !this.#stopped
      },
    }
  }

  /** The socket that was dialled with `onread`. */
  start(from: Socket): void {
    this.#from = from
    from.once('close', () => {
      // What is still being written is still in it.
      if (this.#to.writableLength === 0 && spare.length < MAX_SPARE) spare.push(this.#buffer)
    })
    from.resume()
  }

  readonly #onWritten = () => {
    if (!this.#stopped || this.#to.writableLength > 0) return
    this.#stopped = false
    this.#from?.resume()
  }
}

/** Ends a stream so that its peer sees no orderly end, where it can be told (TCP's RST). */
function abort(stream: Duplex): void {
  const remote = stream instanceof Socket && !(stream instanceof TLSSocket) && stream.remoteFamily !== undefined
  if (remote && !stream.destroyed) stream.resetAndDestroy()
  else if (!stream.destroyed) stream.destroy(new Error('the other side broke off'))
}
