export const median = (values: readonly number[]): number => percentile(values, 0.5)

/**
 * The value below which `share` (0 to 1) of the values lie, between two of them by straight line.
 * @returns NaN of no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  return low === undefined || high === undefined ? Number.NaN : low + (high - low) * (at - Math.floor(at))
}

/** Counts of values in equal buckets: millions of them cost no memory. */
export class Histogram {
  readonly #counts: Float64Array
  readonly #width: number
  #total = 0

  /** @param width of a bucket; what lies at `width * buckets` or above falls into the last */
  constructor(width: number, buckets: number) {
    this.#width = width
    this.#counts = new Float64Array(buckets)
  }

  get total(): number {
    return this.#total
  }

  add(value: number): void {
    const bucket = Math.min(this.#counts.length - 1, Math.max(0, Math.floor(value / this.#width)))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total++
  }

  /** Upper end of the bucket in which `share` (0 to 1) of the values is reached; NaN of no values. */
  percentile(share: number): number {
    if (this.#total === 0) return Number.NaN
    let left = share * this.#total
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket] as number
      if (left <= 0) return (bucket + 1) * this.#width
    }
    return this.#counts.length * this.#width
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }
}

/** The variants in the order of a round, turned by one each time: noise and drift of the machine hit all alike. */
export const turned = <T>(variants: readonly T[], round: number): T[] =>
  variants.map((_, i) => variants[(i + round) % variants.length] as T)

/** Every variant once a round, in turned order. */
export function* interleaved<T>(variants: readonly T[], rounds: number): Generator<T> {
  for (let round = 0; round < rounds; round++) yield* turned(variants, round)
}
