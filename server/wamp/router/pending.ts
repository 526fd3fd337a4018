import type { Dict } from '../../../shared/wamp/messages.ts'
import type { Clock } from '../../base/clock.ts'
import { every } from '../../base/clock.ts'
import type { Member } from './member.ts'

/** Milliseconds between two looks for calls that were forgotten. */
const SWEEP_MS = 1000

/** A call that is not answered yet. */
export interface Pending {
  readonly caller: Member
  /** The caller's request. */
  readonly request: number
  /** Who answers, and by which of the router's requests; undefined for the router itself. */
  readonly callee: { readonly member: Member; readonly invocation: number; readonly registration: number } | undefined
  /** Details of each INVOCATION of a progressive call, as its first CALL had them. */
  readonly details: Dict
  readonly receivesProgress: boolean
  /** More of the call may come. */
  takesMore: boolean
  /** Milliseconds to the first result, and between results; undefined: the realm's. */
  readonly timeoutMs: number | undefined
  cancelTimer: (() => void) | undefined
  /** Monotonic milliseconds of the last sign of life. */
  since: number
  /** Ends what the router itself does. */
  readonly abort: AbortController | undefined
}

/**
 * When calls have taken too long ("Call Timeouts"). A call with a time-out of its own has a timer; all others have the realm's, which is the
 * same for all: the oldest stand first, and a look every second is enough.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #realmMs: number
  readonly #late: (pending: Pending) => void
  readonly #waiting = new Set<Pending>()
  readonly #stop: () => void

  /** @param realmMs 0: none */
  constructor(clock: Clock, realmMs: number, late: (pending: Pending) => void) {
    this.#clock = clock
    this.#realmMs = realmMs
    this.#late = late
    this.#stop = realmMs > 0 ? every(clock, SWEEP_MS, () => this.#sweep()) : () => {}
  }

  /** From now on, or again. */
  start(pending: Pending): void {
    if (pending.timeoutMs !== undefined) {
      pending.cancelTimer?.()
      pending.cancelTimer = this.#clock.after(pending.timeoutMs, () => this.#late(pending))
    } else if (this.#realmMs > 0) {
      pending.since = this.#clock.monotonic()
      this.#waiting.delete(pending)
      this.#waiting.add(pending)
    }
  }

  end(pending: Pending): void {
    pending.cancelTimer?.()
    this.#waiting.delete(pending)
  }

  close(): void {
    this.#stop()
    for (const pending of this.#waiting) pending.cancelTimer?.()
  }

  #sweep(): void {
    const before = this.#clock.monotonic() - this.#realmMs
    for (const pending of this.#waiting) {
      if (pending.since > before) return
      this.#late(pending)
    }
  }
}
