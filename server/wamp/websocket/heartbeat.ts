import type { Clock } from '../../base/clock.ts'

/** Bytes of a ping's payload (RFC 6455 §5.5). */
export const MAX_PING_BYTES = 125

export interface HeartbeatOptions {
  /** Milliseconds between pings; 0 sends none. */
  readonly pingIntervalMs: number
  /** Milliseconds in which anything must come after a ping. */
  readonly pingTimeoutMs: number
}

/** Asks for signs of life. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #clock: Clock
  readonly #ping: () => void
  readonly #dead: () => void
  #waits = false
  #stopTimer: () => void = () => {}

  /**
   * @param ping sends one
   * @param dead is called when nothing came after one
   */
  constructor(options: HeartbeatOptions, clock: Clock, ping: () => void, dead: () => void) {
    this.#options = options
    this.#clock = clock
    this.#ping = ping
    this.#dead = dead
    this.start()
  }

  /** Goes on after `stop`; the next ping is due an interval from now. */
  start(): void {
    this.stop()
    const { pingIntervalMs, pingTimeoutMs } = this.#options
    if (pingIntervalMs === 0) return
    this.#stopTimer = this.#clock.after(pingIntervalMs, () => {
      this.#waits = true
      this.#stopTimer = this.#clock.after(pingTimeoutMs, this.#dead)
      this.#ping()
    })
  }

  /** Something came. */
  heard(): void {
    if (this.#waits) this.start()
  }

  /** Nothing is read for now, so nothing can be missed. */
  stop(): void {
    this.#waits = false
    this.#stopTimer()
  }
}
