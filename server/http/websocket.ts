import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { MAX_CLOSE_REASON_BYTES } from '../../shared/protocol/limits.ts'
import type { PortholeError } from '../base/errors.ts'
import { Outgoing } from '../base/outgoing.ts'
import type { StreamSocket, WireSink } from '../base/socket.ts'
import { WebSocketStream } from '../base/websocket-stream.ts'

/** Milliseconds a peer has to answer the close before the connection is cut. */
const CLOSE_MS = 1000
/** Pings in a row that may go unanswered; see PING_MS in upgrades.ts. */
const MAX_MISSED_PINGS = 3

/** A WebSocket of `ws` as a message socket, with the way past it for messages that are framed already. */
export class WebSocketAdapter implements StreamSocket {
  onText: (text: string) => void = () => {}
  onBinary: (bytes: Buffer) => void = () => {}
  onClose: () => void = () => {}
  sayError = ({ code, message }: PortholeError): void => this.#ws.send(JSON.stringify({ type: 'error', code, message }))
  readonly peer: string
  readonly #ws: WebSocket
  readonly #raw: Duplex
  readonly #outgoing: Outgoing
  #missed = 0
  #closing = false
  #streamed = false

  /** @param raw the connection under `ws`, as the upgrade handed it over */
  constructor(ws: WebSocket, raw: Duplex, peer: string) {
    this.#ws = ws
    this.#raw = raw
    this.#outgoing = new Outgoing(raw)
    this.peer = peer
    ws.on('message', (data: Buffer, binary) => {
      this.#missed = 0
      if (this.#closing || this.#streamed) return
      if (binary) this.onBinary(data)
      else this.onText(data.toString('utf8'))
    })
    ws.on('pong', () => {
      this.#missed = 0
    })
    // ws closes by itself with the right code (1002, 1007, 1009): RFC 6455 §7.4.1.
    ws.on('error', () => this.#cutLater())
    ws.once('close', () => this.onClose())
  }

  stream(): WebSocketStream {
    this.#streamed = true
    return new WebSocketStream(this.#ws, this.#ws.protocol === 'base64' ? 'base64' : 'binary')
  }

  get protocol(): string {
    return this.#ws.protocol
  }

  get backlog(): number {
    return this.#outgoing.backlog
  }

  sendText(text: string): void {
    if (this.#open) this.#ws.send(text)
  }

  sendBinary(bytes: Uint8Array): void {
    if (this.#open) this.#ws.send(bytes)
  }

  /**
   * `ws` writes each of its own messages, pings and closes in one go too (no compression, no asynchronous senders), so
   * whole messages never mix.
   */
  get wireSink(): WireSink | undefined {
    return this.#open ? this.#raw : undefined
  }

  /** It does not mix with what `ws` writes: each write is of whole messages. */
  sendFramed(wire: Buffer): void {
    if (this.#open) this.#outgoing.write(wire)
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(error?: PortholeError): void {
    if (this.#closing) return
    if (error && this.#open && !this.#streamed) this.sayError(error)
    // Who was told may have closed it.
    if (this.#closing) return
    this.#outgoing.flush()
    this.#closing = true
    this.#ws.close(error?.close ?? 1000, error ? reasonOf(error) : '')
    this.#cutLater()
  }

  /** Asks for a sign of life; cuts the connection when there was none for long. */
  ping(): void {
    if (this.#missed++ >= MAX_MISSED_PINGS) this.#ws.terminate()
    else if (this.#open) this.#ws.ping()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  get #open(): boolean {
    return !this.#closing && this.#ws.readyState === this.#ws.OPEN
  }

  #cutLater(): void {
    setTimeout(() => this.#ws.terminate(), CLOSE_MS).unref()
  }
}

/** Code and detail, cut to what a close frame holds at a character's end. */
function reasonOf(error: PortholeError): string {
  const bytes = Buffer.from(`${error.code}: ${error.message}`)
  if (bytes.byteLength <= MAX_CLOSE_REASON_BYTES) return bytes.toString()
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, MAX_CLOSE_REASON_BYTES), { stream: true })
}
