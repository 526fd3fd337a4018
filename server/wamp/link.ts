import { ProtocolViolation } from '../../shared/wamp/decode.ts'
import type { Message } from '../../shared/wamp/messages.ts'
import type { Serializer } from '../../shared/wamp/serializer.ts'

/** One message as it stands on the wire, by transport and serializer: encoded once for all that get the same. */
export type Shared = Map<string, Buffer>

/**
 * One end of a connection that carries whole messages, in order: a WebSocket, a RawSocket, or another object of this process. The owner
 * sets the callbacks before it returns to the event loop.
 */
export interface Link {
  /** @param bytes of the message as it came */
  onMessage: (message: Message, bytes: number) => void
  /** What came is no message; nothing more is read from then on. */
  onViolation: (violation: ProtocolViolation) => void
  /** Once, whoever closed. */
  onClose: () => void
  /** Bytes of a message that are decoded: larger ones are violations. */
  maxBytes?: number
  /**
   * @param shared where the same message, for other links too, keeps its bytes
   * @returns false when it is too large for the other end, and was not sent
   */
  send(message: Message, shared?: Shared): boolean
  /** Bytes handed over and not yet taken by the kernel. */
  readonly backlog: number
  /** Reads no more, and reads on, where that can be. */
  pause?(): void
  resume?(): void
  /** Closes behind what was sent; bounded, and idempotent. */
  close(): void
}

/** The message that came, or why it is none. @param maxBytes that are decoded */
export function received(serializer: Serializer, data: string | Buffer, maxBytes: number): Message | ProtocolViolation {
  if (data.length > maxBytes) return new ProtocolViolation(`a message of ${data.length} bytes, over ${maxBytes}`)
  try {
    return serializer.decode(data)
  } catch (error) {
    if (error instanceof ProtocolViolation) return error
    throw error
  }
}

/** Both ends of a connection within this process. Messages arrive in later turns of the microtask queue, as from a socket. */
export function linkPair(): [Link, Link] {
  const [a, b] = [new LocalLink(), new LocalLink()]
  a.peer = b
  b.peer = a
  return [a, b]
}

class LocalLink implements Link {
  onMessage: (message: Message, bytes: number) => void = () => {}
  onViolation: (violation: ProtocolViolation) => void = () => {}
  onClose: () => void = () => {}
  readonly backlog = 0
  maxBytes = Number.POSITIVE_INFINITY
  peer: LocalLink | undefined
  #closed = false

  send(message: Message): boolean {
    const { peer } = this
    if (!this.#closed) queueMicrotask(() => peer && !peer.#closed && peer.onMessage(message, 0))
    return true
  }

  close(): void {
    queueMicrotask(() => {
      this.end()
      this.peer?.end()
    })
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.onClose()
  }
}
