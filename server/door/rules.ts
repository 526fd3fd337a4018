/** Bytes of a connection that rules may look at. */
export const MAX_PREFIX_BYTES = 16 * 1024

/** What a classifier says of the bytes so far: mine, not mine, or too few to tell. */
export type Verdict = 'match' | 'no' | 'more'

/** Pure. It is asked anew with more bytes only while it says `more`. */
export type Classifier = (prefix: Buffer) => Verdict

export interface Rule<Service> {
  readonly name: string
  readonly test: Classifier
  readonly service: Service
  /** The service listens for data before it returns. */
  readonly eager?: boolean
}

/**
 * The first rule that matches, when all before it said no.
 * @param final no more bytes will come: a rule that wants more says no
 * @returns the rule, `'more'`, or undefined when the bytes are nobody's
 */
export function decide<Service>(rules: readonly Rule<Service>[], prefix: Buffer, final: boolean): Rule<Service> | 'more' | undefined {
  const last = final || prefix.length >= MAX_PREFIX_BYTES
  for (const rule of rules) {
    const verdict = rule.test(prefix)
    if (verdict === 'match') return rule
    if (verdict === 'more' && !last) return 'more'
  }
  return undefined
}

/** Whether the prefix begins with these bytes, as far as it goes. */
export function startsWith(prefix: Buffer, bytes: Buffer): Verdict {
  // Nearly always the first byte tells, for a hundredth of the price.
  if (prefix.length > 0 && prefix[0] !== bytes[0]) return 'no'
  const length = Math.min(prefix.length, bytes.length)
  if (prefix.compare(bytes, 0, length, 0, length) !== 0) return 'no'
  return prefix.length >= bytes.length ? 'match' : 'more'
}
