import type { AckWindow } from '../../shared/flow/window.ts'
import type { Rendition } from '../../shared/protocol/frame.ts'

/** Milliseconds of lag, kept up for SUSTAINED_MS, after which a level is given up. */
const BUSY_LAG_MS = 70
const SUSTAINED_MS = 300
/** Milliseconds after the start or a change in which the link may settle before the next step down. */
const SETTLE_MS = 1000
/** Milliseconds of quiet before a step up is tried; doubles with each failure up to the second value. */
const QUIET_MS = 1500
const MAX_QUIET_MS = 6000
/** A step up that is followed by trouble within this many milliseconds failed. */
const TRIAL_MS = 3000
/** How much more than a level's bitrate a link must carry before the level is chosen. */
const HEADROOM = 1.15
/** Bytes of one burst of padding. */
const PROBE_BYTES = 8 * 1024
/** Milliseconds between two probes of a link that shows no more than the last time. */
const PROBE_INTERVAL_MS = 2000
/** Milliseconds after which a probe that was not answered is given up. */
const PROBE_TIMEOUT_MS = 3000

/** What can be sent to a viewer, from best to least. */
interface Level {
  readonly rendition: Rendition
  readonly layer: number
}

/** What the levels need to know of the camera, and what they may do to the viewer. */
export interface LevelPort {
  /** The rendition the viewer asked for, after the publisher's offer; undefined while nothing can be sent. */
  wanted(): Rendition | undefined
  offers(rendition: Rendition): boolean
  layers(rendition: Rendition): number
  /** Bits a second up to a layer, 0 while unknown (a rendition that nobody is sent has no known rate). */
  bitrate(rendition: Rendition, layer: number): number
  limit(rendition: Rendition | undefined, layer: number): void
  /** Sends padding and a ping behind it. */
  probe(id: number, bytes: number): void
}

/** What a full picture is taken to cost while nobody is sent one, in bits a second. */
const ASSUMED_FULL_BITS = 1_500_000

/**
 * The slow half of a viewer's link control (AckWindow.pressure is the fast one): chooses how much is sent for the next
 * seconds. Down at sustained lag, to what the measured rate carries; up after quiet, and to another rendition only
 * when a burst of padding showed that the link carries it.
 */
export class Levels {
  readonly #window: AckWindow
  readonly #port: LevelPort
  #index = 0
  #busySince: number | undefined
  #quietSince = 0
  #changedAt = Number.NEGATIVE_INFINITY
  #raisedAt = Number.NEGATIVE_INFINITY
  #quiet = QUIET_MS
  #fullBits = 0

  #probeId = 0
  #probe: { id: number; at: number; bytes: number } | undefined
  #nextProbe = 0
  #proven = 0

  constructor(window: AckWindow, port: LevelPort) {
    this.#window = window
    this.#port = port
  }

  /** Less is sent than was asked for. */
  get behind(): boolean {
    return this.#index > 0
  }

  /** The viewer asked for something else, or another publisher came: start from the top. */
  restart(now: number): void {
    if (this.#index > 0) this.#port.limit(undefined, 3)
    this.#index = 0
    this.#busySince = undefined
    this.#quietSince = now
    // A player that begins is busy with beginning, and a first key frame is large: that settles too.
    this.#changedAt = now
    this.#quiet = QUIET_MS
    this.#probe = undefined
  }

  /** To be called with every acknowledgement and, while none come, a few times a second. */
  tick(now: number): void {
    if (this.#index === 0 && !this.#probe && this.#window.lag(now) <= BUSY_LAG_MS / 2) {
      this.#busySince = undefined
      return
    }
    const levels = this.#ladder()
    if (levels.length === 0) return
    const level = levels[Math.min(this.#index, levels.length - 1)] as Level
    if (level.rendition === 'full') this.#fullBits = this.#port.bitrate('full', 3) || this.#fullBits
    if (this.#probe && now - this.#probe.at > PROBE_TIMEOUT_MS) this.#probe = undefined
    // Our own padding makes lag that says nothing against the level.
    const lag = this.#probe ? 0 : this.#window.lag(now)
    if (lag > BUSY_LAG_MS) this.#onBusy(levels, now)
    else {
      this.#busySince = undefined
      if (lag > BUSY_LAG_MS / 2) this.#quietSince = now
      else if (this.#index > 0 && now - Math.max(this.#quietSince, this.#changedAt) > this.#quiet) this.#tryUp(levels, now)
    }
  }

  /** The viewer answered a probe. */
  ponged(id: number, now: number): void {
    const probe = this.#probe
    if (probe?.id !== id) return
    this.#probe = undefined
    const took = Math.max(1, now - probe.at - this.#window.minRoundTrip)
    const bits = (probe.bytes * 8 * 1000) / took
    // A congestion window or pacer that was idle opens step by step: look again soon while each burst shows more.
    const better = bits > this.#proven * 1.1
    this.#proven = bits
    this.#nextProbe = now + (better ? PROBE_INTERVAL_MS / 4 : PROBE_INTERVAL_MS)
    const levels = this.#ladder()
    const above = levels[this.#index - 1]
    if (above && bits > HEADROOM * this.#cost(above)) this.#change(levels, this.#index - 1, now)
  }

  #ladder(): Level[] {
    const wanted = this.#port.wanted()
    if (!wanted) return []
    const layers = this.#port.layers(wanted)
    const levels: Level[] = [{ rendition: wanted, layer: 3 }]
    if (layers > 1) levels.push({ rendition: wanted, layer: layers - 2 })
    if (wanted === 'full' && this.#port.offers('thumb')) levels.push({ rendition: 'thumb', layer: 3 })
    else if (layers > 2) levels.push({ rendition: wanted, layer: 0 })
    return levels
  }

  #cost(level: Level): number {
    const known = this.#port.bitrate(level.rendition, level.layer)
    if (known > 0) return known
    if (level.rendition !== 'full') return 0
    const full = this.#fullBits || ASSUMED_FULL_BITS
    return level.layer >= 2 ? full : full * 0.7
  }

  #onBusy(levels: Level[], now: number): void {
    this.#quietSince = now
    this.#busySince ??= now
    if (this.#index >= levels.length - 1) return
    if (now - this.#busySince < SUSTAINED_MS || now - this.#changedAt < SETTLE_MS) return
    if (now - this.#raisedAt < TRIAL_MS) this.#quiet = Math.min(this.#quiet * 2, MAX_QUIET_MS)
    const carries = this.#window.deliveryRate * 8
    let next = this.#index + 1
    while (next < levels.length - 1 && this.#cost(levels[next] as Level) > carries * 0.9) next++
    this.#change(levels, next, now)
  }

  #tryUp(levels: Level[], now: number): void {
    const from = levels[this.#index]
    const to = levels[this.#index - 1] as Level
    if (from?.rendition === to.rendition) {
      this.#change(levels, this.#index - 1, now)
      return
    }
    if (this.#probe || now < this.#nextProbe) return
    this.#probe = { id: ++this.#probeId, at: now, bytes: PROBE_BYTES }
    this.#port.probe(this.#probeId, PROBE_BYTES)
  }

  #change(levels: Level[], index: number, now: number): void {
    const up = index < this.#index
    if (up) this.#raisedAt = now
    else this.#proven = 0
    // A level that held beyond its trial earns the short wait back.
    if (!up && now - this.#raisedAt > TRIAL_MS) this.#quiet = QUIET_MS
    this.#index = index
    this.#changedAt = now
    this.#busySince = undefined
    const level = levels[index] as Level
    this.#port.limit(index === 0 ? undefined : level.rendition, level.layer)
  }
}
