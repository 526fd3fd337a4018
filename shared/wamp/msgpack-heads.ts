import { ProtocolViolation } from './decode.ts'
import { MAX_DEPTH } from './values.ts'

/** Bytes behind the first of 0xc0 to 0xdf that say a value or a length (MessagePack specification, "Overview"). */
const NUMBER_BYTES = [
  0,
  0,
  0,
  0,
  1,
  2,
  4,
  1,
  2,
  4,
  4,
  8,
  1,
  2,
  4,
  8, //
  1,
  2,
  4,
  8,
  0,
  0,
  0,
  0,
  0,
  1,
  2,
  4,
  2,
  4,
  2,
  4,
]
const BIN8 = 0xc4
const EXT8 = 0xc7
const FLOAT32 = 0xca
const FIXEXT1 = 0xd4
const STR8 = 0xd9
const ARRAY16 = 0xdc
const MAP16 = 0xde

/**
 * Looks at lengths alone: the decoder makes room for what is announced before it is there, so that a few bytes could take all memory.
 * @throws ProtocolViolation when more is announced than there is, or values nest deeper than MAX_DEPTH
 */
export function checkHeads(bytes: Uint8Array): void {
  /** Items that are still to come, by level. */
  const left = [1]
  let depth = 0
  let at = 0
  for (;;) {
    while (left[depth] === 0) if (depth-- === 0) return
    left[depth] = (left[depth] as number) - 1
    if (at >= bytes.length) throw new ProtocolViolation('no MessagePack: it ends too soon')
    const first = bytes[at++] as number
    let items = -1
    if (first < 0x80 || first >= 0xe0) continue
    if (first < 0x90) items = (first & 15) * 2
    else if (first < 0xa0) items = first & 15
    else if (first < 0xc0) at += first & 31
    else {
      const size = NUMBER_BYTES[first - 0xc0] as number
      if ((first >= FLOAT32 && first < FIXEXT1) || first < BIN8) at += size
      else if (first < STR8 && first >= FIXEXT1) at += 1 + 2 ** (first - FIXEXT1)
      else {
        let length = 0
        for (let i = 0; i < size; i++) length = length * 256 + (bytes[at + i] ?? 0)
        at += size
        if (first >= ARRAY16) items = first >= MAP16 ? length * 2 : length
        else at += length + (first >= EXT8 && first < FLOAT32 ? 1 : 0)
      }
    }
    if (items < 0) continue
    if (++depth > MAX_DEPTH) throw new ProtocolViolation(`a message nests deeper than ${MAX_DEPTH} levels`)
    left[depth] = items
  }
}
