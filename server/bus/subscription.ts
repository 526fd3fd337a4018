import type { Pressure } from '../../shared/flow/window.ts'
import type { Rendition } from '../../shared/protocol/frame.ts'
import type { Config, Demand, Gap } from '../../shared/protocol/messages.ts'
import type { Micros } from '../../shared/units/time.ts'
import type { PortholeError } from '../base/errors.ts'
import type { WireSink } from '../base/socket.ts'
import type { Channel } from './channel.ts'
import { NO_DEMAND, sameDemand } from './demand.ts'
import type { Frame, TrackName } from './frame.ts'

/** Milliseconds between two reports of thinned layers. */
const LAYER_REPORT_MS = 1000

/** What stands behind a subscription: a viewer's socket, an HTTP response, a recorder's queue. */
export interface Reader {
  /** How full it is: 0 takes everything, 1 no T2, 2 no T1, 3 nothing. Asked before each frame: must be cheap. */
  pressure(now: number): Pressure
  /**
   * Takes a frame, or says where its wire is to be written. Of thousands of readers all are asked before the first is written
   * to: a system call between two questions leaves nothing of the first in any cache.
   */
  frame(frame: Frame, now: number): WireSink | undefined
  /** Comes before the first frame of its epoch. */
  config(config: Config): void
  gap(gap: Gap): void
  state(state: 'live' | 'offline', since: Micros): void
  /** Another rendition, or another highest layer, is being sent from now on. */
  level(rendition: Rendition, layer: number): void
  /** The camera is gone; nothing comes after it. */
  end(error: PortholeError): void
}

/** What a reader asks for. */
export interface Want {
  readonly rendition: Rendition
  readonly audio: boolean
}

/**
 * One reader of one camera. It decides frame by frame what its reader gets: the rendition, how many temporal layers, and
 * after a loss nothing until the next key frame. What it leaves out is counted and told.
 */
export class Subscription {
  // What each frame looks at stands side by side: of thousands of subscriptions memory is what costs.
  readonly #reader: Reader
  #want: Want | undefined
  /** The video or picture track that is being sent. */
  #current: TrackName | undefined
  /** The track that takes over at its next key frame. */
  #pending: TrackName | undefined
  #needKey = true
  /** Highest layer until the next frame of layer 0. */
  #ceiling = 3
  /** Highest layer that the reader's link is thought to carry. */
  #layer = 3
  #gapFrames = 0
  /** The epoch of the picture whose configuration the reader has. */
  #toldPicture = 0
  #lastSequence = 0

  readonly #channel: Channel
  /** What the channel counts for this subscription. */
  #need = NO_DEMAND
  /** Rendition that the link is thought to carry, when it is less than what is wanted. */
  #reduced: Rendition | undefined
  /** As `#toldPicture`, of the sound. */
  #toldSound = 0
  /** Frames left out since the start. */
  drops = 0
  #gapFrom = 0
  #gapTo = 0
  #gapSince = 0

  constructor(channel: Channel, reader: Reader) {
    this.#channel = channel
    this.#reader = reader
  }

  get want(): Want | undefined {
    return this.#want
  }

  /** The track that is being sent, undefined before the first frame. */
  get current(): TrackName | undefined {
    return this.#current
  }

  /** Says what the reader wants; `undefined` pauses. */
  watch(want: Want | undefined): void {
    this.#want = want
    this.#reduced = undefined
    this.#layer = 3
    if (want) this.retarget()
    else this.#halt()
  }

