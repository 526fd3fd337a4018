import { ProtocolViolation } from './decode.ts'

/** Lists and dictionaries within each other that a message may have, itself counted: encoders recurse. */
export const MAX_DEPTH = 64
/** Values of a message, those within others counted too: a million empty ones would hold the router up for a second. */
export const MAX_ITEMS = 100_000

export const tooDeep = (): never => {
  throw new ProtocolViolation(`a message nests deeper than ${MAX_DEPTH} levels`)
}
export const tooMany = (): never => {
  throw new ProtocolViolation(`a message has more than ${MAX_ITEMS} values`)
}

/** Whether values nest no deeper than so many levels. */
export function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true
  if (levels === 0) return false
  if (Array.isArray(value)) return value.every((item) => isWithin(item, levels - 1))
  return Object.values(value).every((item) => isWithin(item, levels - 1))
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
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, change)]))
}

/** Half of a character without its other half: JSON writes it, and UTF-8 has none. */
const LONE = /\p{Surrogate}/u
const EVERY_LONE = /\p{Surrogate}/gu
export const REPLACEMENT = '\ufffd'

/** A text that every serializer can say and every client read. */
export const unicode = (text: string): string => (LONE.test(text) ? text.replace(EVERY_LONE, REPLACEMENT) : text)

/**
 * What was just decoded, its leaves changed in place.
 * @throws ProtocolViolation for a key `__proto__`, which other decoders refuse
 */
export function settled(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return change(value)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = settled(value[i], change)
      if (item !== value[i]) value[i] = item
    }
    return value
  }
  const dict = value as Record<string, unknown>
  for (const key in dict) {
    if (key === '__proto__') throw new ProtocolViolation('a key is __proto__')
    const item = settled(dict[key], change)
    const name = unicode(key)
    if (name !== key) delete dict[key]
    if (item !== dict[name]) dict[name] = item
  }
  return dict
}
