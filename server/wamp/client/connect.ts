import { type SerializerName, serializerOf } from '../../../shared/wamp/serializer.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { Link } from '../link.ts'
import { OpenError, openWebSocket, type TlsOptions } from '../websocket/open.ts'
import type { ProxyOptions } from '../websocket/proxy.ts'
import { openRawSocket } from './open-rawsocket.ts'
import { WebSocketLink } from './websocket-link.ts'

export interface ConnectOptions {
  /** `ws://` or `wss://`; of a RawSocket `rs://host:port`, `rss://host:port` over TLS, whose connection has no headers. */
  readonly url: string
  /** The one preferred first; the router takes one of them. CLIENT_SERIALIZERS unless told. */
  readonly serializers?: readonly SerializerName[]
  readonly headers?: Readonly<Record<string, string>>
  readonly origin?: string
  readonly userAgent?: string
  readonly proxy?: ProxyOptions
  readonly tls?: TlsOptions
  /** Milliseconds until it must be open, 10 s unless told. */
  readonly timeoutMs?: number
  /** Ends the connecting, not the connection. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

/** What a client offers, the one preferred first. */
export const CLIENT_SERIALIZERS: readonly SerializerName[] = ['cbor', 'msgpack', 'json']

/**
 * A connection to a router, for `joinSession`, which must get it in the same turn.
 * @throws OpenError, TypeError for a URL of another scheme, the signal's reason
 */
export async function connect(options: ConnectOptions): Promise<Link> {
  const { url, serializers = CLIENT_SERIALIZERS, clock = systemClock, ...rest } = options
  const to = checkRouterUrl(url)
  if (isRaw(to)) return openRawSocket({ ...rest, url: to, clock, serializers })
  const ws = await openWebSocket({ ...rest, url, clock, protocols: serializers.map((name) => `wamp.2.${name}`) })
  const serializer = serializerOf(ws.protocol)
  if (serializer) return new WebSocketLink(ws, serializer, clock)
  ws.on('error', () => {}).terminate()
  throw new OpenError('unreachable', `the server chose subprotocol ${ws.protocol}, which was not offered`)
}

const SCHEMES: readonly string[] = ['ws:', 'wss:', 'rs:', 'rss:']
const isRaw = ({ protocol }: URL) => protocol === 'rs:' || protocol === 'rss:'

/** @throws TypeError that says what is wrong with it */
export function checkRouterUrl(url: string): URL {
  if (!URL.canParse(url)) throw new TypeError(`${url} is no URL; say one such as ws://localhost:8080/ws`)
  const parsed = new URL(url)
  if (parsed.username !== '' || parsed.password !== '') throw new TypeError('a URL of a router has no user and password in it')
  if (!SCHEMES.includes(parsed.protocol)) throw new TypeError(`${url} begins with none of ${SCHEMES.map((name) => `${name}//`).join(', ')}`)
  if (isRaw(parsed) && parsed.port === '') throw new TypeError(`${url} has no port`)
  return parsed
}
