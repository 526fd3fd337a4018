import { once } from 'node:events'
import { WebSocket } from 'ws'
import { encodeHeader, HEADER_BYTES } from '../shared/protocol/frame.ts'
import type { FromPublisher } from '../shared/protocol/messages.ts'
import { micros, microsSpan } from '../shared/units/time.ts'
import { clockMs } from './fan-out-viewer.ts'

export const FPS = 30
/** Bytes of a frame's payload. */
export const PAYLOAD_BYTES = 6 * 1024
/** Temporal layers of the frames that follow each other: L1T3. */
const LAYERS = [0, 2, 1, 2] as const

/** A publisher on the protocol's level: frames of one size, 30 a second, with their number in the payload. */
export class SteadyPublisher {
  readonly #ws: WebSocket
  readonly #frame = Buffer.alloc(HEADER_BYTES + PAYLOAD_BYTES, 0x5a)
  #timer: NodeJS.Timeout | undefined
  #index = 0
  #wantKey = true

  private constructor(ws: WebSocket) {
    this.#ws = ws
  }

  static async connect(url: string, cookie: string): Promise<SteadyPublisher> {
    const ws = new WebSocket(url, { headers: { cookie }, perMessageDeflate: false })
    const publisher = new SteadyPublisher(ws)
    ws.on('error', () => {})
    ws.on('message', (data, binary) => {
      if (!binary && (JSON.parse(data.toString()) as { type: string }).type === 'key') publisher.#wantKey = true
    })
    await once(ws, 'open')
    const say = (message: FromPublisher) => ws.send(JSON.stringify(message))
    const renditions = { full: true, thumb: false, picture: false }
    say({ type: 'publish', renditions, audio: false, takeover: true, instance: 'fan-out-bench' })
    say({ type: 'config', epoch: 1, kind: 'video', rendition: 'full', codec: 'vp09.00.30.08', width: 640, height: 360, layers: 3 })
    return publisher
  }

  /** The number that the next frame will have. */
  get next(): number {
    return this.#index
  }

  /** Sends frames until `stop`, or so many; the promise is fulfilled after the last. */
  start(frames = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const began = performance.now()
      let sent = 0
      const tick = () => {
        // A timer that came late makes up for it: so many frames a second were promised.
        while (sent < frames && performance.now() >= began + (sent * 1000) / FPS) {
          this.#send()
          sent++
        }
        if (sent >= frames) resolve()
        else this.#timer = setTimeout(tick, Math.max(1, began + (sent * 1000) / FPS - performance.now()))
      }
      tick()
    })
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  close(): void {
    this.stop()
    this.#ws.terminate()
  }

  #send(): void {
    const key = this.#wantKey
    this.#wantKey = false
    const sequence = this.#index++
    const layer = key ? 0 : (LAYERS[sequence % LAYERS.length] as number)
    const time = micros(Math.round(clockMs() * 1000))
    encodeHeader({ kind: 'video', key, layer, rendition: 'full', epoch: 1, sequence, duration: microsSpan(33_333), time }, this.#frame)
    this.#frame.writeUInt32BE(sequence, HEADER_BYTES)
    // ws masks a client's message in place unless told that the bytes are not its own.
    this.#ws.send(Buffer.from(this.#frame))
  }
}
