import { ProtocolViolation } from './decode.ts'

/** Lists and dictionaries within each other that a message may have, itself counted: encoders recurse. */
export const MAX_DEPTH = 64

/** @throws ProtocolViolation when values nest deeper than MAX_DEPTH */
export function checkDepth(value: unknown, left = MAX_DEPTH): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (left === 0) throw new ProtocolViolation(`a message nests deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) for (const item of value) checkDepth(item, left - 1)
  else for (const key in value) checkDepth((value as Record<string, unknown>)[key], left - 1)
}

/** Whether some value within is one that `is` is looking for. */
export function contains(value: unknown, is: (leaf: unknown) => boolean): boolean {
  if (is(value)) return true
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  if (Array.isArray(value)) {
    for (const item of value) if (contains(item, is)) return true
    return false
  }
  for (const key in value) if (contains((value as Record<string, unknown>)[key], is)) return true
  return false
}

/** A copy with every leaf as `change` makes it. */
export function mapped(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return change(value)
  if (Array.isArray(value)) return value.map((item) => mapped(item, change))
  // As entries: a key may be __proto__.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, change)]))
}
