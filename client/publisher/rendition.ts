import type { CapturedHeader } from '../../shared/protocol/frame.ts'
import type { VideoConfig } from '../../shared/protocol/messages.ts'
import { type Micros, microsSpan } from '../../shared/units/time.ts'
import { chooseEncoder, type EncoderChoice, familyOf } from './codecs.ts'

/** Frames the encoder may hold; while it holds more, new ones are left out before they cost anything. */
const MAX_QUEUE = 2
/** Frames that went in and did not come out, and µs since the oldest of them: an encoder with both looks ahead, whatever it was asked. */
const MAX_INSIDE = 10
const MAX_DELAY_US = 500_000

/** What sets one rendition apart. */
export interface RenditionProfile {
  readonly name: 'full' | 'thumb'
  /** Pixels of the longer side at most. */
  readonly maxSide: number
  readonly maxFps: number
  /** Bits a second for a size. */
  bitrate(width: number, height: number, fps: number): number
}

export const FULL: RenditionProfile = {
  name: 'full',
  maxSide: 1920,
  maxFps: 30,
  bitrate: (width, height, fps) => Math.round(Math.min(4_500_000, Math.max(300_000, width * height * fps * 0.07))),
}
export const THUMB: RenditionProfile = { name: 'thumb', maxSide: 320, maxFps: 15, bitrate: () => 130_000 }

export type EncodedHeader = Omit<CapturedHeader, 'sequence'>

export interface RenditionEvents {
  config(config: VideoConfig): void
  frame(header: EncodedHeader, payload: Uint8Array): void
  /** This browser cannot encode it. */
  unsupported(): void
  nextEpoch(): number
}

/** One rendition's encoder: begins an epoch when the picture's size changes or a fresh start is asked for. */
export class RenditionEncoder {
  readonly profile: RenditionProfile
  readonly #events: RenditionEvents
  #encoder: VideoEncoder | undefined
  #choice: EncoderChoice | undefined
  #starting = false
  #source = { width: 0, height: 0 }
  #epoch = 0
  #announced = false
  #wantKey = true
  #bitrate = 0
  #scale = 1
  #nextAt = 0
  /** Codec families whose encoder here keeps frames back for longer than a live view can wait. */
  readonly #slow = new Set<string>()
  #inside: { timestamp: number; time: Micros; duration: number }[] = []

  constructor(profile: RenditionProfile, events: RenditionEvents) {
    this.profile = profile
    this.#events = events
  }

  get codec(): string | null {
    return this.#choice?.config.codec ?? null
  }

  requestKey(): void {
    this.#wantKey = true
  }

  /** The next frame begins a new epoch: another connection, another camera. */
  restart(): void {
    this.close()
  }

  /** The share of its full bitrate (0 to 1) that the link can carry. */
  setScale(scale: number): void {
    this.#scale = scale
    const encoder = this.#encoder
    if (!encoder || !this.#choice || encoder.state !== 'configured') return
    const bitrate = Math.round(this.#fullBitrate() * scale)
    if (Math.abs(bitrate - this.#bitrate) < this.#bitrate * 0.08) return
    this.#bitrate = bitrate
    encoder.configure({ ...this.#choice.config, bitrate })
  }

  /** Takes one captured frame; it stays the caller's. */
  encode(frame: VideoFrame, time: Micros): void {
    const { displayWidth: width, displayHeight: height } = frame
    // Browsers take encoders away from pages that nobody looks at; a new one begins a new epoch.
    const taken = this.#encoder && this.#encoder.state !== 'configured'
    if (taken || width !== this.#source.width || height !== this.#source.height) this.close()
    if (!this.#encoder) {
      this.#source = { width, height }
      if (!this.#starting) void this.#start()
      return
    }
    // Half a frame of grace: cameras do not keep time to the microsecond.
    const interval = 1e6 / this.profile.maxFps
    if (time < this.#nextAt - interval / 2 && !this.#wantKey) return
    if (this.#encoder.encodeQueueSize > MAX_QUEUE) return
    if (this.#inside.length >= MAX_INSIDE) {
      if (time - (this.#inside[0]?.time ?? time) > MAX_DELAY_US) this.#tooSlow()
      return
    }
    this.#nextAt = Math.max(this.#nextAt + interval, time)
    this.#inside.push({ timestamp: frame.timestamp, time, duration: frame.duration ?? Math.round(interval) })
    this.#encoder.encode(frame, { keyFrame: this.#wantKey })
    this.#wantKey = false
  }

  close(): void {
    const encoder = this.#encoder
    this.#encoder = undefined
    this.#inside = []
    this.#source = { width: 0, height: 0 }
    if (encoder && encoder.state !== 'closed') encoder.close()
  }

  /** Another codec may do better; a new epoch begins with it. */
  #tooSlow(): void {
    if (this.#choice) this.#slow.add(familyOf(this.#choice.config.codec))
    this.close()
  }

  #fullBitrate(): number {
    const { width, height, framerate = this.profile.maxFps } = this.#choice?.config ?? { width: 0, height: 0 }
    return this.profile.bitrate(width, height, framerate)
  }

  async #start(): Promise<void> {
    this.#starting = true
    const { width: sourceWidth, height: sourceHeight } = this.#source
    const shrink = Math.min(1, this.profile.maxSide / Math.max(sourceWidth, sourceHeight))
    const even = (pixels: number) => Math.max(2, Math.round((pixels * shrink) / 2) * 2)
    const width = even(sourceWidth)
    const height = even(sourceHeight)
    const bitrate = this.profile.bitrate(width, height, this.profile.maxFps)
    const wish = { width, height, fps: this.profile.maxFps, bitrate }
    // Where all are slow, the first will do.
    const choice = (await chooseEncoder(wish, this.#slow)) ?? (await chooseEncoder(wish))
    this.#starting = false
    if (!choice) return this.#events.unsupported()
    // The picture changed its size, or nobody wants it any more, while the browser was asked.
    if (this.#source.width !== sourceWidth || this.#source.height !== sourceHeight) return
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => encoder === this.#encoder && this.#output(chunk, metadata),
      error: () => encoder === this.#encoder && this.close(),
    })
    this.#choice = choice
    this.#bitrate = Math.round(bitrate * this.#scale)
    encoder.configure({ ...choice.config, bitrate: this.#bitrate })
    this.#encoder = encoder
    this.#epoch = this.#events.nextEpoch()
    this.#announced = false
    this.#wantKey = true
  }

  #output(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    const choice = this.#choice
    let info = this.#inside.shift()
    while (info && info.timestamp !== chunk.timestamp) info = this.#inside.shift()
    if (!info || !choice) return
    const key = chunk.type === 'key'
    if (!this.#announced) {
      if (!key) return
      this.#announced = true
      const { width, height, codec } = choice.config
      const layers = metadata?.svc ? choice.layers : 1
      this.#events.config({
        type: 'config',
        epoch: this.#epoch,
        kind: 'video',
        rendition: this.profile.name,
        // The encoder knows the level it really chose.
        codec: metadata?.decoderConfig?.codec ?? codec,
        width,
        height,
        layers,
      })
    }
    const payload = new Uint8Array(chunk.byteLength)
    chunk.copyTo(payload)
    const layer = key ? 0 : (metadata?.svc?.temporalLayerId ?? 0)
    this.#events.frame(
      { kind: 'video', key, layer, rendition: this.profile.name, epoch: this.#epoch, time: info.time, duration: microsSpan(info.duration) },
      payload,
    )
  }
}
