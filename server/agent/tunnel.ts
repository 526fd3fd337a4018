import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type StreamProtocol, WebSocketStream } from '../base/websocket-stream.ts'

export interface TunnelOptions {
  /** The server, as `https://camera.example`; a path before `/ws` is kept. */
  readonly url: string | URL
  /** Name under `services` in the server's configuration. */
  readonly service: string
  /** `Cookie` or `Authorization` of somebody who may. */
  readonly headers?: Readonly<Record<string, string>>
  /** `binary` unless told; `base64` where something on the way takes text alone. */
  readonly protocol?: StreamProtocol
  readonly signal?: AbortSignal
  /** Certificates to trust (PEM), for a server with a local authority. */
  readonly ca?: string
}

/**
 * A byte stream to a service behind a Porthole, over one WebSocket: for a protocol client that can be given a stream instead of a socket.
 * @throws Error when the server refuses (its HTTP status is in the message), or when `signal` aborts
 */
export async function connectTunnel({
  url,
  service,
  headers = {},
  protocol = 'binary',
  signal,
  ca,
}: TunnelOptions): Promise<WebSocketStream> {
  const address = new URL(`ws/tunnel/${encodeURIComponent(service)}`, `${new URL(url).href.replace(/\/$/, '')}/`)
  address.protocol = address.protocol === 'https:' || address.protocol === 'wss:' ? 'wss:' : 'ws:'
  const ws = new WebSocket(address, [protocol], { headers, perMessageDeflate: false, ...(ca && { ca }) })
  // Made before the connection is open: the service may speak first.
  const stream = new WebSocketStream(ws, protocol)
  const abort = () => ws.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await once(ws, 'open')
    return stream
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}
