import { decodeAck } from '../../shared/protocol/ack.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { delaySince, encodeFrame, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { type Config, type Demand, type FromPublisher, type PictureConfig, ToPublisher } from '../../shared/protocol/messages.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import { type Micros, microsSpan } from '../../shared/units/time.ts'
import { ServerClock } from '../transport/clock.ts'
import { Rate } from '../transport/rate.ts'
import { connect, type Socket } from '../transport/socket.ts'
import { CaptureClock } from './capture-clock.ts'
import { Microphone } from './microphone.ts'
import { type EncodedPicture, PictureEncoder } from './pictures.ts'
import { type EncodedHeader, FULL, RenditionEncoder, type RenditionEvents, THUMB } from './rendition.ts'
import type { RuntimeStatus } from './runtime-messages.ts'
import { Uplink } from './uplink.ts'

/** Milliseconds between two status reports. */
const REPORT_MS = 500
/** Bytes that the browser may hold for the network before new frames are left out. */
const MAX_BUFFERED_BYTES = 256 * 1024
/** Milliseconds of a picture's stay, for its header. */
const PICTURE_MS = 125

const NOTHING: Demand = { type: 'demand', full: null, thumb: null, picture: false, audio: false }

export interface SessionOptions {
  readonly url: string
  readonly takeover: boolean
  readonly instance: string
  readonly webCodecs: boolean
  readonly onStatus: (status: RuntimeStatus) => void
}

/** A captured frame on its way to the server: encoded as the server demands, as the link carries; nothing while nobody wants it. */
export class PublisherSession {
  readonly #options: SessionOptions
  readonly #socket: Socket
  readonly #clock: ServerClock
  readonly #uplink = new Uplink()
  readonly #captureClock = new CaptureClock()
  readonly #full: RenditionEncoder
  readonly #thumb: RenditionEncoder
  readonly #pictures = new PictureEncoder((picture) => this.#onPicture(picture))
  readonly #report: ReturnType<typeof setInterval>
  readonly #frames = new Rate()
  readonly #bytes = new Rate()
  #microphone: Microphone | undefined
  #demand = NOTHING
  #ready = false
  #takeover: boolean
  /** Renditions that this browser turned out not to encode. */
  readonly #refused = new Set<'full' | 'thumb'>()
  #ended: RuntimeStatus['ended'] = null
  #sequence = 0
  #epoch = 0
  #pictureConfig: PictureConfig | undefined
  #size = { width: 0, height: 0 }

