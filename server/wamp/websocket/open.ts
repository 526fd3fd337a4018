import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type ClientOptions, WebSocket } from 'ws'
import { bareHost } from '../../base/address.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { capFrames } from './frames.ts'
import { connectProxy, type ProxyOptions } from './proxy.ts'
import { ProxyError } from './proxy-response.ts'

export type TlsOptions = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'>

export interface OpenOptions {
  /** `ws://` or `wss://` (`http`, `https` are taken for them). */
  readonly url: string | URL
  /** Subprotocols, the one preferred first. A server that takes none of them is an error. */
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly origin?: string
  readonly userAgent?: string
  readonly proxy?: ProxyOptions
  readonly tls?: TlsOptions
  /** Milliseconds from the start until it must be open, the proxy's part counted. */
  readonly timeoutMs?: number
  readonly perMessageDeflate?: boolean
  /** Bytes of a message, and of a frame, that the server may send. */
  readonly maxMessageBytes?: number
  readonly maxFrameBytes?: number | undefined
  /** What a longer frame is closed with (1009); a longer message always is with 1009. */
  readonly tooLongCode?: number
  /** Milliseconds that the server has to answer a close. */
  readonly closeTimeoutMs?: number
  /** Is told the headers of the server's answer, before it is open. */
  readonly onAnswer?: (headers: IncomingHttpHeaders) => void
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export const OPEN_TIMEOUT_MS = 10_000
export const CLOSE_TIMEOUT_MS = 1000
export const OPEN_MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/**
 * Why a WebSocket did not open: `refused` (an HTTP answer, its status in `status`), `proxy` (its ProxyError is the cause), `timeout`,
 * `unreachable` (no connection, a certificate that is not trusted, an answer that is no WebSocket's; the cause tells).
 */
export class OpenError extends Error {
  readonly code: 'refused' | 'proxy' | 'timeout' | 'unreachable'
  readonly status: number | undefined

  constructor(code: OpenError['code'], message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'OpenError'
    this.code = code
    this.status = status
  }
}

/**
 * A WebSocket of `ws`, open and **paused**: put your listeners on it, then call its `resume()`. What the server says at once would be lost else.
 * @throws OpenError; the signal's reason when it aborts; SyntaxError for a URL or protocols that cannot be
 */
export async function openWebSocket(options: OpenOptions): Promise<WebSocket> {
  return openInTime(options, async (ends) => {
    const through = options.proxy && (await throughProxy(options, options.proxy, ends))
    try {
      return await open(options, through, ends)
    } catch (error) {
      through?.destroy()
      throw error
    }
  })
}

/**
 * @param attempt is told when to stop
 * @throws OpenError `timeout`, `proxy`, and what `attempt` throws; the signal's reason when it aborts
 */
export async function openInTime<T>(
  { timeoutMs = OPEN_TIMEOUT_MS, clock = systemClock, signal }: Pick<OpenOptions, 'timeoutMs' | 'clock' | 'signal'>,
  attempt: (ends: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const late = new AbortController()
  const stopTimer = clock.after(timeoutMs, () => late.abort(new OpenError('timeout', `not open within ${timeoutMs} ms`)))
  const ends = signal ? AbortSignal.any([signal, late.signal]) : late.signal
  try {
    return await attempt(ends)
  } catch (error) {
    ends.throwIfAborted()
    throw error instanceof ProxyError ? new OpenError('proxy', error.message, { cause: error }) : error
  } finally {
    stopTimer()
  }
}

/** TLS to a host, its name told unless it is an address (RFC 6066 §3). @param to what it runs over: a port, or a connection */
export const secured = (host: string, to: Pick<ConnectionOptions, 'port' | 'socket'>, tls: TlsOptions | undefined): Socket =>
  connectTls({ ...tls, ...to, host, servername: tls?.servername ?? (isIP(host) ? '' : host) } as ConnectionOptions)

/** A connection to the server through its proxy, TLS on top where the URL wants it. */
async function throughProxy({ url, tls }: OpenOptions, proxy: ProxyOptions, signal: AbortSignal): Promise<Socket> {
  const to = new URL(url)
  const isSecure = to.protocol === 'wss:' || to.protocol === 'https:'
  const host = bareHost(to)
  const socket = await connectProxy(proxy, host, Number(to.port || (isSecure ? 443 : 80)), signal)
  return isSecure ? secured(host, { socket }, tls) : socket
}

/** What came through the proxy is paused, and http reads what flows. */
function resumed(request: ClientRequest): void {
  request.once('socket', (socket) => socket.resume())
  request.end()
}

function open(options: OpenOptions, connection: Socket | undefined, signal: AbortSignal): Promise<WebSocket> {
  const { url, protocols = [], headers, origin, userAgent, tls, maxFrameBytes, perMessageDeflate = false } = options
  const { maxMessageBytes = OPEN_MAX_MESSAGE_BYTES, closeTimeoutMs = CLOSE_TIMEOUT_MS, tooLongCode = 1009 } = options
  signal.throwIfAborted()
  const ws = new WebSocket(url, [...protocols], {
    ...tls,
    headers: { ...(userAgent !== undefined && { 'User-Agent': userAgent }), ...headers },
    ...(origin !== undefined && { origin }),
    ...(connection && { createConnection: () => connection, finishRequest: resumed }),
    maxPayload: maxMessageBytes,
    closeTimeout: closeTimeoutMs,
    perMessageDeflate,
  } as ClientOptions)
  // Whoever waits for it may have let go of it when it fails: that must not end the process.
  ws.on('error', () => {})
  ws.once('upgrade', ({ socket, headers: said }: IncomingMessage) => {
    options.onAnswer?.(said)
    if (maxFrameBytes === undefined) return
    const exceeded = () => {
      ws.close(tooLongCode)
      ws.removeAllListeners('message')
    }
    ws.once('open', () => capFrames(socket, maxFrameBytes, exceeded))
  })
  return new Promise<WebSocket>((resolve, reject) => {
    const onOpen = () => {
      ws.pause()
      settle()
    }
    const onError = (cause: Error) => settle(new OpenError('unreachable', cause.message, { cause }))
    const onRefused = (request: ClientRequest, { statusCode: status = 0 }: IncomingMessage) => {
      settle(new OpenError('refused', `the server refused: ${status}`, { status }))
      request.destroy()
    }
    const onAbort = () => {
      settle(signal.reason as Error)
      ws.terminate()
    }
    const settle = (error?: Error) => {
      signal.removeEventListener('abort', onAbort)
      ws.off('open', onOpen).off('error', onError).off('unexpected-response', onRefused)
      if (error) reject(error)
      else resolve(ws)
    }
    ws.on('open', onOpen).on('error', onError).on('unexpected-response', onRefused)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
