import type { IncomingHttpHeaders } from 'node:http'
import type { WebSocket } from 'ws'
import { type Clock, systemClock } from '../../base/clock.ts'
import { Backoff } from './backoff.ts'
import { type CheckedClientOptions, type ClientOptions, checkClientOptions } from './client-options.ts'
import { ABNORMAL } from './close-codes.ts'
import { Connection } from './connection.ts'
import { OpenError, type OpenOptions, openWebSocket } from './open.ts'
import { CONNECTION, WebSocketProtocol } from './protocol.ts'

/** What a server agreed to. */
export interface ConnectionResponse {
  readonly headers: IncomingHttpHeaders
  /** The subprotocol; empty without one. */
  readonly protocol: string
  /** How often it was connected before. */
  readonly reconnects: number
}

/** How a connection ended, or an attempt. */
interface Ending {
  readonly code: number
  readonly reason: string
  /** Milliseconds that it was open. */
  readonly openMs: number
  /** Why it did not open. */
  readonly error?: unknown
}

/** HTTP answers after which another attempt makes sense: the rest of 4xx says that the client is wrong. */
const TRANSIENT = new Set([408, 425, 429])
/** Milliseconds between turns of a timer that keeps the process alive between two attempts: a clock's timers do not. */
const HOLD_MS = 2 ** 31 - 1

/**
 * The client's side of a WebSocket: extend it, make one, `connect()`. It connects again after a connection was lost, and never after
 * `close()`, an abort, or when `shouldReconnect` says no.
 */
export class WebSocketClientProtocol extends WebSocketProtocol {
  /** Of all its instances; what an instance is made with goes first. */
  static readonly options: ClientOptions = {}
  readonly #options: CheckedClientOptions
  readonly #clock: Clock
  readonly #stop = new AbortController()
  #life: Promise<void> | undefined
  #connected = 0

  /** @throws Error that names an option and its mend */
  constructor(options: ClientOptions = {}) {
    super()
    this.#options = checkClientOptions({ ...new.target.options, ...options })
    this.#clock = this.#options.clock ?? systemClock
  }

  /** The server took the connection; before `onOpen`. */
  onConnect(_response: ConnectionResponse): unknown {
    return undefined
  }

  /** It is tried again after so many milliseconds. @param error why it did not open; undefined when it was open and ended */
  onRetry(_delayMs: number, _error: unknown): void {}

  /** What a callback threw, or its promise was rejected with; it closes the connection. */
  onError(error: unknown): void {
    console.error(error)
  }

  /**
   * Whether a connection that ended, or an attempt that failed, is followed by another one. By default not after 1000, which says that all
   * is done, nor after a refusal with an HTTP status that says that this client is wrong (4xx but 408, 425, 429).
   */
  shouldReconnect(code: number, _reason: string, error?: unknown): boolean {
    if (code === 1000) return false
    const status = error instanceof OpenError ? error.status : undefined
    return status === undefined || status < 400 || status > 499 || TRANSIENT.has(status)
  }

