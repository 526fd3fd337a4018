import type { Match } from '../../../shared/wamp/uris.ts'

/** What a pattern stands for: one entry for each URI and way of matching. */
export interface Pattern {
  readonly uri: string
  readonly match: Match
}

/** Wildcard patterns of one number of components, by which components are empty. */
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
  /** Entries by length of their prefix, the longest first. */
  #lengths: number[] = []
  readonly #shapes = new Map<number, Shape<T>[]>()

  get size(): number {
    return [...this.all()].length
  }

  add(entry: T): void {
    if (entry.match === 'exact') this.#exact.set(entry.uri, entry)
    else if (entry.match === 'prefix') {
      this.#prefixes.set(entry.uri, entry)
      if (!this.#lengths.includes(entry.uri.length)) this.#lengths = [...this.#lengths, entry.uri.length].sort((a, b) => b - a)
    } else {
      const parts = entry.uri.split('.')
      const literal = parts.flatMap((part, at) => (part === '' ? [] : [at]))
      const shapes = this.#shapes.get(parts.length) ?? []
      let shape = shapes.find((known) => known.literal.join() === literal.join())
      if (!shape) {
        shape = { literal, entries: new Map() }
        this.#shapes.set(parts.length, [...shapes, shape].sort(byLiteralRuns))
      }
      shape.entries.set(keyOf(parts, literal), entry)
    }
  }

  delete({ uri, match }: Pattern): void {
    if (match === 'exact') this.#exact.delete(uri)
    else if (match === 'prefix') {
      this.#prefixes.delete(uri)
      if (![...this.#prefixes.keys()].some(({ length }) => length === uri.length))
        this.#lengths = this.#lengths.filter((length) => length !== uri.length)
    } else {
      const parts = uri.split('.')
      const shapes = this.#shapes.get(parts.length) ?? []
      for (const { literal, entries } of shapes)
        if (literal.every((at) => parts[at] !== '') && literal.length === parts.filter(Boolean).length)
          entries.delete(keyOf(parts, literal))
      const left = shapes.filter(({ entries }) => entries.size > 0)
      if (left.length > 0) this.#shapes.set(parts.length, left)
      else this.#shapes.delete(parts.length)
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
    for (const shapes of this.#shapes.values()) for (const { entries } of shapes) yield* entries.values()
  }

  *#wild(uri: string): Generator<T> {
    const parts = uri.split('.')
    for (const { literal, entries } of this.#shapes.get(parts.length) ?? []) {
      const entry = entries.get(keyOf(parts, literal))
      if (entry) yield entry
    }
  }
}

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
