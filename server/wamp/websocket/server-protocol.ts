import { MOUNT, type Mounted, type ProtocolHost } from './mounted.ts'
import { WebSocketProtocol } from './protocol.ts'
import { type ConnectAnswer, type ConnectionRequest, ProtocolServer } from './protocol-server.ts'
import type { ServerOptions } from './server-options.ts'

/**
 * The server's side of a WebSocket: extend it, export it as `webSocket` from a module, and mount that. One instance is made, without
 * arguments, for each client that asks.
 */
export class WebSocketServerProtocol extends WebSocketProtocol {
  /** Of all its connections; looked at when it is mounted. */
  static readonly options: ServerOptions = {}

  static [MOUNT](this: typeof WebSocketServerProtocol, host: ProtocolHost): Mounted {
    // biome-ignore lint/complexity/noThisInStatic: the class that extends this one
    return new ProtocolServer(() => new this(), this.options, host)
  }

  /**
   * Somebody asks for a WebSocket. Decides about subprotocol and headers when it returns something.
   * @throws ConnectionDeny to refuse; anything else is refused with 500 and logged
   */
  onConnect(_request: ConnectionRequest): ConnectAnswer | Promise<ConnectAnswer> {
    return undefined
  }
}
