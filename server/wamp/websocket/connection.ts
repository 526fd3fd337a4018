import type { WebSocket } from 'ws'
import type { Clock } from '../../base/clock.ts'
import { ABNORMAL, type ClientCloseCodes, checkCloseCode, closeReason } from './close-codes.ts'
import { Heartbeat, type HeartbeatOptions, MAX_PING_BYTES } from './heartbeat.ts'

export interface ConnectionOptions extends HeartbeatOptions {
  readonly pingPayload: string
  /** Milliseconds that the peer has to answer a close, and that a running method may hold up `onClose`. */
  readonly closeHandshakeTimeoutMs: number
  /** Bytes that may wait for a peer that does not read. */
  readonly maxBacklogBytes: number
  readonly closeCodes: Required<ClientCloseCodes>
}

/** What is told of a connection: one after the other, each when the promise of the one before is settled. */
export interface Callbacks {
  onOpen(): unknown
  onMessage(payload: string | Buffer, isBinary: boolean): unknown
  onPong(payload: Buffer): unknown
  onClose(wasClean: boolean, code: number, reason: string): unknown
}

/**
 * An open WebSocket of either side behind the methods of a class. While one of them runs on, nothing is read, so that the peer waits and
 * not memory; what one throws, or rejects with, ends this connection.
 */
export class Connection {
  /** When `onClose` was called and is done. */
  readonly ended: Promise<void>
  readonly #ws: WebSocket
  readonly #callbacks: Callbacks
  readonly #options: ConnectionOptions
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  readonly #heartbeat: Heartbeat
  readonly #tasks: (() => unknown)[] = []
  #finish: (() => void) | undefined
  #done: () => void = () => {}
  #busy = false
  /** This side ended it, and why. */
  #why: string | undefined
  #hurries = false

  /** @param failed is told what the callbacks throw */
  constructor(ws: WebSocket, callbacks: Callbacks, options: ConnectionOptions, clock: Clock, failed: (error: unknown) => void) {
    this.#ws = ws
    this.#callbacks = callbacks
    this.#options = options
    this.#clock = clock
    this.#failed = failed
    this.ended = new Promise((resolve) => {
      this.#done = resolve
    })
    this.#heartbeat = new Heartbeat(
      options,
      clock,
      () => this.ping(options.pingPayload),
      () => this.drop('no answer to a ping'),
    )
    ws.on('message', (data: Buffer, isBinary) => {
      this.#heartbeat.heard()
      if (this.isOpen) this.run(() => callbacks.onMessage(isBinary ? data : data.toString('utf8'), isBinary))
    })
    ws.on('ping', () => this.#heartbeat.heard())
    ws.on('pong', (payload) => {
      this.#heartbeat.heard()
      if (this.isOpen) this.run(() => callbacks.onPong(payload))
    })
    // ws closes by itself with the right code (1002, 1007, 1009): RFC 6455 §7.4.1.
    ws.on('error', ({ message }) => {
      this.#why ??= message
    })
    ws.once('close', (code, reason) => this.#closed(code, reason.toString('utf8')))
  }

  /** Tells that it is open; before this, nothing is told. */
  start(): void {
    this.run(() => this.#callbacks.onOpen())
  }

  get isOpen(): boolean {
    return this.#why === undefined && this.#ws.readyState === this.#ws.OPEN
  }

  get protocol(): string {
    return this.#ws.protocol
  }

  /** @returns whether it was taken: not when the connection is not open, or its peer reads too slowly, which ends it */
  send(payload: string | Uint8Array): boolean {
    if (!this.isOpen) return false
    if (this.#ws.bufferedAmount > this.#options.maxBacklogBytes) {
      this.close(this.#options.closeCodes.tooSlow, 'what is sent is not read')
      return false
    }
    this.#ws.send(payload)
    return true
  }

  /** @throws RangeError for a payload over 125 bytes */
  ping(payload: string | Uint8Array): void {
    if (Buffer.byteLength(payload) > MAX_PING_BYTES) throw new RangeError(`a ping holds ${MAX_PING_BYTES} bytes`)
    if (this.isOpen) this.#ws.ping(payload)
  }

  /** Begins the closing handshake; what the peer still says is not told any more. @throws RangeError for a code that may not be sent */
  close(code: number, reason = ''): void {
    checkCloseCode(code, 'code')
    if (!this.isOpen) return
    this.#why = reason || `closed with ${code}`
    this.#tasks.length = 0
    this.#heartbeat.stop()
    this.#ws.close(code, closeReason(reason))
    // The peer's answer must be read, whatever runs on.
    this.#ws.resume()
  }

  /** Cuts it without a word. */
  drop(why = 'dropped'): void {
    this.#why ??= why
    this.#ws.terminate()
  }

  /** Cuts it, and waits for nothing that runs on. */
  cut(): void {
    this.#hurries = true
    this.#finish?.()
    this.drop()
  }

  /** Runs a task of the user after those before it. */
  run(task: () => unknown): void {
    this.#tasks.push(task)
    if (!this.#busy) this.#work()
  }

  #work(): void {
    this.#busy = true
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      try {
        const result = task()
        if (isThenable(result)) return void this.#wait(result)
      } catch (error) {
        this.#fail(error)
      }
    }
    this.#busy = false
  }

  async #wait(result: PromiseLike<unknown>): Promise<void> {
    // Its answer to our close must be read.
    if (this.isOpen) this.#ws.pause()
    this.#heartbeat.stop()
    try {
      await result
    } catch (error) {
      this.#fail(error)
    }
    if (this.isOpen) this.#heartbeat.start()
    this.#ws.resume()
    this.#work()
  }

  #fail(error: unknown): void {
    this.#failed(error)
    this.close(this.#options.closeCodes.failure)
  }

  #closed(code: number, reason: string): void {
    this.#heartbeat.stop()
    const wasClean = code !== ABNORMAL
    const told = wasClean ? reason : (this.#why ?? 'the connection was lost')
    let stopTimer = () => {}
    this.#finish = () => {
      this.#finish = undefined
      this.#tasks.length = 0
      stopTimer()
      const call = async () => this.#callbacks.onClose(wasClean, code, told)
      call().catch(this.#failed).finally(this.#done)
    }
    if (this.#hurries) return this.#finish()
    stopTimer = this.#clock.after(this.#options.closeHandshakeTimeoutMs, () => this.#finish?.())
    this.run(() => this.#finish?.())
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
