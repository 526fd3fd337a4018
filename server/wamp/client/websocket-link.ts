import type { WebSocket } from 'ws'
import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Message } from '../../../shared/wamp/messages.ts'
import type { Serializer } from '../../../shared/wamp/serializer.ts'
import type { Clock } from '../../base/clock.ts'
import { type Link, received } from '../link.ts'
import { Heartbeat } from '../websocket/heartbeat.ts'

/** Milliseconds that the router has to answer our close frame. */
const CLOSE_TIMEOUT_MS = 1000
/** Milliseconds between pings, and until something must have come after one: a connection that died in silence is noticed. */
const PING_INTERVAL_MS = 30_000
const PING_TIMEOUT_MS = 20_000
/** Bytes that may wait for a router that does not read; over them the connection is dropped. */
export const MAX_BACKLOG_BYTES = 64 * 1024 * 1024

/** A client's WebSocket as a link ("WebSocket Transport"): a message a frame, text or binary as its serializer says. */
export class WebSocketLink implements Link {
  onMessage: (message: Message, bytes: number) => void = () => {}
  onViolation: (violation: ProtocolViolation) => void = () => {}
  onClose: () => void = () => {}
  readonly #ws: WebSocket
  readonly #serializer: Serializer
  readonly #clock: Clock
  #isClosing = false
  #isSilent = false
  #stopTimer = () => {}

  /** @param ws open and paused; it is resumed here, in a later turn */
  constructor(ws: WebSocket, serializer: Serializer, clock: Clock) {
    this.#ws = ws
    this.#serializer = serializer
    this.#clock = clock
    const intervals = { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS }
    const heartbeat = new Heartbeat(
      intervals,
      clock,
      () => ws.readyState === ws.OPEN && ws.ping(),
      () => ws.terminate(),
    )
    ws.on('message', (data: Buffer, isBinary) => {
      heartbeat.heard()
      if (!this.#isSilent) this.#read(data, isBinary)
    })
    ws.on('ping', () => heartbeat.heard())
    ws.on('pong', () => heartbeat.heard())
    // The close behind it tells.
    ws.on('error', () => {})
    ws.once('close', () => {
      heartbeat.stop()
      this.#stopTimer()
      this.#isClosing = true
      this.onClose()
    })
    setImmediate(() => ws.resume())
  }

  get backlog(): number {
    return this.#ws.bufferedAmount
  }

  /** @throws what the serializer throws for values that it cannot carry */
  send(message: Message): boolean {
    if (this.#isClosing) return true
    this.#ws.send(this.#serializer.encode(message))
    if (this.#ws.bufferedAmount <= MAX_BACKLOG_BYTES) return true
    this.#isClosing = true
    this.#ws.terminate()
    return true
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#ws.close(1000)
    // The answer must be read.
    this.#ws.resume()
    this.#stopTimer = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#ws.terminate())
  }

  #read(data: Buffer, isBinary: boolean): void {
    const serializer = this.#serializer
    const message =
      isBinary === serializer.isBinary
        ? received(serializer, data, Number.POSITIVE_INFINITY)
        : new ProtocolViolation(`${serializer.name} came as ${isBinary ? 'binary' : 'text'}`)
    if (!(message instanceof ProtocolViolation)) return this.onMessage(message, data.length)
    this.#isSilent = true
    this.onViolation(message)
  }
}
