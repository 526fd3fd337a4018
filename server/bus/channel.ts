import { type CapturedHeader, delaySince, type Rendition } from '../../shared/protocol/frame.ts'
import type { Config, Demand, Publish } from '../../shared/protocol/messages.ts'
import type { Micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { WireSink } from '../base/socket.ts'
import { DemandCount, demandFor, NO_DEMAND, sameDemand, union } from './demand.ts'
import { type Frame, makeFrame, TRACKS, type TrackName, trackOf } from './frame.ts'
import { type Reader, Subscription } from './subscription.ts'
import { Track } from './track.ts'

/** Milliseconds between two key-frame requests for one track; joins and gaps within share one. */
const KEY_INTERVAL_MS = 250
/** Milliseconds that something goes on being asked for after the last who needed it left: a reload must not restart encoders. */
const DEMAND_LINGER_MS = 1000

/** The one that feeds a camera, as the bus sees it. */
export interface Publisher {
  readonly offer: Pick<Publish, 'renditions' | 'audio' | 'instance'>
  /** Its pictures come when they come and not for the asking: the last one is the camera's picture of now. */
  readonly pushed?: boolean
  demand(demand: Demand): void
  requestKey(rendition: 'full' | 'thumb'): void
  /** Takes the camera away from it. */
  end(error: PortholeError): void
}

export interface ChannelEvents {
  /** The state or the number of viewers changed. */
  changed(channel: Channel): void
}

/** Which renditions serve a wish, best first. */
const FALLBACKS: Record<Rendition, readonly Rendition[]> = {
  full: ['full', 'thumb', 'picture'],
  thumb: ['thumb', 'full', 'picture'],
  picture: ['picture'],
}

/** Where the frames of one camera pass: one publisher in, any number of subscriptions out. */
export class Channel {
  readonly id: string
  readonly #clock: Clock
  readonly #events: ChannelEvents
  readonly #tracks = new Map<TrackName, Track>(TRACKS.map((name) => [name, new Track(name)]))
  readonly #subscriptions = new Set<Subscription>()
  #publisher: Publisher | undefined
  #since: Micros
  #sequence = 0
  #epoch = 0
  readonly #needs = new DemandCount()
  #told: Demand = NO_DEMAND
  #muted = false
  #demandQueued = false
  #shrink: (() => void) | undefined
  readonly #keys = new Map<TrackName, { at: number; cancel?: () => void }>()

  constructor(id: string, clock: Clock, events: ChannelEvents) {
    this.id = id
    this.#clock = clock
    this.#events = events
    this.#since = clock.now()
  }

  get state(): 'live' | 'offline' {
    return this.#publisher ? 'live' : 'offline'
  }

  get since(): Micros {
    return this.#since
  }

  /** Readers that are subscribed, paused ones included. */
  get viewers(): number {
    return this.#subscriptions.size
  }

  get demand(): Demand {
    return this.#told
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  /**
   * Makes `publisher` the one that feeds this camera.
   * @throws PortholeError publisher.exists when there is another and `takeover` is false
   */
  attach(publisher: Publisher, takeover: boolean): void {
    if (this.#publisher) {
      if (!takeover && this.#publisher.offer.instance !== publisher.offer.instance) throw new PortholeError('publisher.exists')
      const replaced = this.#publisher
      this.#release()
      replaced.end(new PortholeError('publisher.replaced'))
    }
    this.#publisher = publisher
    this.#became('live')
    for (const subscription of this.#subscriptions) subscription.retarget()
    this.#tell(this.#wanted, true)
  }

  /** The publisher left by itself. Idempotent: one that was replaced has no say any more. */
  detach(publisher: Publisher): void {
    if (this.#publisher !== publisher) return
    this.#release()
    this.#became('offline')
  }

  /** The publisher can send something else from now on. */
  offerChanged(publisher: Publisher): void {
    if (this.#publisher !== publisher) return
    for (const subscription of this.#subscriptions) {
      subscription.state(this.state, this.#since)
      subscription.retarget()
    }
  }

  /** The next frames of this track have another codec configuration; its epoch becomes the camera's. */
  configure(config: Config): void {
    this.#track(config.kind === 'audio' ? 'audio' : config.rendition).configure({ ...config, epoch: ++this.#epoch })
  }

  configOf(track: TrackName): Config | undefined {
    return this.#track(track).config
  }

  /** One frame from the publisher, checked already; stamped here with the camera's own epoch and sequence, and its delay so far. */
  publish(header: CapturedHeader, payload: Uint8Array): Frame {
    const track = this.#track(trackOf(header))
    const delay = delaySince(header.time, this.#clock.now())
    const frame = makeFrame({ ...header, epoch: track.config?.epoch ?? 0, sequence: this.#next(), delay }, payload)
    if (this.#muted && track.name === 'audio') return frame
    track.push(frame)
    if (frame.key) this.#keyCame(track.name)
    const now = this.#clock.monotonic()
    const sinks: WireSink[] = []
    for (const subscription of this.#subscriptions) {
      const sink = subscription.offer(frame, now)
      if (sink) sinks.push(sink)
    }
    for (const sink of sinks) sink.write(frame.wire)
    return frame
  }

  subscribe(reader: Reader): Subscription {
    const subscription = new Subscription(this, reader)
    this.#subscriptions.add(subscription)
    reader.state(this.state, this.#since)
    this.#events.changed(this)
    return subscription
  }

  unsubscribe(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription)) return
    subscription.watch(undefined)
    this.#events.changed(this)
  }

  /** Ends the publisher and all subscriptions: the camera is gone. */
  end(error: PortholeError): void {
    const publisher = this.#publisher
    this.#release()
    publisher?.end(error)
    for (const subscription of this.#subscriptions) subscription.end(error)
    this.#subscriptions.clear()
    this.#shrink?.()
    for (const key of this.#keys.values()) key.cancel?.()
    for (const track of this.#tracks.values()) track.last = undefined
  }

  /** The track that serves a wish, of those that the publisher offers. */
  resolve(wish: Rendition): Exclude<TrackName, 'audio'> | undefined {
    const offer = this.#publisher?.offer.renditions
    return offer && FALLBACKS[wish].find((rendition) => offer[rendition])
  }

  get hasAudio(): boolean {
    return !this.#muted && (this.#publisher?.offer.audio ?? false)
  }

  get muted(): boolean {
    return this.#muted
  }

  /** Takes the sound away, whoever asks for it, or gives it back. */
  mute(muted: boolean): void {
    if (muted === this.#muted) return
    this.#muted = muted
    for (const subscription of this.#subscriptions) subscription.state(this.state, this.#since)
    if (muted) this.#tell({ ...this.#told, audio: false })
    else this.#weighDemand()
  }

  joinable(track: TrackName): Frame[] {
    return this.#track(track).joinable(this.#clock.now(), this.pushed)
  }

  /** Bits a second of a track up to a layer; 0 while unknown. */
  bitrate(track: TrackName, layer: number): number {
    return this.#track(track).bitrate(layer)
  }

  layers(track: TrackName): number {
    return this.#track(track).layers
  }

  /** The publisher sends pictures when it has one, and makes none for the asking. */
  get pushed(): boolean {
    return this.#publisher?.pushed ?? false
  }

  /** The newest picture, of whatever age, if there ever was one. */
  get lastPicture(): Frame | undefined {
    return this.#track('picture').last
  }

  /** Asks the publisher for a key frame, soon: requests within an interval share one. */
  requestKey(track: TrackName): void {
    if ((track !== 'full' && track !== 'thumb') || !this.#publisher) return
    const now = this.#clock.monotonic()
    const asked = this.#keys.get(track)
    if (asked?.cancel) return
    const wait = asked ? asked.at + KEY_INTERVAL_MS - now : 0
    if (wait <= 0) {
      this.#keys.set(track, { at: now })
      this.#publisher.requestKey(track)
      return
    }
    const cancel = this.#clock.after(wait, () => {
      this.#keys.set(track, { at: this.#clock.monotonic() })
      this.#publisher?.requestKey(track)
    })
    this.#keys.set(track, { at: (asked as { at: number }).at, cancel })
  }

  /** Somebody is about to watch: what that takes is asked for already, and no more after a while if they do not come. */
  expect(wish: Rendition): void {
    const track = this.resolve(wish)
    if (!track) return
    this.#tell(union(this.#told, demandFor(track)))
    this.#weighDemand()
  }

  /** A subscription needs something else than before. More is told at once, less after a while. */
  needChanged(before: Demand, after: Demand): void {
    this.#needs.remove(before)
    this.#needs.add(after)
    // One action of a viewer can change its needs more than once, and a key frame those of thousands.
    if (this.#demandQueued) return
    this.#demandQueued = true
    queueMicrotask(() => {
      this.#demandQueued = false
      this.#weighDemand()
    })
  }

  /** What all subscriptions together need, of what they may have. */
  get #wanted(): Demand {
    const sum = this.#needs.sum
    return this.#muted ? { ...sum, audio: false } : sum
  }

  #weighDemand(): void {
    const wanted = this.#wanted
    this.#tell(union(wanted, this.#told))
    if (sameDemand(wanted, this.#told)) {
      this.#shrink?.()
      this.#shrink = undefined
    } else {
      this.#shrink ??= this.#clock.after(DEMAND_LINGER_MS, () => {
        this.#shrink = undefined
        this.#tell(this.#wanted)
      })
    }
  }

  #tell(demand: Demand, always = false): void {
    if (!this.#publisher || (!always && sameDemand(demand, this.#told))) return
    this.#told = demand
    this.#publisher.demand(demand)
  }

  /** A key frame serves everybody that waited for one. */
  #keyCame(track: TrackName): void {
    const asked = this.#keys.get(track)
    if (!asked?.cancel) return
    asked.cancel()
    this.#keys.set(track, { at: this.#clock.monotonic() })
  }

  #release(): void {
    if (!this.#publisher) return
    this.#publisher = undefined
    this.#told = NO_DEMAND
    for (const track of this.#tracks.values()) track.clear()
    for (const key of this.#keys.values()) key.cancel?.()
    this.#keys.clear()
    for (const subscription of this.#subscriptions) subscription.interrupted()
  }

  #became(state: 'live' | 'offline'): void {
    this.#since = this.#clock.now()
    for (const subscription of this.#subscriptions) subscription.state(state, this.#since)
    this.#events.changed(this)
  }

  /** Of 32 bits: four years at 30 frames a second, in one life of the server. */
  #next(): number {
    return ++this.#sequence
  }

  #track(name: TrackName): Track {
    return this.#tracks.get(name) as Track
  }
}
