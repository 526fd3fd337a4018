import { Heads } from './heads.ts'

/** Bytes behind the first of 0xc0 to 0xdf that say a value or a length (MessagePack specification, "Overview"), eight a text. */
const NUMBER_BYTES = ['00001241', '24481248', '12480000', '01242424'].flatMap((row) => [...row].map(Number))
const BIN8 = 0xc4
const EXT8 = 0xc7
const FLOAT32 = 0xca
const FIXEXT1 = 0xd4
const STR8 = 0xd9
const ARRAY16 = 0xdc
const MAP16 = 0xde

/**
 * Looks at a MessagePack's lengths alone.
 * @throws ProtocolViolation when more is announced than there is, or than a message may have
 */
export function checkMsgpack(bytes: Uint8Array): void {
  const heads = new Heads('MessagePack')
  let at = 0
  while (heads.isOpen) {
    heads.item()
    if (at >= bytes.length) heads.endsTooSoon()
    const first = bytes[at++] as number
    if (first < 0x80 || first >= 0xe0) continue
    if (first < 0x90) heads.open((first & 15) * 2)
    else if (first < 0xa0) heads.open(first & 15)
    else if (first < 0xc0) at += first & 31
    else {
      const size = NUMBER_BYTES[first - 0xc0] as number
      if ((first >= FLOAT32 && first < FIXEXT1) || first < BIN8) at += size
      else if (first < STR8 && first >= FIXEXT1) at += 1 + 2 ** (first - FIXEXT1)
      else {
        let length = 0
        for (let i = 0; i < size; i++) length = length * 256 + (bytes[at + i] ?? 0)
        at += size
        if (first >= ARRAY16) heads.open(first >= MAP16 ? length * 2 : length)
        else at += length + (first >= EXT8 && first < FLOAT32 ? 1 : 0)
      }
    }
  }
}
