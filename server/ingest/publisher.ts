import { Acker } from '../../shared/flow/acker.ts'
import { decodeHeader, type FrameHeader, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { type Config, type Demand, FromPublisher, type Publish, type ToPublisher } from '../../shared/protocol/messages.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import { micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { TokenBucket } from '../base/rate.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { Channel, Publisher } from '../bus/channel.ts'
import { type TrackName, trackOf } from '../bus/frame.ts'

/** Milliseconds in which the first message must come. */
const HELLO_MS = 10_000

export interface PublisherOptions {
  readonly socket: MessageSocket
  readonly channel: Channel
  readonly clock: Clock
  readonly log: Log
}

/** What a track's frames must follow from. */
interface TrackState {
  readonly epoch: number
  sawKey: boolean
}

/**
 * One publisher's connection, whatever carries it: checks what it sends against what it said, and hands it to the bus.
 * The first thing that is wrong ends it with the code that says so.
 */
export class PublisherSession implements Publisher {
  readonly #options: PublisherOptions
  readonly #socket: MessageSocket
  readonly #acker: Acker
  readonly #texts = new TokenBucket()
  readonly #tracks = new Map<TrackName, TrackState>()
  readonly #stopHello: () => void
  #offer: Publish | undefined
  #ready = false
  #lastSequence = -1
  #stopAck: (() => void) | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#socket = options.socket
    this.#acker = new Acker((bytes) => this.#socket.sendBinary(bytes))
    this.#stopHello = options.clock.after(HELLO_MS, () => this.end(new PortholeError('request.timeout', 'no publish message came')))
    this.#socket.onText = (text) => this.#guarded(() => this.#onText(text))
    this.#socket.onBinary = (bytes) => this.#guarded(() => this.#onFrame(bytes))
    this.#socket.onClose = () => this.#left()
  }

  get offer(): Publish {
    if (!this.#offer) throw new Error('offer before publish')
    return this.#offer
  }

  /** The first demand is the answer to `publish`. */
  demand(demand: Demand): void {
    if (!this.#ready) this.#send({ type: 'ready', camera: this.#options.channel.id })
    this.#ready = true
    this.#send(demand)
  }

  requestKey(rendition: 'full' | 'thumb'): void {
    this.#send({ type: 'key', rendition })
  }

  end(error: PortholeError): void {
    this.#socket.close(error)
  }

  #onText(text: string): void {
    const { clock, channel } = this.#options
    if (!this.#texts.take(clock.monotonic())) throw new PortholeError('request.rate')
    const parsed = parseMessage(FromPublisher, text)
    if (!parsed.ok) throw new PortholeError(parsed.code, parsed.detail)
    const message = parsed.value
    if (message.type === 'clock') return this.#send({ type: 'clock', t0: message.t0, t1: clock.now() })
    if (message.type === 'publish') return this.#begin(message)
    if (!this.#offer) throw new PortholeError('frame.unexpected', 'publish must be the first message')
    if (message.type === 'offer') {
      this.#offer = { ...this.#offer, renditions: message.renditions, audio: message.audio }
      return channel.offerChanged(this)
    }
    this.#configure(message)
    channel.configure(message)
  }

  #begin(publish: Publish): void {
    if (this.#offer) throw new PortholeError('frame.unexpected', 'a second publish')
    this.#stopHello()
    this.#offer = publish
    try {
      this.#options.channel.attach(this, publish.takeover)
    } catch (error) {
      this.#offer = undefined
      throw error
    }
    this.#options.log.info({ camera: this.#options.channel.id, peer: this.#socket.peer }, 'publisher attached')
  }

  #configure(config: Config): void {
    const { renditions, audio } = this.offer
    if (config.kind === 'audio' ? !audio : !renditions[config.rendition])
      throw new PortholeError('frame.unexpected', `configuration of ${config.kind} ${config.rendition}, which was not offered`)
    const track = config.kind === 'audio' ? 'audio' : config.rendition
    const before = this.#tracks.get(track)
    if (before && config.epoch <= before.epoch)
      throw new PortholeError('frame.unexpected', `epoch ${config.epoch} does not follow ${before.epoch}`)
    this.#tracks.set(track, { epoch: config.epoch, sawKey: false })
  }

  #onFrame(message: Buffer): void {
    const decoded = decodeHeader(message)
    if (!decoded.ok) throw new PortholeError(decoded.code, decoded.detail)
    const header = decoded.value
    this.#check(header, message.byteLength - HEADER_BYTES)
    const now = this.#options.clock.now()
    // A clock that runs ahead must not make frames from the future: their age would be negative.
    const time = micros(Math.min(header.time, now))
    this.#options.channel.publish({ ...header, time }, message.subarray(HEADER_BYTES))
    this.#acknowledge(header, now - time)
  }

  #check(header: FrameHeader, bytes: number): void {
    const unexpected = (detail: string) => new PortholeError('frame.unexpected', detail)
    if (!this.#offer) throw unexpected('publish must be the first message')
    if (header.kind === 'padding') throw unexpected('padding from a publisher')
    const pictureTrack = header.rendition === 'picture'
    if ((header.kind === 'picture') !== pictureTrack || (header.kind === 'audio' && header.rendition !== 'full'))
      throw unexpected(`${header.kind} in rendition ${header.rendition}`)
    if (bytes === 0) throw unexpected('a frame without payload')
    const state = this.#tracks.get(trackOf(header))
    if (state?.epoch !== header.epoch) throw unexpected(`epoch ${header.epoch} has no configuration`)
    if (header.sequence <= this.#lastSequence) throw unexpected(`sequence ${header.sequence} after ${this.#lastSequence}`)
    if (!state.sawKey && !header.key) throw unexpected('an epoch must begin with a key frame')
    if (header.key && header.layer !== 0) throw unexpected('a key frame above layer 0')
    if (!header.key && header.kind !== 'video') throw unexpected(`${header.kind} that is not a key frame`)
    state.sawKey = true
    this.#lastSequence = header.sequence
  }

  /** @param age µs since its capture */
  #acknowledge({ sequence, delay }: FrameHeader, age: number): void {
    const { clock } = this.#options
    const wait = this.#acker.done(sequence, (age - delay) / 1000, age, clock.monotonic())
    if (wait === undefined) {
      this.#stopAck?.()
      this.#stopAck = undefined
    } else
      this.#stopAck ??= clock.after(wait, () => {
        this.#stopAck = undefined
        this.#acker.flush(clock.monotonic())
      })
  }

  #guarded(handle: () => void): void {
    try {
      handle()
    } catch (error) {
      if (!(error instanceof PortholeError)) throw error
      this.#options.log.warn(
        { camera: this.#options.channel.id, peer: this.#socket.peer, code: error.code, detail: error.message },
        'publisher refused',
      )
      this.end(error)
    }
  }

  #left(): void {
    this.#stopHello()
    this.#stopAck?.()
    if (!this.#offer) return
    this.#options.channel.detach(this)
    this.#options.log.info({ camera: this.#options.channel.id, peer: this.#socket.peer }, 'publisher left')
  }

  #send(message: ToPublisher): void {
    this.#socket.sendText(JSON.stringify(message))
  }
}
