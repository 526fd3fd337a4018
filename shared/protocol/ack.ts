import { PROTOCOL_VERSION } from './frame.ts'

/**
 * The acknowledgement: 16 bytes, big-endian, from whoever takes frames to whoever sends them. PROTOCOL.md §4.
 *
 * ```
 *  0 u8  version (1)
 *  1 u8  0x41 ('A')
 *  2 u16 how long it was held back after the decode, in 100 µs (saturating)
 *  4 u32 sequence: this frame and all before it were decoded or skipped
 *  8 u32 age of that frame when it was decoded, µs by the receiver's estimate of the server's clock (saturating)
 * 12 u16 frames the receiver skipped since the last acknowledgement (saturating)
 * 14 u16 how late that frame was: its transit over the shortest lately, in 100 µs (saturating)
 * ```
 */
export const ACK_BYTES = 16
const ACK_TAG = 0x41

export interface Ack {
  readonly sequence: number
  /** Milliseconds between decode and acknowledgement. */
  readonly held: number
  /** µs from capture to decode. */
  readonly age: number
  readonly skipped: number
  /** Milliseconds that it took longer than the quickest frame lately. */
  readonly late: number
}

export type DecodedAck =
  | { readonly ok: true; readonly value: Ack }
  | { readonly ok: false; readonly code: 'frame.truncated' | 'frame.version' | 'frame.invalid'; readonly detail: string }

/** Reads a whole binary message as an acknowledgement. Never throws. */
export function decodeAck(bytes: Uint8Array): DecodedAck {
  if (bytes.byteLength < ACK_BYTES)
    return { ok: false, code: 'frame.truncated', detail: `${bytes.byteLength} bytes, an acknowledgement has ${ACK_BYTES}` }
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (data.getUint8(0) !== PROTOCOL_VERSION)
    return { ok: false, code: 'frame.version', detail: `version ${data.getUint8(0)}, this is ${PROTOCOL_VERSION}` }
  if (data.getUint8(1) !== ACK_TAG || bytes.byteLength !== ACK_BYTES)
    return { ok: false, code: 'frame.invalid', detail: 'not an acknowledgement' }
  return {
    ok: true,
    value: {
      held: data.getUint16(2) / 10,
      sequence: data.getUint32(4),
      age: data.getUint32(8),
      skipped: data.getUint16(12),
      late: data.getUint16(14) / 10,
    },
  }
}

export function encodeAck(ack: Ack): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ACK_BYTES)
  const data = new DataView(bytes.buffer)
  data.setUint8(0, PROTOCOL_VERSION)
  data.setUint8(1, ACK_TAG)
  data.setUint16(2, saturate(ack.held * 10, 0xffff))
  data.setUint32(4, ack.sequence)
  data.setUint32(8, saturate(ack.age, 0xffff_ffff))
  data.setUint16(12, saturate(ack.skipped, 0xffff))
  data.setUint16(14, saturate(ack.late * 10, 0xffff))
  return bytes
}

const saturate = (value: number, top: number) => Math.max(0, Math.min(Math.round(value), top))
