import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Bytes of one read. Memory that no read reaches is never touched, so quiet connections stay small. */
const READ_BYTES = 128 * 1024
/** Buffers of closed connections that are kept for new ones: making one costs more than the rest of a short connection. */
const MAX_SPARE = 128
const spare: Buffer[] = []

/**
 * Reads a socket into one buffer and writes from there to another stream; it reads again when all of that is written. No
 * allocation and no stream buffer a packet, and larger reads: twice as much a second as a pipe.
 */
export class Pour {
  readonly #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
  #from: Socket | undefined
  #to: Duplex | undefined
  readonly #head: Buffer | null
  #stopped = false

  /** @param head what was read before; it goes first */
  constructor(head: Buffer | null = null) {
    this.#head = head
  }

  /** For `net.connect`, or `reread`. */
  readonly onread = {
    buffer: this.#buffer,
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      const to = this.#to as Duplex
      to.write(buffer.subarray(0, bytes), this.#onWritten)
      this.#stopped = to.writableLength > 0
      return !this.#stopped
    },
  }

  /** @param from the socket that was made with `onread`, which has read nothing yet */
  start(from: Socket, to: Duplex): void {
    this.#from = from
    this.#to = to
    if (this.#head) to.write(this.#head)
    from.once('end', () => to.end())
    from.once('close', () => {
      // What is still being written is still in it.
      if (to.writableLength === 0 && spare.length < MAX_SPARE) spare.push(this.#buffer)
    })
    from.resume()
  }

  readonly #onWritten = () => {
    if (!this.#stopped || (this.#to as Duplex).writableLength > 0) return
    this.#stopped = false
    this.#from?.resume()
  }
}

/** What `net.Socket` is of a connection that a server accepted; Node's types say nothing of it. */
interface Inner {
  _handle: { useUserBuffer?: unknown } | null
  readonly _readableState?: { readonly ended?: boolean }
}

/**
 * A connection that a server accepted, as a socket that reads by a `Pour`. Node offers `onread` to sockets that dial alone; this
 * makes a second socket of the first one's handle, as `net.Server` makes the first. Both close together.
 * @param socket paused
 * @returns undefined where that is not possible: TLS, another end than this, an inside of Node that has changed
 */
export function reread(socket: Duplex): { readonly socket: Socket; readonly pour: Pour } | undefined {
  const inner = socket as unknown as Inner
  const handle = inner._handle
  if (!(socket instanceof Socket) || socket.constructor !== Socket || typeof handle?.useUserBuffer !== 'function') return undefined
  if (inner._readableState?.ended !== false || socket.writableLength > 0 || socket.writableEnded) return undefined
  const pour = new Pour(socket.read())
  inner._handle = null
  const again = new Socket({ handle, allowHalfOpen: true, pauseOnCreate: true, onread: pour.onread } as never)
  again.once('close', () => socket.destroy())
  socket.once('close', () => again.destroy())
  return { socket: again, pour }
}
