import type { Callbacks, Connection } from './connection.ts'

/** Where the class of a user keeps its connection; not of the interface. */
export const CONNECTION: unique symbol = Symbol('connection')

/**
 * What both sides of a WebSocket have: callbacks to override, and methods that speak. A callback that returns a promise is waited for: the
 * next message is told when it is settled, and is not read before. What one throws, or rejects with, closes the connection (1011).
 */
export abstract class WebSocketProtocol implements Callbacks {
  [CONNECTION]: Connection | undefined = undefined

  /** The connection is open. */
  onOpen(): unknown {
    return undefined
  }

  /** @param payload a string of a text message, a Buffer of a binary one */
  onMessage(_payload: string | Buffer, _isBinary: boolean): unknown {
    return undefined
  }

  /** Of automatic pings too. */
  onPong(_payload: Buffer): unknown {
    return undefined
  }

  /**
   * Called once for each connection that was open, after everything that it said.
   * @param wasClean whether both sides said good-bye
   * @param code what the close frame said; 1005 when it said none, 1006 without a close frame
   * @param reason the peer's, or what cut the connection
   */
  onClose(_wasClean: boolean, _code: number, _reason: string): unknown {
    return undefined
  }

  get isOpen(): boolean {
    return this[CONNECTION]?.isOpen ?? false
  }

  /** The subprotocol that was agreed upon; empty without one. */
  get protocol(): string {
    return this[CONNECTION]?.protocol ?? ''
  }

  /** A string as text, bytes as binary. @returns false when it is not sent: not open, or the peer reads too slowly, which ends the connection */
  sendMessage(payload: string | Uint8Array): boolean {
    return this[CONNECTION]?.send(payload) ?? false
  }

  /** @param payload at most 125 bytes @throws RangeError */
  sendPing(payload: string | Uint8Array = ''): void {
    this[CONNECTION]?.ping(payload)
  }

  /**
   * Closes, and waits for the peer's answer as long as `closeHandshakeTimeoutMs` says.
   * @param code one that may be sent (RFC 6455 §7.4): 1000, 3000 to 4999, ...
   * @param reason cut to 123 bytes
   * @throws RangeError
   */
  sendClose(code = 1000, reason = ''): void {
    this[CONNECTION]?.close(code, reason)
  }

  /** Cuts the connection without a word. */
  dropConnection(): void {
    this[CONNECTION]?.drop()
  }
}
