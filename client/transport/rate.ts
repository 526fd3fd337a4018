/** Milliseconds that rates are averaged over. */
const WINDOW_MS = 2000

/** Events and bytes a second over the last two seconds. */
export class Rate {
  #events: { at: number; bytes: number }[] = []

  add(now: number, bytes = 0): void {
    this.#events.push({ at: now, bytes })
    this.#trim(now)
  }

  perSecond(now: number): number {
    this.#trim(now)
    return Math.round((this.#events.length * 10_000) / WINDOW_MS) / 10
  }

  kbps(now: number): number {
    this.#trim(now)
    let bytes = 0
    for (const event of this.#events) bytes += event.bytes
    return Math.round((bytes * 8) / WINDOW_MS)
  }

  #trim(now: number): void {
    let old = 0
    while (old < this.#events.length && (this.#events[old] as { at: number }).at < now - WINDOW_MS) old++
    if (old > 0) this.#events.splice(0, old)
  }
}