  constructor(options: SessionOptions) {
    this.#options = options
    this.#takeover = options.takeover
    this.#clock = new ServerClock((t0) => this.#send({ type: 'clock', t0 }))
    const events = (name: 'full' | 'thumb'): RenditionEvents => ({
      config: (config) => this.#announce(config),
      frame: (header, payload) => this.#transmit(header, payload, this.#demand[name]),
      unsupported: () => this.#refuse(name),
      nextEpoch: () => ++this.#epoch,
    })
    this.#full = new RenditionEncoder(FULL, events('full'))
    this.#thumb = new RenditionEncoder(THUMB, events('thumb'))
    this.#report = setInterval(() => this.#tellStatus(), REPORT_MS)
    this.#socket = connect({
      url: options.url,
      onOpen: () => this.#opened(),
      onText: (text) => this.#onText(text),
      onBinary: (bytes) => this.#onAck(new Uint8Array(bytes)),
      onDown: ({ code, retry }) => this.#down(code, retry),
    })
  }

  /** One captured frame; closed here. */
  capture(frame: VideoFrame | ImageBitmap): void {
    const arrival = this.#clock.now()
    const isFrame = 'timestamp' in frame
    const time = isFrame ? this.#captureClock.time(frame.timestamp, arrival) : arrival
    this.#size = isFrame ? { width: frame.displayWidth, height: frame.displayHeight } : { width: frame.width, height: frame.height }
    try {
      if (this.#ready && this.#hasRoom()) this.#encode(frame, time)
    } finally {
      // A camera that gets no frame back gives none.
      frame.close()
    }
  }

  /** Another camera: its frames begin new epochs. */
  restartVideo(): void {
    this.#full.restart()
    this.#thumb.restart()
    this.#pictureConfig = undefined
  }

  setMicrophone(source: ReadableStream<AudioData> | null): void {
    this.#microphone?.close()
    this.#microphone =
      source === null
        ? undefined
        : new Microphone(source, {
            config: (config) => this.#announce(config),
            frame: (header, payload) => this.#transmit(header, payload, 0),
            nextEpoch: () => ++this.#epoch,
            now: () => this.#clock.now(),
          })
    this.#microphone?.setWanted(this.#demand.audio)
    if (this.#ready) this.#send({ type: 'offer', ...this.#offer() })
  }

  /** After a refusal because of another publisher: replace it. */
  takeOver(): void {
    this.#takeover = true
    this.#ended = null
    this.#socket.reconnect()
  }

  close(): void {
    this.#socket.close()
    this.#clock.stop()
    clearInterval(this.#report)
    this.#full.close()
    this.#thumb.close()
    this.#microphone?.close()
  }

  #encode(frame: VideoFrame | ImageBitmap, time: Micros): void {
    if ('timestamp' in frame) {
      if (this.#demand.full !== null) this.#full.encode(frame, time)
      if (this.#demand.thumb !== null) this.#thumb.encode(frame, time)
    }
    if (this.#demand.picture) this.#pictures.encode(frame, time)
  }

  #opened(): void {
    this.#clock.start()
    this.#uplink.reset()
    this.#send({ type: 'publish', ...this.#offer(), takeover: this.#takeover, instance: this.#options.instance })
  }

  #offer() {
    const video = this.#options.webCodecs
    return {
      renditions: { full: video && !this.#refused.has('full'), thumb: video && !this.#refused.has('thumb'), picture: true },
      audio: this.#microphone !== undefined,
    }
  }

  #down(code: ErrorCode | undefined, retry: boolean): void {
    this.#ready = false
    this.#clock.stop()
    this.#obey(NOTHING)
    if (!retry) this.#ended ??= { code: code ?? 'server.internal', message: ERRORS[code ?? 'server.internal'].title }
    this.#tellStatus()
  }

  #onText(text: string): void {
    const parsed = parseMessage(ToPublisher, text)
    if (!parsed.ok) return this.#protocolError(parsed.detail)
    const message = parsed.value
    switch (message.type) {
      case 'ready':
        this.#ready = true
        // It was taken over once; after a restart of the server another publisher may be the right one.
        this.#takeover = false
        this.restartVideo()
        this.#microphone?.restart()
        return this.#tellStatus()
      case 'demand':
        return this.#obey(message)
      case 'key':
        return (message.rendition === 'full' ? this.#full : this.#thumb).requestKey()
      case 'clock':
        return this.#clock.answered(message.t0, message.t1)
      case 'error':
        if (!ERRORS[message.code as ErrorCode].retry) this.#ended = { code: message.code as ErrorCode, message: message.message }
    }
  }

  #obey(demand: Demand): void {
    const before = this.#demand
    this.#demand = demand
    // What nobody wanted for a while begins anew with a key frame; an idle encoder costs memory only.
    if (before.full === null) this.#full.requestKey()
    if (before.thumb === null) this.#thumb.requestKey()
    this.#microphone?.setWanted(demand.audio)
    this.#tellStatus()
  }

  #onAck(bytes: Uint8Array): void {
    const ack = decodeAck(bytes)
    if (!ack.ok) return this.#protocolError(ack.detail)
    this.#uplink.window.acked(ack.value, performance.now())
  }

  /** The server broke the protocol: this side is older or newer than it. */
  #protocolError(detail: string): void {
    this.#ended = { code: 'message.invalid', message: detail }
    this.#socket.close()
    this.#down(undefined, false)
  }

  /** Frames are left out before they are encoded: an encoded one is never thrown away on the way. */
  #hasRoom(): boolean {
    const now = performance.now()
    const { width, height } = this.#size
    const scale = this.#uplink.tick(now, FULL.bitrate(width, height, FULL.maxFps))
    if (scale !== undefined) this.#full.setScale(scale)
    return this.#socket.buffered < MAX_BUFFERED_BYTES && this.#uplink.window.pressure(now) < 2
  }

  #refuse(name: 'full' | 'thumb'): void {
    this.#refused.add(name)
    if (this.#ready) this.#send({ type: 'offer', ...this.#offer() })
  }

  #onPicture({ bytes, width, height, time }: EncodedPicture): void {
    if (!this.#ready || !this.#demand.picture) return
    if (this.#pictureConfig?.width !== width || this.#pictureConfig.height !== height) {
      this.#pictureConfig = { type: 'config', epoch: ++this.#epoch, kind: 'picture', rendition: 'picture', codec: 'jpeg', width, height }
      this.#announce(this.#pictureConfig)
    }
    const { epoch } = this.#pictureConfig
    this.#transmit(
      { kind: 'picture', key: true, layer: 0, rendition: 'picture', epoch, time: time as Micros, duration: microsSpan(PICTURE_MS * 1000) },
      bytes,
      0,
    )
  }

  #announce(config: Config): void {
    this.#send(config)
  }

  /** @param layer highest temporal layer that somebody wants, null nobody */
  #transmit(header: EncodedHeader, payload: Uint8Array, layer: number | null): void {
    if (!this.#ready || layer === null || header.layer > layer) return
    const now = performance.now()
    const sequence = ++this.#sequence
    const delay = delaySince(header.time, this.#clock.now())
    this.#socket.send(encodeFrame({ ...header, sequence, delay }, payload))
    this.#uplink.window.sent(sequence, HEADER_BYTES + payload.byteLength, now)
    if (header.kind !== 'audio') this.#frames.add(now)
    this.#bytes.add(now, HEADER_BYTES + payload.byteLength)
  }

  #tellStatus(): void {
    const now = performance.now()
    const { full, thumb, picture, audio } = this.#demand
    this.#options.onStatus({
      connected: this.#ready,
      watched: full !== null || thumb !== null || picture || audio,
      ended: this.#ended,
      fps: this.#frames.perSecond(now),
      kbps: this.#bytes.kbps(now),
      codec: full !== null ? this.#full.codec : thumb !== null ? this.#thumb.codec : picture ? 'jpeg' : null,
      ...this.#size,
    })
  }

  #send(message: FromPublisher): void {
    this.#socket.send(JSON.stringify(message))
  }
}
