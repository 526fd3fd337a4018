import type { Duplex } from 'node:stream'
import type { PortholeError } from './errors.ts'

/** Takes whole WebSocket messages (see bus/frame.ts). Each Buffer is shared and must not be changed. */
export interface WireSink {
  write(wire: Buffer): unknown
}

/**
 * A message channel to one peer: a WebSocket, or the pipe of a child process. Messages arrive in order and whole.
 * The owner sets `onText`, `onBinary` and `onClose` before it returns to the event loop.
 */
export interface MessageSocket {
  onText: (text: string) => void
  onBinary: (bytes: Buffer) => void
  /** Called once, whoever closed. */
  onClose: () => void
  sendText(text: string): void
  /** Sends a payload as one binary message. */
  sendBinary(bytes: Uint8Array): void
  /** Where messages go that are framed already; undefined when the socket is not open, or is no WebSocket. */
  readonly wireSink: WireSink | undefined
  /** Bytes handed over and not yet taken by the kernel. */
  readonly backlog: number
  /** Tells the peer why, then closes; bounded, and idempotent. */
  close(error?: PortholeError): void
  /** Who is at the other end, for the log. */
  readonly peer: string
}

/** A WebSocket that carries a byte stream, or a protocol of its own. */
export interface StreamSocket extends MessageSocket {
  /** The subprotocol that was agreed on; empty for none. */
  readonly protocol: string
  /** Says why it closes, in the words of its protocol; else in a message `error`. */
  sayError: (error: PortholeError) => void
  /** Sends a whole message, framed already; what is sent in one turn goes out together. */
  sendFramed(wire: Buffer): void
  /** Reads no more, and reads on. */
  pause(): void
  resume(): void
  /** The messages as one stream, in the encoding that the subprotocol says. Instead of `onText` and `onBinary`. */
  stream(): Duplex
}
