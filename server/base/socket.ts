import type { PortholeError } from './errors.ts'

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
  /** Writes bytes that are a whole WebSocket message already (see bus/frame.ts); the Buffer is shared and must not be changed. */
  sendWire(wire: Buffer): void
  /** Bytes handed over and not yet taken by the kernel. */
  readonly backlog: number
  /** Tells the peer why, then closes; bounded, and idempotent. */
  close(error?: PortholeError): void
  /** Who is at the other end, for the log. */
  readonly peer: string
}
