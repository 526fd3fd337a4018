import { randomUUID } from 'node:crypto'
import { createCanvas } from '@napi-rs/canvas'
import { AckWindow, WINDOW_FRAMES } from '../../../shared/flow/window.ts'
import { decodeAck } from '../../../shared/protocol/ack.ts'
import { delaySince, encodeFrame, type Kind, type Rendition } from '../../../shared/protocol/frame.ts'
import { MAX_ACK_INTERVAL_MS } from '../../../shared/protocol/limits.ts'
import { type Demand, type FromPublisher, ToPublisher } from '../../../shared/protocol/messages.ts'
import { parseMessage } from '../../../shared/protocol/parse.ts'
import { type Micros, micros, microsFromMillis, microsSpan } from '../../../shared/units/time.ts'
import { type Codecs, type EncodedFrame, encodePicture, FRAME_RATE, RenditionEncoder, type VideoRendition } from './encoders.ts'
import { drawScene, HEIGHT, WIDTH } from './scene.ts'

const VIDEO_MS = 1000 / FRAME_RATE
const PICTURE_MS = 200
/** Age in milliseconds of the oldest unacknowledged frame from which nothing more is drawn. */
const MAX_UNACKED_MS = MAX_ACK_INTERVAL_MS + 500
/** Milliseconds after which an encoder that has not answered is taken for broken. */
const MAX_ENCODE_MS = 5000

const NOTHING: Demand = { type: 'demand', full: null, thumb: null, picture: false, audio: false }

interface Track {
  readonly encoder: RenditionEncoder
  /** Undefined until its configuration was sent. */
  epoch: number | undefined
  wantsKey: boolean
  /** When the frame that it is encoding was drawn, in monotonic milliseconds; undefined when it has none. */
  encodingSince: number | undefined
}

/** The publisher's side of the protocol: draws, encodes and sends what is demanded, and rests otherwise. */
export class DemoCamera {
  readonly #codecs: Codecs | undefined
  readonly #send: (message: string | Uint8Array) => void
  readonly #fail: (error: Error) => void
  readonly #canvas = createCanvas(WIDTH, HEIGHT)
  readonly #ctx = this.#canvas.getContext('2d')
  readonly #window = new AckWindow()
  readonly #tracks = new Map<VideoRendition, Track>()
  #demand = NOTHING
  #pictureEpoch: number | undefined
  #nextEpoch = 0
  #nextSequence = 0
  #timer: NodeJS.Timeout | undefined
  #nextTick = 0
  #nextPicture = 0

  /**
   * @param codecs undefined offers pictures only
   * @param send a string is a text message, bytes are a binary one
   * @param fail the native encoder broke, or the other side broke the protocol: there is no going on
   */
  constructor(codecs: Codecs | undefined, send: (message: string | Uint8Array) => void, fail: (error: Error) => void) {
    this.#codecs = codecs
    this.#send = send
    this.#fail = fail
    const video = codecs !== undefined
    const renditions = { full: video, thumb: video, picture: true }
    this.#tell({ type: 'publish', renditions, audio: false, takeover: true, instance: randomUUID() })
  }

  receive(message: string | Uint8Array): void {
    if (typeof message !== 'string') return this.#acknowledged(message)
    const parsed = parseMessage(ToPublisher, message)
    if (!parsed.ok) return this.#fail(new Error(`${parsed.code}: ${parsed.detail}`))
    switch (parsed.value.type) {
      case 'demand':
        return this.#follow(parsed.value)
      case 'key': {
        const track = this.#tracks.get(parsed.value.rendition)
        if (track) track.wantsKey = true
        return
      }
      case 'error':
        return this.#fail(new Error(`${parsed.value.code}: ${parsed.value.message}`))
      case 'ready':
      case 'clock':
        return
    }
  }