  /** Says what the link carries: at most this rendition and layer. */
  limit(rendition: Rendition | undefined, layer: number): void {
    if (rendition === this.#reduced && layer === this.#layer) return
    this.#reduced = rendition
    this.#layer = layer
    this.retarget()
    if (this.#current && this.#current !== 'audio' && !this.#pending) this.#reader.level(this.#current, layer)
  }

  /** Chooses the track again: the publisher's offer, the wish or the link changed. */
  retarget(): void {
    if (!this.#want) return
    const track = this.#channel.resolve(this.#reduced ?? this.#want.rendition)
    if (!track) return this.#halt()
    if (track === this.#current) this.#pending = undefined
    else {
      this.#pending = track
      this.#join(track)
    }
    this.#recount()
  }

  /** The publisher is gone: what comes next begins with a key frame. */
  interrupted(): void {
    this.#halt()
  }

  state(state: 'live' | 'offline', since: Micros): void {
    this.#reader.state(state, since)
  }

  end(error: PortholeError): void {
    this.#halt()
    this.#reader.end(error)
  }

  /** The reader has room again: ask for the key frame that it waits for. */
  room(now: number): void {
    const waiting = this.#pending ?? (this.#needKey ? this.#current : undefined)
    if (waiting && this.#reader.pressure(now) <= 1) this.#channel.requestKey(waiting)
  }

  /** The reader's decoder lost its thread: nothing is of use before the next key frame. */
  lost(): void {
    if (!this.#current) return
    this.#needKey = true
    this.#channel.requestKey(this.#current)
  }

  /** One frame of the camera, in order. @returns where its wire is to be written, if anywhere */
  offer(frame: Frame, now: number): WireSink | undefined {
    if (!this.#want) return undefined
    if (frame.track === 'audio') {
      return this.#want.audio && this.#reader.pressure(now) < 3 ? this.#deliver(frame, now) : undefined
    }
    if (frame.track === this.#pending && frame.key) this.#switch(now)
    if (frame.track !== this.#current) return undefined
    if (this.#needKey && !frame.key) return this.#leaveOut(frame, now)
    if (frame.layer === 0) this.#ceiling = this.#layer
    if (frame.layer > this.#ceiling) return this.#leaveOut(frame, now)
    const pressure = this.#reader.pressure(now)
    if (frame.layer > 2 - pressure) {
      // A layer that loses a frame is of no use to the ones above it before the next base frame.
      if (frame.layer === 0) this.#needKey = true
      else this.#ceiling = frame.layer - 1
      return this.#leaveOut(frame, now)
    }
    if (frame.key && this.#needKey) {
      this.#report('key')
      this.#needKey = false
    } else if (this.#gapFrames > 0 && now - this.#gapSince > LAYER_REPORT_MS) this.#report('layers')
    return this.#deliver(frame, now)
  }

  /** Takes over the pending track at its key frame, unless there is no room for one. */
  #switch(now: number): void {
    if (this.#reader.pressure(now) === 3) return
    if (this.#current && !this.#needKey) this.#report('layers')
    this.#current = this.#pending
    this.#pending = undefined
    this.#needKey = true
    this.#ceiling = this.#layer
    this.#reader.level(this.#current as Rendition, this.#layer)
    this.#recount()
  }

  /** Starts from the recent frames when they are a good start, else asks for a key frame. */
  #join(track: TrackName): void {
    const recent = this.#channel.joinable(track)
    const key = recent[0]
    const now = this.#channel.monotonic()
    // Not back in time: what the reader was sent since is newer.
    if (!key || key.sequence <= this.#lastSequence || this.#reader.pressure(now) > 0) {
      this.#channel.requestKey(track)
      return
    }
    for (const frame of recent) this.offer(frame, now)?.write(frame.wire)
    // The upper layers since the last base frame were not sent.
    this.#ceiling = 0
  }

  #deliver(frame: Frame, now: number): WireSink | undefined {
    if (frame.epoch !== (frame.track === 'audio' ? this.#toldSound : this.#toldPicture)) this.#tell(frame)
    this.#lastSequence = frame.sequence
    return this.#reader.frame(frame, now)
  }

  #tell(frame: Frame): void {
    if (frame.track === 'audio') this.#toldSound = frame.epoch
    else this.#toldPicture = frame.epoch
    const config = this.#channel.configOf(frame.track)
    if (config) this.#reader.config(config)
  }

  #leaveOut(frame: Frame, now: number): undefined {
    this.drops++
    if (this.#gapFrames++ === 0) {
      this.#gapFrom = frame.sequence
      this.#gapSince = now
    }
    this.#gapTo = frame.sequence
  }

  #report(kind: Gap['kind']): void {
    if (this.#gapFrames === 0) return
    this.#reader.gap({ type: 'gap', from: this.#gapFrom, to: this.#gapTo, frames: this.#gapFrames, kind })
    this.#gapFrames = 0
  }

  #halt(): void {
    this.#current = undefined
    this.#pending = undefined
    this.#needKey = true
    this.#gapFrames = 0
    this.#toldPicture = 0
    this.#toldSound = 0
    this.#recount()
  }

  #recount(): void {
    const want = this.#want
    const uses = (track: TrackName) => track === this.#current || track === this.#pending
    const need: Demand = want
      ? {
          type: 'demand',
          full: uses('full') ? this.#layer : null,
          thumb: uses('thumb') ? this.#layer : null,
          picture: uses('picture'),
          audio: want.audio,
        }
      : NO_DEMAND
    if (sameDemand(need, this.#need)) return
    this.#channel.needChanged(this.#need, need)
    this.#need = need
  }
}
