import { Heads } from './heads.ts'

/** Major types (RFC 8949 §3.1). */
const BYTES = 2
const TEXT = 3
const LIST = 4
const DICT = 5
const TAG = 6
/** Additional information of values without an end, and the break that ends them (§3.2). */
const INDEFINITE = 31
const BREAK = 0xff
const PROTO = [...'__proto__'].map((char) => char.charCodeAt(0))

/**
 * Looks at a CBOR's heads alone.
 * @returns whether some text is `__proto__`, which may be a key
 * @throws ProtocolViolation when more is announced than there is, or than a message may have
 */
export function checkCbor(bytes: Uint8Array): boolean {
  const heads = new Heads('CBOR')
  let hasProto = false
  let at = 0
  while (heads.isOpen) {
    if (at >= bytes.length) heads.endsTooSoon()
    const first = bytes[at++] as number
    if (first === BREAK) {
      heads.close()
      continue
    }
    heads.item()
    const [major, info] = [first >> 5, first & 31]
    if (info === INDEFINITE) {
      // What else has no end, the decoder refuses.
      if (major === LIST || major === DICT) heads.open(Number.POSITIVE_INFINITY)
      continue
    }
    const size = info < 24 ? 0 : info < 28 ? 2 ** (info - 24) : 0
    let value = info < 24 ? info : 0
    for (let i = 0; i < size; i++) value = value * 256 + (bytes[at + i] ?? 0)
    at += size
    if (major === LIST || major === DICT) heads.open(major === DICT ? value * 2 : value)
    else if (major === TAG) heads.open(1)
    else if (major === BYTES || major === TEXT) {
      if (major === TEXT && value === PROTO.length) hasProto ||= PROTO.every((byte, i) => bytes[at + i] === byte)
      at += value
    }
  }
  return hasProto
}
