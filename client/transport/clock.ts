import { type Micros, micros, microsFromMillis } from '../../shared/units/time.ts'

/** Milliseconds between probes: some at once, then now and then (clocks drift by ms in minutes). */
const FIRST_PROBES_MS = [0, 60, 200, 600]
const PROBE_INTERVAL_MS = 10_000
/** Probes of which the quickest is believed. */
const SAMPLES = 8

/** This machine's clock, µs since the Unix epoch. */
export const localNow = (): Micros => microsFromMillis(performance.timeOrigin + performance.now())

/** The server's clock, estimated as in NTP: the probe with the shortest round trip errs least (RFC 5905 §10). */
export class ServerClock {
  readonly #ask: (t0: Micros) => void
  readonly #local: () => Micros
  #samples: { offset: number; roundTrip: number }[] = []
  #timers: ReturnType<typeof setTimeout>[] = []

  constructor(ask: (t0: Micros) => void, local: () => Micros = localNow) {
    this.#ask = ask
    this.#local = local
  }

  /** A connection began: probe. */
  start(): void {
    this.stop()
    this.#timers = FIRST_PROBES_MS.map((ms) => setTimeout(() => this.#ask(this.#local()), ms))
    this.#timers.push(setInterval(() => this.#ask(this.#local()), PROBE_INTERVAL_MS))
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
  }

  answered(t0: number, t1: number): void {
    const now = this.#local()
    const roundTrip = now - t0
    if (roundTrip < 0) return
    this.#samples = [...this.#samples.slice(1 - SAMPLES), { offset: t1 - (t0 + roundTrip / 2), roundTrip }]
  }

  /** Microseconds to add to this machine's clock; 0 before the first answer. */
  get offset(): number {
    let best: { offset: number; roundTrip: number } | undefined
    for (const sample of this.#samples) if (!best || sample.roundTrip <= best.roundTrip) best = sample
    return best?.offset ?? 0
  }

  now(): Micros {
    return micros(Math.round(this.#local() + this.offset))
  }
}
