import type { Clock } from '../../base/clock.ts'

/** Resolves after `ms`, or when the signal aborts. */
export function waited(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** A promise, or after `ms` the error that it is not settled. */
export function bounded<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => reject(new Error(`not done within ${ms} ms`)))
    promise.finally(stop).then(resolve, reject)
  })
}
