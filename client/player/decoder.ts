import type { FrameHeader } from '../../shared/protocol/frame.ts'
import type { VideoConfig } from '../../shared/protocol/messages.ts'
import type { Picture } from './renderer.ts'

/** Frames the decoder may hold; from the first number on upper layers are skipped, at the second everything to the next key frame. */
const THIN_QUEUE = 4
const MAX_QUEUE = 10
/** Failures in a row, without a picture between, after which the codec counts as not decodable here. */
const MAX_FAILURES = 3

/**
 * Milliseconds between two arrivals under which the second overtakes the first: they came at once, as after a packet that was
 * sent anew, and would be drawn within one frame of a 60 Hz display, the first only to be covered.
 */
const OVERTAKE_MS = 8

/** Milliseconds in which a decoder that holds a frame must give one; more and it is broken, or keeps frames back. */
const STUCK_MS = 1000

export interface DecoderEvents {
  /** A frame left the decoder (the picture is the receiver's to close) or was skipped; not in order. */
  done(header: FrameHeader, picture: Picture | undefined): void
  /** Nothing is of use before the next key frame. */
  lost(): void
  /** The codec cannot be decoded here. */
  unsupported(): void
}

/** WebCodecs with a bounded queue. */
export class FrameDecoder {
  readonly #events: DecoderEvents
  #decoder: VideoDecoder | undefined
  #config: VideoConfig | undefined
  #inside: { readonly header: FrameHeader; readonly arrivedAt: number }[] = []
  #needKey = true
  #ceiling = 3
  #failures = 0
  #stuck: ReturnType<typeof setTimeout> | undefined

  constructor(events: DecoderEvents) {
    this.#events = events
  }

  configure(config: VideoConfig): void {
    this.#config = config
    this.#needKey = true
    this.#reset()
  }

  decode(header: FrameHeader, payload: Uint8Array): void {
    if (this.#needKey && !header.key) return this.#events.done(header, undefined)
    if (header.layer === 0) this.#ceiling = 3
    const queue = this.#decoder?.decodeQueueSize ?? 0
    if (queue >= MAX_QUEUE && !header.key) {
      this.#needKey = true
      this.#events.lost()
      return this.#events.done(header, undefined)
    }
    if (header.layer > this.#ceiling || (header.layer > 0 && queue >= THIN_QUEUE)) {
      this.#ceiling = Math.min(this.#ceiling, header.layer - 1)
      return this.#events.done(header, undefined)
    }
    if (!this.#decoder && !this.#open()) return this.#events.done(header, undefined)
    this.#needKey = false
    this.#inside.push({ header, arrivedAt: performance.now() })
    this.#stuck ??= setTimeout(() => this.#failed(), STUCK_MS)
    this.#decoder?.decode(new EncodedVideoChunk({ type: header.key ? 'key' : 'delta', timestamp: header.time, data: payload }))
  }

  close(): void {
    this.#reset()
  }

  #open(): boolean {
    const config = this.#config
    if (!config) return false
    const decoder = new VideoDecoder({
      output: (frame) => this.#output(decoder, frame),
      error: () => {
        if (decoder !== this.#decoder) return
        this.#failed()
      },
    })
    try {
      decoder.configure({ codec: config.codec, codedWidth: config.width, codedHeight: config.height, optimizeForLatency: true })
    } catch {
      this.#events.unsupported()
      return false
    }
    this.#decoder = decoder
    return true
  }

  #output(decoder: VideoDecoder, frame: VideoFrame): void {
    if (decoder !== this.#decoder) return frame.close()
    this.#failures = 0
    clearTimeout(this.#stuck)
    this.#stuck = undefined
    while (this.#inside.length > 0) {
      const { header, arrivedAt } = this.#inside.shift() as { header: FrameHeader; arrivedAt: number }
      const shown = header.time === frame.timestamp
      const next = this.#inside[0]
      const overtaken = next !== undefined && next.arrivedAt - arrivedAt < OVERTAKE_MS
      if (next && shown) this.#stuck = setTimeout(() => this.#failed(), STUCK_MS)
      this.#events.done(header, shown ? { image: frame, time: header.time, overtaken } : undefined)
      if (shown) return
    }
    frame.close()
  }

  /** A broken stream, or a codec that was promised and is not there: the next key frames tell. */
  #failed(): void {
    this.#reset()
    this.#needKey = true
    if (++this.#failures >= MAX_FAILURES) this.#events.unsupported()
    else this.#events.lost()
  }

  #reset(): void {
    clearTimeout(this.#stuck)
    this.#stuck = undefined
    const decoder = this.#decoder
    this.#decoder = undefined
    if (decoder && decoder.state !== 'closed') decoder.close()
    const inside = this.#inside
    this.#inside = []
    for (const { header } of inside) this.#events.done(header, undefined)
  }
}
