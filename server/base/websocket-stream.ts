import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

/** How a byte stream is carried: each chunk one binary message, or one text message in base64. */
export const STREAM_PROTOCOLS = ['binary', 'base64'] as const
export type StreamProtocol = (typeof STREAM_PROTOCOLS)[number]

/** Bytes of one message; longer chunks are sent as several. */
const MAX_STREAM_MESSAGE_BYTES = 256 * 1024
/** Characters of base64 for as many. */
export const MAX_STREAM_TEXT_CHARS = 4 * Math.ceil(MAX_STREAM_MESSAGE_BYTES / 3)
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * The byte stream in a WebSocket's messages, with back-pressure both ways: no message is read while the reader has enough, and a
 * write is done when the kernel took it. A WebSocket has no half-close: the end of one direction (close code 1000) is the end of both.
 */
export class WebSocketStream extends Duplex {
  readonly #ws: WebSocket
  readonly #base64: boolean

  constructor(ws: WebSocket, protocol: StreamProtocol) {
    super()
    // Whoever holds it may have let go of it when the connection fails: that must not end the process.
    this.on('error', () => {})
    this.#ws = ws
    this.#base64 = protocol === 'base64'
    ws.on('message', (data, binary) => this.#onMessage(data, binary))
    ws.once('close', (code) => {
      if (code === 1000 || code === 1005) this.push(null)
      else this.destroy()
    })
    ws.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    if (this.#ws.isPaused) this.#ws.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return done(new Error('the WebSocket is closed'))
    for (let at = 0; at < chunk.length; at += MAX_STREAM_MESSAGE_BYTES) {
      const part = chunk.subarray(at, at + MAX_STREAM_MESSAGE_BYTES)
      const last = at + part.length >= chunk.length
      this.#ws.send(this.#base64 ? part.toString('base64') : part, last ? (error) => done(error) : () => {})
    }
  }

  override _final(done: () => void): void {
    this.#ws.close(1000)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.close(error ? 1011 : 1000)
    else if (this.#ws.readyState !== this.#ws.CLOSED) this.#ws.terminate()
    done(error)
  }

  #onMessage(data: RawData, binary: boolean): void {
    const bytes = binary ? (data as Buffer) : Buffer.from(String(data), 'base64')
    const valid = binary ? !this.#base64 : this.#base64 && BASE64.test(String(data))
    if (!valid) return this.#ws.close(1003, this.#base64 ? 'text messages of base64' : 'binary messages')
    // An empty chunk says nothing, and would end a stream in object mode.
    if (bytes.length > 0 && !this.push(bytes)) this.#ws.pause()
  }
}
