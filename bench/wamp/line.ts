import { connect, type Socket } from 'node:net'

/** Any four bytes that are not zero: with a mask of zeros a server has nothing to undo, which no real client grants it. */
export const MASK = [0x5a, 0xc3, 0x0f, 0x96] as const

const FINAL = 0x80
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

/** One read buffer for all lines: each read is looked through before the next one. */
const READ_BUFFER = new Uint8Array(256 * 1024)
/** Bytes that wait to be written at most: more is written at once. */
const OUT_BYTES = 64 * 1024
/** Bytes of a message's head at most: two of the kind and length, two or eight of a longer length, the mask. */
const HEAD_BYTES = 14

let chunkAt = 0
/** When the chunk that is looked through now arrived: one look at the clock for all of its messages. */
export const arrivedAt = (): number => chunkAt

const waiting: Line[] = []
/** Writes what lines have to write. By itself this happens after each chunk. */
export function flush(): void {
  for (const line of waiting) line.write()
  waiting.length = 0
}

/** The head of a client's message. */
export function head(bytes: number, opcode: number): number[] {
  const length = bytes < 126 ? [FINAL | bytes] : [FINAL | 126, bytes >> 8, bytes & 255]
  return [FINAL | opcode, ...length, ...MASK]
}
export const opcodeOf = (binary: boolean): number => (binary ? BINARY : TEXT)

export interface LineOptions {
  readonly port: number
  readonly path: string
  /** Subprotocol; '' for none. */
  readonly protocol: string
  readonly binary: boolean
  readonly onOpen: () => void
  /** A message is there, whole: bytes `start` to `end` of a buffer that is the next read's too. */
  readonly onMessage: (buffer: Buffer, start: number, end: number) => void
  readonly onClose: (reason: string) => void
}

/** The least that a WebSocket client can be, so that what is measured is the server: no object, string or parse for a message. */
export class Line {
  readonly #options: LineOptions
  readonly #socket: Socket
  #open = false
  #handshake = ''
  /** The beginning of a message whose end has not arrived. */
  #rest: Buffer | undefined
  #out: Buffer | undefined
  #outBytes = 0
  #at = 0
  #phase = 0

  constructor(options: LineOptions) {
    this.#options = options
    this.#socket = connect({
      port: options.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (length, buffer) => {
          chunkAt = performance.now()
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length))
          flush()
          return true
        },
      },
    })
    const protocol = options.protocol ? `Sec-WebSocket-Protocol: ${options.protocol}\r\n` : ''
    this.#socket.on('connect', () =>
      this.#socket.write(
        `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n${protocol}\r\n`,
      ),
    )
    this.#socket.on('error', (error) => options.onClose(error.message))
    this.#socket.on('close', () => options.onClose('closed'))
  }

  /** Sends one message at once. */
  send(payload: Buffer, opcode = opcodeOf(this.#options.binary)): void {
    this.#socket.write(Buffer.concat([Buffer.from(head(payload.length, opcode)), payload.map((byte, i) => byte ^ (MASK[i & 3] as number))]))
  }

  /** Begins a message of so many bytes, all of which are to be `put`. It is written at `flush`. */
  begin(bytes: number): void {
    const out = this.#outbox(bytes)
    let at = this.#outBytes
    this.#outBytes += bytes + (bytes < 126 ? 6 : 8)
    out[at++] = FINAL | opcodeOf(this.#options.binary)
    if (bytes < 126) out[at++] = FINAL | bytes
    else {
      out[at++] = FINAL | 126
      out[at++] = bytes >> 8
      out[at++] = bytes & 255
    }
    for (let i = 0; i < 4; i++) out[at++] = MASK[i] as number
    this.#at = at
    this.#phase = 0
  }

  put(from: Buffer, start: number, end: number): void {
    const out = this.#out as Buffer
    let at = this.#at
    let phase = this.#phase
    for (let i = start; i < end; i++) out[at++] = (from[i] as number) ^ (MASK[phase++ & 3] as number)
    this.#at = at
    this.#phase = phase
  }

  /** A message with its head, masked before. It is written at `flush`. */
  putWhole(message: Buffer): void {
    const out = this.#outbox(message.length)
    message.copy(out, this.#outBytes)
    this.#outBytes += message.length
  }

  write(): void {
    if (this.#outBytes === 0) return
    this.#socket.write(Buffer.from((this.#out as Buffer).subarray(0, this.#outBytes)))
    this.#outBytes = 0
  }

  close(): void {
    this.#socket.removeAllListeners()
    this.#socket.on('error', () => {})
    this.#socket.destroy()
  }

  #outbox(bytes: number): Buffer {
    this.#out ??= Buffer.allocUnsafeSlow(OUT_BYTES)
    if (this.#outBytes + bytes + HEAD_BYTES > OUT_BYTES) this.write()
    if (this.#outBytes === 0) waiting.push(this)
    return this.#out
  }

  #read(chunk: Buffer): void {
    const buffer = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    let at = this.#open ? 0 : this.#onHandshake(buffer)
    while (buffer.length - at >= 2) {
      const first = buffer[at] as number
      let bytes = (buffer[at + 1] as number) & 0x7f
      let start = at + 2
      if (bytes === 127 || first < FINAL) return this.#fail('a message in fragments, or longer than all that is measured')
      if (bytes === 126) {
        if (buffer.length - at < 4) break
        bytes = buffer.readUInt16BE(start)
        start += 2
      }
      if (start + bytes > buffer.length) break
      at = start + bytes
      const opcode = first & 0x0f
      if (opcode <= BINARY) this.#options.onMessage(buffer, start, at)
      else if (opcode === PING) this.send(buffer.subarray(start, at), PONG)
      else if (opcode === CLOSE)
        return this.#fail(`closed: ${bytes > 1 ? buffer.readUInt16BE(start) : ''} ${buffer.toString('utf8', start + 2, at)}`)
    }
    if (at < buffer.length) this.#rest = Buffer.from(buffer.subarray(at))
  }

  /** @returns where messages begin */
  #onHandshake(buffer: Buffer): number {
    const before = this.#handshake.length
    this.#handshake += buffer.toString('latin1')
    const end = this.#handshake.indexOf('\r\n\r\n')
    if (end < 0) return buffer.length
    if (!this.#handshake.startsWith('HTTP/1.1 101')) {
      this.#fail(this.#handshake.slice(0, 200))
      return buffer.length
    }
    this.#open = true
    this.#options.onOpen()
    return end + 4 - before
  }

  #fail(reason: string): void {
    this.close()
    this.#options.onClose(reason)
  }
}
