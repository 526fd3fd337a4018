import { MAX_ECHO_BYTES } from '../../../shared/protocol/limits.ts'
import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Message } from '../../../shared/wamp/messages.ts'
import type { Serializer } from '../../../shared/wamp/serializer.ts'
import type { StreamSocket } from '../../base/socket.ts'
import { FIN_BINARY, FIN_TEXT, headBytes, writeHead } from '../../base/websocket-frame.ts'
import { type Link, received, type Shared } from '../link.ts'

/** Bytes of a message that is sent: twice of what is taken, since one serializer writes longer than another. */
export const MAX_SENT_BYTES = 2 * MAX_ECHO_BYTES

/** A WebSocket of this server as a link ("WebSocket Transport"): a message a frame, text or binary as its serializer says. */
export class WebSocketLink implements Link {
  onMessage: (message: Message, bytes: number) => void = () => {}
  onViolation: (violation: ProtocolViolation) => void = () => {}
  onClose: () => void = () => {}
  maxBytes = Number.POSITIVE_INFINITY
  readonly #socket: StreamSocket
  readonly #serializer: Serializer
  readonly #key: string
  #silent = false

  constructor(socket: StreamSocket, serializer: Serializer) {
    this.#socket = socket
    this.#serializer = serializer
    this.#key = `ws ${serializer.name}`
    socket.onText = (text) => (serializer.isBinary ? this.#violated('text') : this.#read(text))
    socket.onBinary = (bytes) => (serializer.isBinary ? this.#read(bytes) : this.#violated('bytes'))
    socket.onClose = () => this.onClose()
  }

  get backlog(): number {
    return this.#socket.backlog
  }

  send(message: Message, shared?: Shared): boolean {
    let wire = shared?.get(this.#key)
    if (!wire) {
      wire = frameOf(this.#serializer.encode(message))
      shared?.set(this.#key, wire)
    }
    if (wire.length > MAX_SENT_BYTES) return false
    this.#socket.sendFramed(wire)
    return true
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.close()
  }

  #read(data: string | Buffer): void {
    if (this.#silent) return
    const message = received(this.#serializer, data, this.maxBytes)
    if (message instanceof ProtocolViolation) return this.#violation(message)
    this.onMessage(message, data.length)
  }

  #violated(what: string): void {
    if (!this.#silent) this.#violation(new ProtocolViolation(`${this.#serializer.name} came as ${what}`))
  }

  #violation(violation: ProtocolViolation): void {
    this.#silent = true
    this.onViolation(violation)
  }
}

/** A whole message, framed. */
function frameOf(payload: string | Uint8Array): Buffer {
  const isText = typeof payload === 'string'
  const length = isText ? Buffer.byteLength(payload) : payload.length
  const head = headBytes(length)
  const wire = Buffer.allocUnsafe(head + length)
  writeHead(wire, isText ? FIN_TEXT : FIN_BINARY, length)
  if (isText) wire.write(payload, head)
  else wire.set(payload, head)
  return wire
}