  #acknowledged(bytes: Uint8Array): void {
    const ack = decodeAck(bytes)
    if (ack.ok) this.#window.acked(ack.value, performance.now())
    else this.#fail(new Error(`${ack.code}: ${ack.detail}`))
  }

  #follow(demand: Demand): void {
    this.#demand = demand
    for (const rendition of ['full', 'thumb'] as const) {
      const track = this.#tracks.get(rendition)
      if (demand[rendition] === null) {
        track?.encoder.close()
        this.#tracks.delete(rendition)
      } else if (!track && this.#codecs) {
        const encoder = new RenditionEncoder(this.#codecs, rendition, (frame) => this.#encoded(encoder, frame), this.#fail)
        this.#tracks.set(rendition, { encoder, epoch: undefined, wantsKey: true, encodingSince: undefined })
      }
    }
    if (this.#tracks.size > 0 || demand.picture) {
      if (this.#timer) return
      this.#nextTick = performance.now()
      this.#timer = setTimeout(() => this.#tick(), 0)
    } else {
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#window.reset()
    }
  }

  #tick(): void {
    const now = performance.now()
    // After a stall the rhythm begins anew: missed pictures are not made up for.
    this.#nextTick = Math.max(this.#nextTick + (this.#tracks.size > 0 ? VIDEO_MS : PICTURE_MS), now)
    this.#timer = setTimeout(() => this.#tick(), this.#nextTick - now)
    const behind = this.#window.oldestAge(now) > MAX_UNACKED_MS || this.#window.unacked === WINDOW_FRAMES
    if (behind || this.#isEncoding(now)) return

    const pictureDue = this.#demand.picture && now >= this.#nextPicture
    if (this.#tracks.size === 0 && !pictureDue) return
    const millis = performance.timeOrigin + now
    const time = microsFromMillis(millis)
    drawScene(this.#ctx, millis)
    if (this.#codecs && this.#tracks.size > 0) {
      const frame = new this.#codecs.VideoFrame(this.#canvas, { timestamp: time })
      for (const track of this.#tracks.values()) {
        track.encoder.encode(frame, track.wantsKey)
        track.wantsKey = false
        track.encodingSince = now
      }
      frame.close()
    }
    if (pictureDue) {
      // A tick may come a little early; the next picture is due with the tick nearest to its time.
      this.#nextPicture = now + PICTURE_MS - VIDEO_MS / 2
      this.#picture(time)
    }
  }

  /** One picture at a time: so the capture times that are sent never go back, whatever the rendition. */
  #isEncoding(now: number): boolean {
    const since = [...this.#tracks.values()].flatMap((track) => track.encodingSince ?? [])
    if (since.some((from) => now - from > MAX_ENCODE_MS)) this.#fail(new Error(`the encoder has not answered for ${MAX_ENCODE_MS} ms`))
    return since.length > 0
  }

  #picture(time: Micros): void {
    const bytes = encodePicture(this.#canvas)
    if (this.#pictureEpoch === undefined) {
      this.#pictureEpoch = this.#nextEpoch++
      this.#tell({
        type: 'config',
        epoch: this.#pictureEpoch,
        kind: 'picture',
        rendition: 'picture',
        codec: 'jpeg',
        width: WIDTH,
        height: HEIGHT,
      })
    }
    this.#frame('picture', 'picture', true, this.#pictureEpoch, time, PICTURE_MS, bytes)
  }

  #encoded(encoder: RenditionEncoder, frame: EncodedFrame): void {
    const { rendition, key, codec } = frame
    const track = this.#tracks.get(rendition)
    if (track?.encoder !== encoder) return
    track.encodingSince = undefined
    if (track.epoch === undefined) {
      if (codec === undefined) return this.#fail(new Error('the first frame of the encoder has no parameter sets'))
      track.epoch = this.#nextEpoch++
      const { width, height } = encoder
      this.#tell({ type: 'config', epoch: track.epoch, kind: 'video', rendition, codec, width, height, layers: 1 })
    }
    this.#frame('video', rendition, key, track.epoch, micros(frame.time), VIDEO_MS, frame.bytes)
  }

  #frame(kind: Kind, rendition: Rendition, key: boolean, epoch: number, time: Micros, millis: number, payload: Uint8Array): void {
    const sequence = this.#nextSequence++
    const duration = microsSpan(Math.round(millis * 1000))
    const now = performance.now()
    const delay = delaySince(time, microsFromMillis(performance.timeOrigin + now))
    const message = encodeFrame({ kind, key, layer: 0, rendition, epoch, sequence, time, duration, delay }, payload)
    this.#window.sent(sequence, message.byteLength, now)
    this.#send(message)
  }

  #tell(message: FromPublisher): void {
    this.#send(JSON.stringify(message))
  }
}
