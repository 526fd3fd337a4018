import type { Ack } from '../protocol/ack.ts'
import { AckInterval } from './acker.ts'
import { RecentMin } from './recent-min.ts'

/** Frames that may be sent and not yet acknowledged; more is pressure 3 whatever the clock says. */
export const WINDOW_FRAMES = 256
/** Numbers kept of each. */
const FIELDS = 3
/** How long the smallest round trip is remembered, in milliseconds (between one and two of these). */
const MIN_ROUND_TRIP_MEMORY_MS = 60_000

/** Milliseconds of lag from which T2, then T1, then everything is left out. */
export const LAG_MS = { thin: 80, base: 140, stop: 240 } as const

/** 0 send everything, 1 leave out T2, 2 leave out T1 too, 3 send nothing. */
export type Pressure = 0 | 1 | 2 | 3

/**
 * What was sent on a link and not yet acknowledged, and what the acknowledgements tell of the link.
 * Used by whoever sends frames: the server for each viewer, a publisher for its uplink.
 * All times are milliseconds of one monotonic clock.
 */
export class AckWindow {
  /** Sequence, time and bytes of each frame side by side: with thousands of windows a cache line is what costs. */
  readonly #ring = new Float64Array(WINDOW_FRAMES * FIELDS)
  #head = 0
  #length = 0
  #unackedBytes = 0
  #calmUntil = 0

  readonly #roundTrips = new RecentMin(MIN_ROUND_TRIP_MEMORY_MS)
  #lag = 0
  #ackedAt = Number.NEGATIVE_INFINITY
  readonly #interval = new AckInterval()
  #rate = 0
  #rateBytes = 0
  #rateSince = 0

  sent(sequence: number, bytes: number, now: number): void {
    if (this.#length === WINDOW_FRAMES) this.#drop()
    const slot = ((this.#head + this.#length) % WINDOW_FRAMES) * FIELDS
    this.#ring[slot] = sequence
    this.#ring[slot + 1] = now
    this.#ring[slot + 2] = bytes
    if (this.#length++ === 0) this.#recalm()
    this.#unackedBytes += bytes
  }

  /**
   * Everything up to its sequence arrived. How late is the receiver's to say: what its answer and this side's reading of it
   * took is none of the link's.
   * @returns whether it acknowledged anything new
   */
  acked({ sequence, held, late }: Pick<Ack, 'sequence' | 'held' | 'late'>, now: number): boolean {
    let sentAt = -1
    let bytes = 0
    while (this.#length > 0 && (this.#ring[this.#head * FIELDS] as number) <= sequence) {
      sentAt = this.#oldest
      bytes += this.#drop()
    }
    if (sentAt < 0) return false
    this.#roundTrips.add(Math.max(0, now - sentAt - held), now)
    this.#lag = late
    this.#interval.acknowledged(late)
    this.#ackedAt = now
    this.#measure(bytes, now)
    this.#recalm()
    return true
  }

  /** A new connection or a pause: what was in flight is no longer waited for. */
  reset(): void {
    this.#length = 0
    this.#unackedBytes = 0
    this.#lag = 0
    this.#calmUntil = 0
  }

  /** Smallest round trip lately, decode included, ms; 0 before the first acknowledgement. */
  get minRoundTrip(): number {
    const min = this.#roundTrips.value
    return Number.isFinite(min) ? min : 0
  }

  get unacked(): number {
    return this.#length
  }

  get unackedBytes(): number {
    return this.#unackedBytes
  }

  /** Bytes a second that arrived while the link was busy; 0 before it ever was. */
  get deliveryRate(): number {
    return this.#rate
  }

  /** Milliseconds since the oldest unacknowledged frame was sent; 0 when there is none. */
  oldestAge(now: number): number {
    return this.#length === 0 ? 0 : now - this.#oldest
  }

  /** How much longer than at its best the link takes now, in ms: the age that sending more would add to. */
  lag(now: number): number {
    if (this.#length === 0) return 0
    const measured = now - this.#ackedAt < 1000 ? this.#lag : 0
    // On a busy link of known rate what is in flight tells what the next frame will wait, before any acknowledgement does.
    const queued = measured > LAG_MS.thin && this.#rate > 0 ? (this.#unackedBytes * 1000) / this.#rate - this.minRoundTrip : 0
    return Math.max(measured, queued, this.oldestAge(now) - this.minRoundTrip - this.#silence)
  }

  pressure(now: number): Pressure {
    if (this.#length === WINDOW_FRAMES) return 3
    if (now < this.#calmUntil) return 0
    const lag = this.lag(now)
    if (lag < LAG_MS.thin) return 0
    return lag < LAG_MS.base ? 1 : lag < LAG_MS.stop ? 2 : 3
  }

  /** Something is in flight, and nothing but an acknowledgement can be news before long. */
  calm(now: number): boolean {
    return now < this.#calmUntil
  }

  /** When the oldest unacknowledged frame was sent; there is one. */
  get #oldest(): number {
    return this.#ring[this.#head * FIELDS + 1] as number
  }

  /** Milliseconds without an acknowledgement that say nothing; some more than the interval, because either side can be busy. */
  get #silence(): number {
    return 1.1 * this.#interval.ms + 30
  }

  /** Until when nothing but an acknowledgement can change that all is well: the question of every frame, answered ahead. */
  #recalm(): void {
    const calm = this.#lag < LAG_MS.thin && this.#length > 0
    // A whole number costs no box of its own in memory.
    this.#calmUntil = calm ? Math.floor(this.#oldest + this.minRoundTrip + this.#silence) : 0
  }

  #drop(): number {
    const bytes = this.#ring[this.#head * FIELDS + 2] as number
    this.#head = (this.#head + 1) % WINDOW_FRAMES
    this.#length--
    this.#unackedBytes -= bytes
    return bytes
  }

  /** Only a busy link shows its rate: while it idles, the stream's own rate is all that can be seen. */
  #measure(bytes: number, now: number): void {
    if (this.#lag < LAG_MS.thin / 2) {
      this.#rateSince = now
      this.#rateBytes = 0
      return
    }
    this.#rateBytes += bytes
    const span = now - this.#rateSince
    if (span < 200) return
    const rate = (this.#rateBytes * 1000) / span
    this.#rate = this.#rate === 0 ? rate : this.#rate * 0.6 + rate * 0.4
    this.#rateSince = now
    this.#rateBytes = 0
  }
}
