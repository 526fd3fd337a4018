import { Acker } from '../../shared/flow/acker.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { decodeHeader, type FrameHeader, HEADER_BYTES, type Rendition } from '../../shared/protocol/frame.ts'
import {
  type AudioConfig,
  type Config,
  type Enter,
  type FromViewer,
  type PictureConfig,
  ToViewer,
  type VideoConfig,
} from '../../shared/protocol/messages.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import { localNow, ServerClock } from '../transport/clock.ts'
import { Rate } from '../transport/rate.ts'
import { connect, type Socket } from '../transport/socket.ts'
import { Arrivals } from './arrivals.ts'
import { FrameDecoder } from './decoder.ts'
import { Motion } from './motion.ts'
import { type Picture, Renderer } from './renderer.ts'
import { type Sound, SoundDecoder } from './sound.ts'
import type { Entering, PlayerStatus } from './types.ts'

/** Milliseconds between two status reports when nothing but numbers changed. */
const REPORT_MS = 500
/** Milliseconds without a picture after which a live camera counts as waiting again. */
const STALL_MS = 3000

export interface SessionOptions {
  readonly url: string
  readonly canvas: OffscreenCanvas | HTMLCanvasElement
  readonly rendition: 'full' | 'thumb'
  readonly webCodecs: boolean
  /** Said before everything else on a shared link's socket. */
  readonly enter?: Entering | undefined
  readonly onStatus: (status: PlayerStatus) => void
  readonly onSound: (sound: Sound, age: number) => void
}

const EMPTY: PlayerStatus = {
  state: 'connecting',
  since: null,
  age: null,
  fps: 0,
  kbps: 0,
  gaps: 0,
  width: 0,
  height: 0,
  codec: null,
  rendition: null,
  error: null,
  hasAudio: false,
  name: null,
  share: null,
  motion: null,
}

/** One camera shown: socket → decoder → renderer, and the acknowledgements that keep it fresh. */
export class PlayerSession {
  readonly #options: SessionOptions
  readonly #socket: Socket
  readonly #clock: ServerClock
  readonly #renderer: Renderer
  readonly #decoder: FrameDecoder
  readonly #sound: SoundDecoder
  #acker = this.#newAcker()
  readonly #arrivals = new Arrivals((header, picture) => this.#done(header, picture))
  readonly #configs = new Map<number, Config>()
  readonly #report: ReturnType<typeof setInterval>
  #status = EMPTY
  #rendition: 'full' | 'thumb'
  #audio = false
  #paused = false
  /** This browser cannot decode the camera's video: it is shown as pictures. */
  #pictures: boolean
  #behind = false
  #epoch = -1
  #ackTimer: ReturnType<typeof setTimeout> | undefined
  #picture: { header: FrameHeader; payload: Uint8Array<ArrayBuffer> } | undefined
  #decodingPicture = false
  #drawnAt = Number.NEGATIVE_INFINITY
  readonly #frames = new Rate()
  readonly #bytes = new Rate()

