import type { Clock } from '../../base/clock.ts'
import { BACKOFF_DEFAULTS, type BackoffOptions } from './backoff.ts'
import { CLIENT_CLOSE_CODES, type ClientCloseCodes } from './close-codes.ts'
import { OPEN_MAX_MESSAGE_BYTES, OPEN_TIMEOUT_MS, type TlsOptions } from './open.ts'
import type { ProxyOptions } from './proxy.ts'
import { checkHeaders, checkNames, checkNumbers, checkProtocols, checkShared } from './server-options.ts'

export interface ReconnectOptions extends BackoffOptions {
  /** Milliseconds that a connection must have been open for the next failure to be the first again. */
  readonly resetAfterMs?: number
}

/** What a client may be told, in `static options` or when it is made; docs/websockets.md has them with their defaults. */
export interface ClientOptions {
  readonly url?: string | URL
  readonly origin?: string | undefined
  /** Subprotocols, the one preferred first. */
  readonly protocols?: readonly string[]
  readonly userAgent?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly proxy?: ProxyOptions | undefined
  readonly tls?: TlsOptions | undefined
  /** What is done when a connection ended or did not open; false lets it be. */
  readonly reconnect?: ReconnectOptions | false
  /** Milliseconds until it must be open. */
  readonly openHandshakeTimeoutMs?: number
  readonly closeHandshakeTimeoutMs?: number
  readonly pingIntervalMs?: number
  readonly pingTimeoutMs?: number
  readonly pingPayload?: string
  /** Bytes of a message, and of a frame, that the server may send. */
  readonly maxMessageBytes?: number
  readonly maxFrameBytes?: number | undefined
  /** Bytes that may wait for a server that does not read. */
  readonly maxBacklogBytes?: number
  readonly perMessageDeflate?: boolean
  readonly closeCodes?: ClientCloseCodes
  /** Ends it at once and for good. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** From 0 up to 1, for the jitter. */
  readonly random?: (() => number) | undefined
}

export interface CheckedClientOptions extends Required<ClientOptions> {
  readonly closeCodes: Required<ClientCloseCodes>
  readonly reconnect: Required<ReconnectOptions> | false
}

export const RECONNECT_DEFAULTS: Required<ReconnectOptions> = { ...BACKOFF_DEFAULTS, resetAfterMs: 10_000 }

export const CLIENT_DEFAULTS: Omit<CheckedClientOptions, 'url'> = {
  origin: undefined,
  protocols: [],
  userAgent: undefined,
  headers: {},
  proxy: undefined,
  tls: undefined,
  reconnect: RECONNECT_DEFAULTS,
  openHandshakeTimeoutMs: OPEN_TIMEOUT_MS,
  closeHandshakeTimeoutMs: 1000,
  pingIntervalMs: 30_000,
  pingTimeoutMs: 20_000,
  pingPayload: '',
  maxMessageBytes: OPEN_MAX_MESSAGE_BYTES,
  maxFrameBytes: undefined,
  maxBacklogBytes: 16 * 1024 * 1024,
  perMessageDeflate: false,
  closeCodes: CLIENT_CLOSE_CODES,
  signal: undefined,
  clock: undefined,
  random: undefined,
}

/** @throws Error that names the option and the mend */
export function checkClientOptions({ url, ...options }: ClientOptions): CheckedClientOptions {
  if (url === undefined) throw new TypeError('url is missing')
  const { reconnect = {} } = options
  const checked = {
    ...CLIENT_DEFAULTS,
    ...options,
    url,
    closeCodes: { ...CLIENT_CLOSE_CODES, ...options.closeCodes },
    reconnect: reconnect && { ...RECONNECT_DEFAULTS, ...reconnect },
  }
  checkNames(options, CLIENT_DEFAULTS)
  if (checked.reconnect) checkNames(checked.reconnect, RECONNECT_DEFAULTS, 'reconnect.')
  checkProtocols(checked.protocols)
  checkHeaders(checked.headers)
  checkShared(checked, CLIENT_CLOSE_CODES)
  checkNumbers(checked, ['openHandshakeTimeoutMs'])
  return checked
}
