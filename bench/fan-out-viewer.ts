import { connect, type Socket } from 'node:net'
import { Acker } from '../shared/flow/acker.ts'
import { HEADER_BYTES } from '../shared/protocol/frame.ts'

/** Bytes of the longest head that is looked into: WebSocket header, frame header, the frame's number. */
const MAX_HEAD_BYTES = 10 + HEADER_BYTES + 4
/** Bytes of one text message. */
const MAX_TEXT_BYTES = 4096

const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

/** Any four bytes: RFC 6455 §5.3 wants a client's messages masked. */
const MASK = Buffer.from([0x5a, 0xc3, 0x0f, 0x96])

/** One read buffer for all viewers: each read is looked through before the next one. */
const READ_BUFFER = new Uint8Array(256 * 1024)

export interface ViewerOptions {
  readonly port: number
  readonly path: string
  readonly cookie: string
  readonly onOpen: () => void
  /** A frame is there, whole. @param index its number, off the first four bytes of the payload @param age ms since its capture time */
  readonly onFrame: (index: number, age: number, bytes: number) => void
  readonly onGap: () => void
  readonly onAck: () => void
  readonly onClose: (reason: string) => void
}

/** Milliseconds of the machine's clock. */
export const clockMs = (): number => performance.timeOrigin + performance.now()

/** The least that a viewer can be: handshake by hand, `watch`, frames counted by their headers, acknowledgements, pings answered. */
export class LightViewer {
  readonly #options: ViewerOptions
  readonly #socket: Socket
  readonly #acker: Acker
  #flushAt = Number.POSITIVE_INFINITY
  #open = false
  #handshake = ''

  /** The message that is arriving: its head as far as needed, then only how much is missing. */
  readonly #head = Buffer.alloc(MAX_HEAD_BYTES)
  #headBytes = 0
  #opcode = 0
  #payloadAt = 0
  #payloadBytes = -1
  #payloadSeen = 0
  #text: Buffer[] = []

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#acker = new Acker((bytes) => {
      options.onAck()
      this.#send(BINARY, bytes)
    })
    this.#socket = connect({
      port: options.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (bytes, buffer) => {
          this.#read(buffer as Buffer, bytes)
          return true
        },
      },
    })
    this.#socket.on('connect', () =>
      this.#socket.write(
        `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nCookie: ${options.cookie}\r\n\r\n`,
      ),
    )
    this.#socket.on('error', (error) => options.onClose(error.message))
    this.#socket.on('close', () => options.onClose('closed'))
  }

  /** Sends the acknowledgement that is due. @param now monotonic ms */
  flush(now: number): void {
    if (now < this.#flushAt) return
    this.#flushAt = Number.POSITIVE_INFINITY
    this.#acker.flush(now)
  }

  close(): void {
    this.#socket.removeAllListeners()
    this.#socket.on('error', () => {})
    this.#socket.destroy()
  }

  #read(buffer: Uint8Array, length: number): void {
    let at = this.#open ? 0 : this.#onHandshake(buffer, length)
    while (at < length) {
      if (this.#payloadBytes < 0) at = this.#readHead(buffer, at, length)
      else at = this.#readPayload(buffer, at, length)
    }
  }

  #onHandshake(buffer: Uint8Array, length: number): number {
    this.#handshake += Buffer.from(buffer.buffer, buffer.byteOffset, length).toString('latin1')
    const end = this.#handshake.indexOf('\r\n\r\n')
    if (end < 0) return length
    if (!this.#handshake.startsWith('HTTP/1.1 101')) {
      this.#options.onClose(this.#handshake.slice(0, 200))
      return length
    }
    this.#open = true
    this.#send(TEXT, Buffer.from(JSON.stringify({ type: 'watch', rendition: 'full', audio: false })))
    this.#options.onOpen()
    return length - (this.#handshake.length - end - 4)
  }

  #readHead(buffer: Uint8Array, from: number, length: number): number {
    let at = from
    while (at < length && this.#payloadBytes < 0) {
      this.#head[this.#headBytes++] = buffer[at++] as number
      if (this.#headBytes < 2) continue
      const short = (this.#head[1] as number) & 0x7f
      this.#payloadAt = short === 127 ? 10 : short === 126 ? 4 : 2
      if (this.#headBytes < this.#payloadAt) continue
      this.#opcode = (this.#head[0] as number) & 0x0f
      this.#payloadBytes = short === 127 ? Number(this.#head.readBigUInt64BE(2)) : short === 126 ? this.#head.readUInt16BE(2) : short
      this.#payloadSeen = 0
      if (this.#payloadBytes === 0) this.#whole()
    }
    return at
  }

  #readPayload(buffer: Uint8Array, from: number, length: number): number {
    const take = Math.min(length - from, this.#payloadBytes - this.#payloadSeen)
    if (this.#opcode === BINARY) {
      const end = Math.min(from + take, from + this.#payloadAt + HEADER_BYTES + 4 - this.#headBytes)
      for (let at = from; at < end; at++) this.#head[this.#headBytes++] = buffer[at] as number
    } else this.#text.push(Buffer.from(buffer.subarray(from, from + take)))
    this.#payloadSeen += take
    if (this.#payloadSeen === this.#payloadBytes) this.#whole()
    return from + take
  }

  #whole(): void {
    if (this.#opcode === BINARY) this.#onFrame()
    else {
      const payload = Buffer.concat(this.#text)
      this.#text = []
      if (this.#opcode === PING) this.#send(PONG, payload)
      else if (this.#opcode === TEXT) this.#onText(payload)
      else if (this.#opcode === CLOSE) this.#options.onClose(`close ${payload.length > 1 ? payload.readUInt16BE(0) : ''}`)
    }
    this.#headBytes = 0
    this.#payloadBytes = -1
  }

  #onText(payload: Buffer): void {
    if (payload.byteLength > MAX_TEXT_BYTES) return
    const message = JSON.parse(payload.toString()) as { type: string; id?: number }
    if (message.type === 'ping') this.#send(TEXT, Buffer.from(JSON.stringify({ type: 'pong', id: message.id })))
    else if (message.type === 'gap') this.#options.onGap()
  }

  #onFrame(): void {
    const at = this.#payloadAt
    const head = this.#head
    // Kind 4 is padding: nothing to acknowledge.
    if (head[at + 1] === 4) return
    const sequence = head.readUInt32BE(at + 8)
    const captured = (head.readUInt32BE(at + 16) * 2 ** 32 + head.readUInt32BE(at + 20)) / 1000
    const age = clockMs() - captured
    this.#options.onFrame(head.readUInt32BE(at + HEADER_BYTES), age, at + this.#payloadBytes)
    const now = performance.now()
    const passedOn = head.readUInt32BE(at + 24) / 1000
    const wait = this.#acker.done(sequence, age - passedOn, Math.max(0, age * 1000), now)
    this.#flushAt = wait === undefined ? Number.POSITIVE_INFINITY : now + wait
  }

  #send(opcode: number, payload: Uint8Array): void {
    const long = payload.byteLength > 125
    const at = long ? 8 : 6
    const message = Buffer.allocUnsafe(at + payload.byteLength)
    message[0] = 0x80 | opcode
    message[1] = 0x80 | (long ? 126 : payload.byteLength)
    if (long) message.writeUInt16BE(payload.byteLength, 2)
    MASK.copy(message, at - 4)
    for (let i = 0; i < payload.byteLength; i++) message[at + i] = (payload[i] as number) ^ (MASK[i & 3] as number)
    this.#socket.write(message)
  }
}