  constructor(options: SessionOptions) {
    this.#options = options
    this.#rendition = options.rendition
    this.#pictures = !options.webCodecs
    this.#clock = new ServerClock((t0) => this.#send({ type: 'clock', t0 }))
    this.#renderer = new Renderer(
      options.canvas,
      () => this.#clock.now(),
      (picture) => this.#drawn(picture),
    )
    this.#decoder = new FrameDecoder({
      done: (header, picture) => this.#arrivals.settle(header, picture),
      lost: () => this.#send({ type: 'key', rendition: this.#rendition }),
      unsupported: () => this.#usePictures(),
    })
    this.#sound = new SoundDecoder((sound) => options.onSound(sound, (this.#clock.now() - sound.time) / 1000))
    this.#report = setInterval(() => this.#tick(), REPORT_MS)
    this.#socket = connect({
      url: options.url,
      onOpen: () => this.#opened(),
      onText: (text) => this.#onText(text),
      onBinary: (bytes) => this.#onFrame(new Uint8Array(bytes)),
      onDown: ({ code, retry }) => this.#down(code, retry),
    })
    this.#set({})
  }

  setRendition(rendition: 'full' | 'thumb'): void {
    if (this.#rendition === rendition) return
    this.#rendition = rendition
    this.#watch()
  }

  setAudio(on: boolean): void {
    this.#audio = on
    if (!on) this.#sound.close()
    this.#watch()
  }

  setPaused(paused: boolean): void {
    if (this.#paused === paused) return
    this.#paused = paused
    this.#watch()
  }

  setHidden(hidden: boolean): void {
    this.#renderer.hidden = hidden
  }

  setMotion(on: boolean): void {
    this.#renderer.motion = on ? new Motion() : undefined
  }

  setDelay(ms: number): void {
    this.#renderer.delay = ms
  }

  snapshot(): Promise<Blob | null> {
    return this.#renderer.snapshot()
  }

  close(): void {
    this.#socket.close()
    this.#clock.stop()
    clearInterval(this.#report)
    clearTimeout(this.#ackTimer)
    this.#decoder.close()
    this.#sound.close()
    this.#renderer.close()
  }

  #opened(): void {
    this.#behind = false
    this.#acker = this.#newAcker()
    this.#configs.clear()
    const { enter } = this.#options
    if (enter) this.#send({ type: 'enter', ...enter, ...(this.#status.share ? { again: true } : {}) })
    this.#clock.start()
    this.#watch()
  }

  /** Each connection has its own: the server follows its intervals from the first acknowledgement on. */
  #newAcker(): Acker {
    return new Acker((bytes) => this.#socket.send(bytes))
  }

  #watch(): void {
    const rendition: Rendition = this.#pictures ? 'picture' : this.#rendition
    this.#send({ type: 'watch', rendition, audio: this.#audio, ...(this.#paused ? { paused: true } : {}) })
  }

  #down(code: ErrorCode | undefined, retry: boolean): void {
    this.#clock.stop()
    this.#decoder.close()
    this.#arrivals.clear()
    this.#epoch = -1
    if (retry) this.#set({ state: 'connecting' })
    else
      this.#set({
        state: 'ended',
        error: this.#status.error ?? { code: code ?? 'server.internal', message: ERRORS[code ?? 'server.internal'].title },
      })
  }

  #onText(text: string): void {
    const parsed = parseMessage(ToViewer, text)
    if (!parsed.ok) return this.#protocolError(parsed.detail)
    const message = parsed.value
    switch (message.type) {
      case 'clock':
        return this.#clock.answered(message.t0, message.t1)
      case 'ping':
        return this.#send({ type: 'pong', id: message.id })
      case 'config':
        this.#configs.set(message.epoch, message)
        if (message.kind === 'audio') this.#sound.configure(message as AudioConfig)
        return
      case 'state':
        return this.#set({
          state: message.state === 'offline' ? 'offline' : this.#showing ? this.#status.state : 'waiting',
          since: message.since / 1000,
          hasAudio: message.audio,
          name: message.name,
          error: null,
        })
      case 'share':
        return this.#set({ share: { label: message.label, camera: message.camera, cameras: message.cameras, audio: message.audio } })
      case 'level':
        this.#behind = message.behind
        return this.#set({ rendition: message.rendition, ...(this.#showing ? { state: this.#behind ? 'behind' : 'live' } : {}) })
      case 'gap':
        return this.#set({ gaps: this.#status.gaps + message.frames })
      case 'error':
        return this.#set({ error: { code: message.code as ErrorCode, message: message.message } })
    }
  }

  #onFrame(bytes: Uint8Array<ArrayBuffer>): void {
    const decoded = decodeHeader(bytes)
    if (!decoded.ok) return this.#protocolError(decoded.detail)
    const header = decoded.value
    this.#bytes.add(performance.now(), bytes.byteLength)
    if (header.kind === 'padding') return
    const payload = bytes.subarray(HEADER_BYTES)
    const config = this.#configs.get(header.epoch)
    if (!config) return this.#protocolError(`frame of epoch ${header.epoch} before its configuration`)
    this.#arrivals.add(header)
    if (header.kind === 'audio') {
      if (this.#audio) this.#sound.decode(header, payload)
      return this.#arrivals.settle(header)
    }
    if (header.epoch !== this.#epoch) this.#begin(header.epoch, config as VideoConfig | PictureConfig)
    if (header.kind === 'picture') this.#onPicture(header, payload)
    else if (this.#pictures) this.#arrivals.settle(header)
    else this.#decoder.decode(header, payload)
  }

  #begin(epoch: number, config: VideoConfig | PictureConfig): void {
    this.#epoch = epoch
    // An epoch ends the ones before it of its own rendition; the others' go on.
    for (const [known, { kind, rendition }] of this.#configs)
      if (known < epoch && kind === config.kind && rendition === config.rendition) this.#configs.delete(known)
    this.#set({ codec: config.codec, rendition: config.rendition })
    if (config.kind === 'video' && !this.#pictures) this.#decoder.configure(config)
  }

  /** One picture is decoded at a time; of those that come meanwhile only the newest. */
  #onPicture(header: FrameHeader, payload: Uint8Array<ArrayBuffer>): void {
    if (this.#picture) this.#arrivals.settle(this.#picture.header)
    this.#picture = { header, payload }
    if (!this.#decodingPicture) void this.#decodePictures()
  }

  async #decodePictures(): Promise<void> {
    this.#decodingPicture = true
    while (this.#picture) {
      const { header, payload } = this.#picture
      this.#picture = undefined
      const image = await createImageBitmap(new Blob([payload], { type: 'image/jpeg' })).catch(() => undefined)
      this.#arrivals.settle(header, image && { image, time: header.time })
    }
    this.#decodingPicture = false
  }

  #done(header: FrameHeader, picture: Picture | undefined): void {
    const age = this.#clock.now() - header.time
    const now = performance.now()
    const wait = this.#acker.done(
      header.sequence,
      (localNow() - header.time - header.delay) / 1000,
      Math.max(0, age),
      now,
      !picture && header.kind !== 'audio',
    )
    clearTimeout(this.#ackTimer)
    if (wait !== undefined) this.#ackTimer = setTimeout(() => this.#acker.flush(performance.now()), wait)
    if (picture) this.#renderer.show(picture)
  }

  #drawn(picture: Picture): void {
    const now = performance.now()
    this.#drawnAt = now
    this.#frames.add(now)
    const { image } = picture
    // What was in the decoder when the publisher left is its last picture, not a live one.
    const first = !this.#showing && this.#status.state !== 'offline'
    this.#status = {
      ...this.#status,
      age: Math.max(0, Math.round((this.#clock.now() - picture.time) / 1000)),
      width: 'displayWidth' in image ? image.displayWidth || this.#options.canvas.width : this.#options.canvas.width,
      height: this.#options.canvas.height,
    }
    if (first) this.#set({ state: this.#behind ? 'behind' : 'live' })
  }

  /** Pictures of the decoder are no use any more: ask for JPEG. */
  #usePictures(): void {
    if (this.#pictures) return
    this.#pictures = true
    this.#decoder.close()
    this.#watch()
  }

  get #showing(): boolean {
    return this.#status.state === 'live' || this.#status.state === 'behind'
  }

  #tick(): void {
    if (this.#showing && !this.#paused && performance.now() - this.#drawnAt > STALL_MS) this.#set({ state: 'waiting' })
    else this.#set({})
  }

  #set(change: Partial<PlayerStatus>): void {
    const now = performance.now()
    const motion = this.#renderer.motion?.value ?? null
    this.#status = { ...this.#status, ...change, fps: this.#frames.perSecond(now), kbps: this.#bytes.kbps(now), motion }
    this.#options.onStatus(this.#status)
  }

  /** The server broke the protocol: this side is older or newer than it. Start again. */
  #protocolError(detail: string): void {
    this.#set({ error: { code: 'message.invalid', message: detail } })
    this.#socket.close()
    this.#set({ state: 'ended' })
  }

  #send(message: FromViewer | Enter): void {
    this.#socket.send(JSON.stringify(message))
  }
}
