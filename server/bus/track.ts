import type { Config } from '../../shared/protocol/messages.ts'
import type { Micros } from '../../shared/units/time.ts'
import type { Frame, TrackName } from './frame.ts'

/** Bytes of frames kept since the last key frame; more and a join asks for a new key frame instead. */
const MAX_RECENT_BYTES = 2 * 1024 * 1024
/** Frames kept since the last key frame. */
const MAX_RECENT_FRAMES = 64
/** A join starts from the last key frame when it is younger than this, in µs; catching up costs less than a new one. */
const FRESH_KEY_US = 700_000
/** A picture that is not older than this is shown to a join at once, in µs. */
const FRESH_PICTURE_US = 2_000_000
/** Time constant of the bitrate's average, in µs. */
const RATE_WINDOW_US = 2_000_000

/** One rendition (or the audio) of a camera: its configuration, recent frames and bitrate. */
export class Track {
  readonly name: TrackName
  #config: Config | undefined
  #recent: Frame[] = []
  #recentBytes = 0
  /** Bits a second by temporal layer, averaged. */
  readonly #bits = [0, 0, 0, 0]
  #rateAt = 0
  /** The newest picture, whatever its age: what a snapshot of an offline camera shows. */
  last: Frame | undefined

  constructor(name: TrackName) {
    this.name = name
  }

  get config(): Config | undefined {
    return this.#config
  }

  /** The next frames are of another epoch: a join with its configuration must not start from those before. */
  configure(config: Config): void {
    this.#config = config
    this.#forget()
  }

  push(frame: Frame): void {
    if (frame.key) this.#forget()
    if (frame.key || this.#recent.length > 0) {
      this.#recent.push(frame)
      this.#recentBytes += frame.wire.byteLength
      if (this.#recentBytes > MAX_RECENT_BYTES || this.#recent.length > MAX_RECENT_FRAMES) this.#forget()
    }
    if (frame.kind === 'picture') this.last = frame
    this.#count(frame)
  }

  /** Frames a join can start from now: the base layer since the last key frame, when that is fresh or `always`. Else none. */
  joinable(now: Micros, always = false): Frame[] {
    const key = this.#recent[0]
    if (!key) return []
    if (!always && now - key.time > (this.name === 'picture' ? FRESH_PICTURE_US : FRESH_KEY_US)) return []
    return this.#recent.filter((frame) => frame.layer === 0)
  }

  /** Bits a second of the layers up to and with `layer`; 0 while unknown. */
  bitrate(layer: number): number {
    let sum = 0
    for (let i = 0; i <= layer; i++) sum += this.#bits[i] ?? 0
    return sum
  }

  get layers(): number {
    return this.#config?.kind === 'video' ? this.#config.layers : 1
  }

  /** A publisher left: its frames are no start for a join any more. */
  clear(): void {
    this.#forget()
    this.#bits.fill(0)
    this.#rateAt = 0
    this.#config = undefined
  }

  #forget(): void {
    this.#recent = []
    this.#recentBytes = 0
  }

  #count(frame: Frame): void {
    const bits = this.#bits
    const span = this.#rateAt === 0 ? 0 : Math.max(0, frame.time - this.#rateAt)
    this.#rateAt = Math.max(this.#rateAt, frame.time)
    const keep = Math.exp(-span / RATE_WINDOW_US)
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) * keep
    // An impulse of n bits, decaying with the time constant, integrates to n: the sum of impulses is the rate.
    bits[frame.layer] = (bits[frame.layer] as number) + (frame.wire.byteLength * 8 * 1e6) / RATE_WINDOW_US
  }
}
