import { createHash } from 'node:crypto'

/** Bytes of the hash that are told. */
const TAG_BYTES = 12

/** The strong entity tag of an output (RFC 9110 §8.8.3), less the fields that move by themselves. */
export function etagOf(output: unknown, volatile: readonly string[] = []): string {
  const text = JSON.stringify(output, (key, value) => (volatile.includes(key) ? undefined : value)) ?? 'null'
  return `"${createHash('sha256').update(text).digest().subarray(0, TAG_BYTES).toString('base64url')}"`
}

/** The tags of If-Match or If-None-Match (RFC 9110 §13.1); weak ones as they are said. */
export const tagsOf = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"|\*/g) ?? []

/** Whether a tag is one of those, by the strong comparison; `*` is any. */
export const isAmong = (tag: string, tags: readonly string[]): boolean => tags.includes('*') || tags.includes(tag)
