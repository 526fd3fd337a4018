import { readFileSync } from 'node:fs'

/** Connections at once, whatever the descriptors allow. */
const MOST_CONNECTIONS = 20_000
/** Descriptors kept for files, databases, upstreams and pipes. */
const RESERVED_FILES = 128
/** What is taken where the system does not tell: the usual soft limit. */
const USUAL_FILES = 1024

/** Connections that the process has descriptors for. A spliced one takes two. */
export function connectionLimit(files = openFileLimit()): number {
  return Math.max(8, Math.min(MOST_CONNECTIONS, Math.floor((files - RESERVED_FILES) / 2)))
}

/** The soft limit of open files, off /proc where there is one. */
function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return line === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line ?? USUAL_FILES)
  } catch {
    return USUAL_FILES
  }
}

/** Counts by key; keys that count nothing are forgotten. */
export class Counts {
  readonly #counts = new Map<string, number>()

  add(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count
  }

  remove(key: string): void {
    const count = (this.#counts.get(key) ?? 0) - 1
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }
}
