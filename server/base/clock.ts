import { performance } from 'node:perf_hooks'
import { type Micros, microsFromMillis } from '../../shared/units/time.ts'

/** The only source of time in the server; tests bring their own. */
export interface Clock {
  /** Wall clock, µs since the Unix epoch. */
  now(): Micros
  /** The date as the machine's clock is set at this moment, ms since the Unix epoch: it may be set while we run, unlike `now`. */
  date(): number
  /** Monotonic milliseconds of no particular origin. */
  monotonic(): number
  /** Runs `task` once after `ms`; the returned function takes it back. Timers never keep the process alive. */
  after(ms: number, task: () => void): () => void
}

/** Node's timers take no longer delays than this many milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => microsFromMillis(performance.timeOrigin + performance.now()),
  date: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    let timer: NodeJS.Timeout
    const arm = (left: number) => {
      timer = setTimeout(() => (left > MAX_TIMER_MS ? arm(left - MAX_TIMER_MS) : task()), Math.min(left, MAX_TIMER_MS))
      timer.unref()
    }
    arm(Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

/** Runs `task` every `ms` until the returned function is called. */
export function every(clock: Clock, ms: number, task: () => void): () => void {
  let stop = clock.after(ms, function tick() {
    stop = clock.after(ms, tick)
    task()
  })
  return () => stop()
}
