import type { Match } from '../../../shared/wamp/uris.ts'

/** What a pattern stands for: one entry for each URI and way of matching. */
export interface Pattern {
  readonly uri: string
  readonly match: Match
}

/** Shapes of wildcards, of one number of components, that an index takes, and lengths of prefixes: each costs a look-up a hash. */
export const MAX_SHAPES = 64
export const MAX_LENGTHS = 256
/** Components of a wildcard pattern. */
export const MAX_COMPONENTS = 32

/** Wildcard patterns with the same empty components. */
interface Shape<T> {
  /** Positions of the components that are compared. */
  readonly literal: readonly number[]
  readonly entries: Map<string, T>
}

/**
 * Entries found by a URI: exactly, by its beginnings, and by wildcards ("Pattern-based Subscriptions", "Pattern-based Registrations"). A
 * look-up costs one hash for each length of prefix and each shape of wildcard that is there, not for each entry.
 */
export class PatternIndex<T extends Pattern> {
  readonly #exact = new Map<string, T>()
  readonly #prefixes = new Map<string, T>()
  /** How many prefixes there are of each length; and the lengths, the longest first. */
  readonly #counts = new Map<number, number>()
  #lengths: number[] = []
  /** By number of components, then by which are empty; what fits best first. */
  readonly #shapes = new Map<number, Map<string, Shape<T>>>()

  /** Whether there is no room for a pattern of its kind. */
  isFull({ uri, match }: Pattern): boolean {
    if (match === 'exact') return false
    if (match === 'prefix') return this.#counts.size >= MAX_LENGTHS && !this.#counts.has(uri.length)
    const parts = uri.split('.')
    if (parts.length > MAX_COMPONENTS) return true
    const shapes = this.#shapes.get(parts.length)
    return shapes !== undefined && shapes.size >= MAX_SHAPES && !shapes.has(literalOf(parts).join())
  }

  add(entry: T): void {
    if (entry.match === 'exact') this.#exact.set(entry.uri, entry)
    else if (entry.match === 'prefix') {
      if (!this.#prefixes.has(entry.uri)) this.#count(entry.uri.length, 1)
      this.#prefixes.set(entry.uri, entry)
    } else {
      const parts = entry.uri.split('.')
      const literal = literalOf(parts)
      const shapes = this.#shapes.get(parts.length) ?? new Map<string, Shape<T>>()
      const shape = shapes.get(literal.join())
      if (shape) shape.entries.set(keyOf(parts, literal), entry)
      else {
        const added = { literal, entries: new Map([[keyOf(parts, literal), entry]]) }
        const sorted = [...shapes.values(), added].sort(byLiteralRuns)
        this.#shapes.set(parts.length, new Map(sorted.map((each) => [each.literal.join(), each])))
      }
    }
  }

  delete({ uri, match }: Pattern): void {
    if (match === 'exact') this.#exact.delete(uri)
    else if (match === 'prefix') {
      if (this.#prefixes.delete(uri)) this.#count(uri.length, -1)
    } else {
      const parts = uri.split('.')
      const literal = literalOf(parts)
      const shapes = this.#shapes.get(parts.length)
      const shape = shapes?.get(literal.join())
      shape?.entries.delete(keyOf(parts, literal))
      if (shape?.entries.size === 0) shapes?.delete(literal.join())
      if (shapes?.size === 0) this.#shapes.delete(parts.length)
    }
  }

  /** The entry of just this pattern. */
  get({ uri, match }: Pattern): T | undefined {
    if (match === 'exact') return this.#exact.get(uri)
    if (match === 'prefix') return this.#prefixes.get(uri)
    for (const entry of this.#wild(uri)) if (entry.uri === uri) return entry
    return undefined
  }

  /** Every entry that a URI fits, the one that fits best first: exact, the longest prefix, the wildcard with the longest literal beginning. */
  *matching(uri: string): Generator<T> {
    const exact = this.#exact.get(uri)
    if (exact) yield exact
    for (const length of this.#lengths) {
      if (length > uri.length) continue
      const entry = this.#prefixes.get(uri.slice(0, length))
      if (entry) yield entry
    }
    if (this.#shapes.size > 0) yield* this.#wild(uri)
  }

  /** The entry that a URI fits best. */
  best(uri: string): T | undefined {
    const exact = this.#exact.get(uri)
    if (exact) return exact
    for (const entry of this.matching(uri)) return entry
    return undefined
  }

  *all(): Generator<T> {
    yield* this.#exact.values()
    yield* this.#prefixes.values()
    for (const shapes of this.#shapes.values()) for (const { entries } of shapes.values()) yield* entries.values()
  }

  #count(length: number, change: number): void {
    const count = (this.#counts.get(length) ?? 0) + change
    if (count > 0) this.#counts.set(length, count)
    else this.#counts.delete(length)
    if (count === 0 || (count === 1 && change === 1)) this.#lengths = [...this.#counts.keys()].sort((a, b) => b - a)
  }

  *#wild(uri: string): Generator<T> {
    const parts = uri.split('.')
    for (const { literal, entries } of this.#shapes.get(parts.length)?.values() ?? []) {
      const entry = entries.get(keyOf(parts, literal))
      if (entry) yield entry
    }
  }
}

/** Positions of the components that are not empty. */
const literalOf = (parts: readonly string[]): number[] => parts.flatMap((part, at) => (part === '' ? [] : [at]))

const keyOf = (parts: readonly string[], literal: readonly number[]): string => literal.map((at) => parts[at]).join('.')

/** How many components stand together before each wildcard: the longer first portion wins, then the second ("Calls matching multiple registrations"). */
function byLiteralRuns(a: Shape<unknown>, b: Shape<unknown>): number {
  const [runsA, runsB] = [runsOf(a.literal), runsOf(b.literal)]
  for (let i = 0; i < Math.max(runsA.length, runsB.length); i++) {
    const difference = (runsB[i] ?? 0) - (runsA[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function runsOf(literal: readonly number[]): number[] {
  const runs = [0]
  let before = -1
  for (const at of literal) {
    if (at !== before + 1) runs.push(0)
    runs[runs.length - 1] = (runs.at(-1) as number) + 1
    before = at
  }
  return runs
}
