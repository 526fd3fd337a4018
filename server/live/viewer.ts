import { AckWindow, type Pressure } from '../../shared/flow/window.ts'
import { decodeAck } from '../../shared/protocol/ack.ts'
import type { Rendition } from '../../shared/protocol/frame.ts'
import { type Config, FromViewer, type Gap, type ToViewer } from '../../shared/protocol/messages.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import type { Micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { TokenBucket } from '../base/rate.ts'
import type { MessageSocket, WireSink } from '../base/socket.ts'
import type { Channel } from '../bus/channel.ts'
import { type Frame, makePadding } from '../bus/frame.ts'
import type { Reader, Subscription } from '../bus/subscription.ts'
import { Levels } from './levels.ts'

/** Milliseconds without an acknowledgement, while some are owed, after which a viewer is closed. */
const SILENT_MS = 90_000
/** Bytes that may wait in the process for one viewer's kernel buffer. */
export const MAX_BACKLOG_BYTES = 512 * 1024

export interface ViewerOptions {
  readonly socket: MessageSocket
  readonly channel: Channel
  /** Whether it may hear the camera; else there is no sound, as far as it is told. */
  readonly audio: boolean
  readonly clock: Clock
  /** The camera's name now. */
  readonly name: () => string
  readonly counts: ViewerCounts
  /** Told the age of frames at their decode (µs), for the metrics. */
  readonly onAge: (age: number) => void
}

/** What all viewers together got. Plain numbers in one place: they change with each frame and viewer. */
export interface ViewerCounts {
  sentBytes: number
  gapFrames: number
}

/** One socket that shows a camera live: a subscription of the bus, and the window of what the player has not acknowledged. */
export class Viewer implements Reader {
  readonly #socket: MessageSocket
  readonly #counts: ViewerCounts
  readonly #window = new AckWindow()
  #lastSequence = 0
  readonly #options: ViewerOptions
  readonly #levels: Levels
  readonly #subscription: Subscription
  readonly #texts = new TokenBucket()
  #closed = false

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#socket = options.socket
    this.#counts = options.counts
    const { channel } = options
    this.#levels = new Levels(this.#window, {
      wanted: () => {
        const want = this.#subscription.want
        return want && channel.resolve(want.rendition)
      },
      offers: (rendition) => channel.resolve(rendition) === rendition,
      layers: (rendition) => channel.layers(rendition),
      bitrate: (rendition, layer) => channel.bitrate(rendition, layer),
      limit: (rendition, layer) => this.#subscription.limit(rendition, layer),
      probe: (id, bytes) => this.#probe(id, bytes),
    })
    this.#socket.onText = (text) => this.#onText(text)
    this.#socket.onBinary = (bytes) => this.#onAck(bytes)
    this.#subscription = channel.subscribe(this)
    this.#socket.onClose = () => {
      this.#closed = true
      channel.unsubscribe(this.#subscription)
    }
  }

  /** Looks after a viewer that does not acknowledge; called a few times a second for all viewers. */
  sweep(now: number): void {
    // Of thousands nearly all are well: they cost one look.
    if (this.#window.calm(now) && !this.#levels.behind) return
    if (this.#window.oldestAge(now) > SILENT_MS) return this.close(new PortholeError('viewer.silent'))
    if (this.#window.unacked > 0) this.#levels.tick(now)
    this.#subscription.room(now)
  }

  close(error?: PortholeError): void {
    this.#socket.close(error)
  }

  pressure(now: number): Pressure {
    return this.#socket.backlog > MAX_BACKLOG_BYTES ? 3 : this.#window.pressure(now)
  }

  frame(frame: Frame, now: number): WireSink | undefined {
    this.#window.sent(frame.sequence, frame.wire.byteLength, now)
    this.#lastSequence = frame.sequence
    this.#counts.sentBytes += frame.wire.byteLength
    return this.#socket.wireSink
  }

  config(config: Config): void {
    this.#send(config)
  }

  gap(gap: Gap): void {
    this.#counts.gapFrames += gap.frames
    this.#send(gap)
  }

  state(state: 'live' | 'offline', since: Micros): void {
    // Frames of a publisher that left may never be acknowledged by a player that waits for the next one.
    if (state === 'offline') this.#window.reset()
    this.#levels.restart(this.#options.clock.monotonic())
    this.#send({ type: 'state', state, since, name: this.#options.name(), audio: this.#options.audio && this.#options.channel.hasAudio })
  }

  level(rendition: Rendition, layer: number): void {
    this.#send({ type: 'level', rendition, layer, behind: this.#levels.behind })
  }

  end(error: PortholeError): void {
    this.close(error)
  }

  #onAck(bytes: Buffer): void {
    const ack = decodeAck(bytes)
    if (!ack.ok) return this.close(new PortholeError(ack.code, ack.detail))
    const { sequence, age } = ack.value
    if (sequence > this.#lastSequence)
      return this.close(new PortholeError('frame.unexpected', `acknowledged ${sequence}, sent ${this.#lastSequence}`))
    const now = this.#options.clock.monotonic()
    if (!this.#window.acked(ack.value, now)) return
    this.#options.onAge(age)
    this.#levels.tick(now)
    this.#subscription.room(now)
  }

  #onText(text: string): void {
    const now = this.#options.clock.monotonic()
    if (!this.#texts.take(now)) return this.close(new PortholeError('request.rate'))
    const parsed = parseMessage(FromViewer, text)
    if (!parsed.ok) return this.close(new PortholeError(parsed.code, parsed.detail))
    const message = parsed.value
    switch (message.type) {
      case 'watch':
        this.#levels.restart(now)
        return this.#subscription.watch(
          message.paused ? undefined : { rendition: message.rendition, audio: message.audio && this.#options.audio },
        )
      case 'key':
        return this.#subscription.lost()
      case 'clock':
        return this.#send({ type: 'clock', t0: message.t0, t1: this.#options.clock.now() })
      case 'pong':
        return this.#levels.ponged(message.id, now)
    }
  }

  #probe(id: number, bytes: number): void {
    this.#socket.wireSink?.write(makePadding(this.#lastSequence, this.#options.clock.now(), bytes))
    this.#send({ type: 'ping', id })
  }

  #send(message: ToViewer): void {
    if (!this.#closed) this.#socket.sendText(JSON.stringify(message))
  }
}
