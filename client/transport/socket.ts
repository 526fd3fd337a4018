import { ERRORS, type ErrorCode, errorOfClose } from '../../shared/protocol/errors.ts'

/** Milliseconds before the first and before any later attempt to connect again; each is spread by up to half. */
const FIRST_RETRY_MS = 200
const MAX_RETRY_MS = 4000
/** Milliseconds an attempt may take. */
const CONNECT_MS = 10_000
/** A connection that lived this long, in milliseconds, was a good one: the next wait is the first again. */
const HEALTHY_MS = 3000

export interface SocketOptions {
  readonly url: string
  readonly onOpen?: () => void
  readonly onText?: (text: string) => void
  readonly onBinary?: (bytes: ArrayBuffer) => void
  /** The connection ended or could not be made; `retry` says whether another attempt follows by itself. */
  readonly onDown?: (close: { code: ErrorCode | undefined; retry: boolean }) => void
  /** For tests. */
  readonly WebSocket?: typeof WebSocket
  readonly random?: () => number
}

export interface Socket {
  /** Dropped while there is no connection: what matters is said again in `onOpen`. */
  send(data: string | Uint8Array<ArrayBuffer>): void
  /** Bytes that the browser has not handed to the network yet. */
  readonly buffered: number
  /** Connects at once: a waiting attempt, or again after an end that is not tried again by itself. */
  reconnect(): void
  close(): void
}

/** A WebSocket that comes back: with backoff and jitter, unless the close says that it is of no use. */
export function connect(options: SocketOptions): Socket {
  const { random = Math.random } = options
  const Implementation = options.WebSocket ?? WebSocket
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = FIRST_RETRY_MS
  let closed = false

  const open = () => {
    clearTimeout(timer)
    const current = new Implementation(options.url)
    socket = current
    current.binaryType = 'arraybuffer'
    let openedAt = 0
    timer = setTimeout(() => current.close(), CONNECT_MS)
    current.onopen = () => {
      clearTimeout(timer)
      openedAt = performance.now()
      options.onOpen?.()
    }
    current.onmessage = ({ data }) => {
      if (typeof data === 'string') options.onText?.(data)
      else options.onBinary?.(data)
    }
    current.onclose = (event) => {
      if (socket !== current) return
      clearTimeout(timer)
      socket = undefined
      const code = errorOfClose(event.code)
      const retry = !closed && (code === undefined || ERRORS[code].retry)
      if (openedAt > 0 && performance.now() - openedAt > HEALTHY_MS) wait = FIRST_RETRY_MS
      if (retry) {
        timer = setTimeout(open, wait * (0.5 + random()))
        wait = Math.min(wait * 2, MAX_RETRY_MS)
      }
      if (!closed) options.onDown?.({ code, retry })
    }
  }
  const hurry = () => {
    if (closed || socket) return
    wait = FIRST_RETRY_MS
    open()
  }
  globalThis.addEventListener?.('online', hurry)
  open()

  return {
    send(data) {
      if (socket?.readyState === Implementation.OPEN) socket.send(data)
    },
    get buffered() {
      return socket?.bufferedAmount ?? 0
    },
    reconnect: hurry,
    close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      globalThis.removeEventListener?.('online', hurry)
      socket?.close(1000)
    },
  }
}

/** The address of a socket of this server, from a page's or worker's own. */
export const socketUrl = (address: URL): string => {
  const url = new URL(address)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