  /**
   * Connects. @returns settled when it is open for the first time
   * @throws OpenError when it will not be, SyntaxError, or the signal's reason
   */
  connect(): Promise<void> {
    if (this.#life) throw new Error('it was connected before; make another one')
    return new Promise<void>((resolve, reject) => {
      const hold = setInterval(() => {}, HOLD_MS)
      this.#life = this.#live(resolve, reject).finally(() => clearInterval(hold))
    })
  }

  /** When it is not connected and will not be. */
  async ended(): Promise<void> {
    await this.#life
  }

  /** Says good-bye and connects no more. @returns settled when it is over @throws RangeError for a code that may not be sent */
  close(code = 1000, reason = ''): Promise<void> {
    this.sendClose(code, reason)
    this.#stop.abort(new Error('closed'))
    return this.ended()
  }

  async #live(opened: () => void, refused: (error: unknown) => void): Promise<void> {
    const { reconnect, signal, random } = this.#options
    const ends = signal ? AbortSignal.any([this.#stop.signal, signal]) : this.#stop.signal
    const { resetAfterMs, ...backoffOptions } = reconnect || { resetAfterMs: 0, maxRetries: 0 }
    const backoff = new Backoff(backoffOptions, random)
    for (;;) {
      const ending = await this.#once(ends, opened)
      if (ending.openMs >= resetAfterMs) backoff.reset()
      const delayMs = ends.aborted || !this.#wantsMore(ending) ? undefined : backoff.next()
      // Of no consequence when it was open before.
      if (delayMs === undefined) return refused(ends.aborted ? ends.reason : ending.error)
      const waited = this.#wait(delayMs, ends)
      this.#tell(() => this.onRetry(delayMs, ending.error))
      await waited
    }
  }

  #wantsMore({ code, reason, error }: Ending): boolean {
    return this.#tell(() => this.shouldReconnect(code, reason, error)) ?? false
  }

  #tell<T>(hook: () => T): T | undefined {
    try {
      return hook()
    } catch (error) {
      this.onError(error)
      return undefined
    }
  }

  /** One connection, from the attempt to its end. */
  async #once(ends: AbortSignal, opened: () => void): Promise<Ending> {
    let headers: IncomingHttpHeaders = {}
    const onAnswer = (said: IncomingHttpHeaders) => {
      headers = said
    }
    try {
      const ws = await openWebSocket({ ...this.#openOptions(), signal: ends, onAnswer })
      if (ends.aborted) ws.terminate()
      ends.throwIfAborted()
      const response = { headers, protocol: ws.protocol, reconnects: this.#connected++ }
      return await this.#hold(ws, response, ends, opened)
    } catch (error) {
      return { code: ABNORMAL, reason: error instanceof Error ? error.message : String(error), openMs: -1, error }
    }
  }

  /** From a WebSocket that is open to its end. */
  async #hold(ws: WebSocket, response: ConnectionResponse, ends: AbortSignal, opened: () => void): Promise<Ending> {
    const since = this.#clock.monotonic()
    let ended = { code: ABNORMAL, reason: '' }
    const callbacks = {
      onOpen: () => this.onOpen(),
      onMessage: (payload: string | Buffer, isBinary: boolean) => this.onMessage(payload, isBinary),
      onPong: (payload: Buffer) => this.onPong(payload),
      onClose: (wasClean: boolean, code: number, reason: string) => {
        ended = { code, reason }
        return this.onClose(wasClean, code, reason)
      },
    }
    const connection = new Connection(ws, callbacks, this.#options, this.#clock, (error) => this.onError(error))
    this[CONNECTION] = connection
    // close() says good-bye instead.
    const cut = () => this.#options.signal?.aborted && connection.cut()
    ends.addEventListener('abort', cut, { once: true })
    // Before the callbacks, which may pause it again.
    ws.resume()
    connection.run(() => this.onConnect(response))
    connection.start()
    opened()
    await connection.ended
    ends.removeEventListener('abort', cut)
    return { ...ended, openMs: this.#clock.monotonic() - since }
  }

  #openOptions(): OpenOptions {
    const { url, origin, protocols, userAgent, headers, proxy, tls, perMessageDeflate, maxMessageBytes, maxFrameBytes } = this.#options
    const { openHandshakeTimeoutMs: timeoutMs, closeHandshakeTimeoutMs: closeTimeoutMs, closeCodes } = this.#options
    return {
      ...{ url, protocols, headers, perMessageDeflate, maxMessageBytes, maxFrameBytes, timeoutMs, closeTimeoutMs, clock: this.#clock },
      ...(origin !== undefined && { origin }),
      ...(userAgent !== undefined && { userAgent }),
      ...(proxy && { proxy }),
      ...(tls && { tls }),
      tooLongCode: closeCodes.tooLong,
    }
  }

  #wait(ms: number, ends: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop()
        ends.removeEventListener('abort', done)
        resolve()
      }
      const stop = this.#clock.after(ms, done)
      ends.addEventListener('abort', done, { once: true })
    })
  }
}
