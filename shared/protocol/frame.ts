import { type Micros, type MicrosSpan, micros, microsSpan } from '../units/time.ts'
import { MAX_FRAME_BYTES, MAX_LAYER } from './limits.ts'

/**
 * The binary frame: a header of 28 bytes, big-endian, then the payload. PROTOCOL.md §3.
 *
 * ```
 *  0 u8  version (1)        4 u32 epoch             16 u64 capture time, µs since the Unix epoch
 *  1 u8  kind               8 u32 sequence             (at most 2^53-1)
 *  2 u8  flags             12 u32 duration, µs      24 u32 delay, µs (saturating)
 *  3 u8  rendition                                  28     payload
 * ```
 * flags: bit 0 key frame, bits 1–2 temporal layer, others zero.
 */
export const PROTOCOL_VERSION = 1
export const HEADER_BYTES = 28

export const KINDS = ['video', 'audio', 'picture', 'padding'] as const
export type Kind = (typeof KINDS)[number]
export const RENDITIONS = ['full', 'thumb', 'picture'] as const
export type Rendition = (typeof RENDITIONS)[number]

const KIND_CODES: Record<Kind, number> = { video: 1, audio: 2, picture: 3, padding: 4 }
const KIND_OF: readonly (Kind | undefined)[] = [undefined, 'video', 'audio', 'picture', 'padding']
const RENDITION_CODES: Record<Rendition, number> = { full: 0, thumb: 1, picture: 2 }

/** What a publisher says of a frame. */
export interface CapturedHeader {
  readonly kind: Kind
  /** Decodable without any frame before it. Audio packets and pictures always are. */
  readonly key: boolean
  /** Temporal layer, 0 (base) to 3. */
  readonly layer: number
  readonly rendition: Rendition
  /** Number of the codec configuration it belongs to. */
  readonly epoch: number
  readonly sequence: number
  /** Capture time on the server's clock. */
  readonly time: Micros
  readonly duration: MicrosSpan
}

export interface FrameHeader extends CapturedHeader {
  /** From the capture until the sender of this message passed it on: the publisher, or the server. */
  readonly delay: MicrosSpan
}

type ToWrite = CapturedHeader & Partial<FrameHeader>

export type FrameErrorCode = 'frame.truncated' | 'frame.version' | 'frame.invalid' | 'request.too-large'

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FrameErrorCode; readonly detail: string }

const refuse = (code: FrameErrorCode, detail: string) => ({ ok: false, code, detail }) as const

const U32 = 0xffff_ffff

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What a header tells of the time since the capture: never negative, at most what its field holds. */
export const delaySince = (captured: Micros, now: Micros): MicrosSpan => microsSpan(Math.max(0, Math.min(now - captured, U32)))

/** Reads the header of a whole binary message. Never throws, never keeps the bytes. */
export function decodeHeader(bytes: Uint8Array): Decoded<FrameHeader> {
  if (bytes.byteLength > MAX_FRAME_BYTES)
    return refuse('request.too-large', `frame of ${bytes.byteLength} bytes, at most ${MAX_FRAME_BYTES}`)
  if (bytes.byteLength < HEADER_BYTES) return refuse('frame.truncated', `${bytes.byteLength} bytes, a header has ${HEADER_BYTES}`)
  const data = view(bytes)
  const version = data.getUint8(0)
  if (version !== PROTOCOL_VERSION) return refuse('frame.version', `version ${version}, this is ${PROTOCOL_VERSION}`)
  const kind = KIND_OF[data.getUint8(1)]
  if (!kind) return refuse('frame.invalid', `kind ${data.getUint8(1)}`)
  const flags = data.getUint8(2)
  if (flags & 0b1111_1000) return refuse('frame.invalid', `flags ${flags}`)
  const rendition = RENDITIONS[data.getUint8(3)]
  if (!rendition) return refuse('frame.invalid', `rendition ${data.getUint8(3)}`)
  const high = data.getUint32(16)
  if (high > 0x1f_ffff) return refuse('frame.invalid', 'capture time over 2^53-1')
  return {
    ok: true,
    value: {
      kind,
      key: (flags & 1) === 1,
      layer: flags >> 1,
      rendition,
      epoch: data.getUint32(4),
      sequence: data.getUint32(8),
      duration: microsSpan(data.getUint32(12)),
      time: micros(high * 2 ** 32 + data.getUint32(20)),
      delay: microsSpan(data.getUint32(24)),
    },
  }
}

/**
 * Writes a header into the first 28 bytes of `target`.
 * @throws RangeError when a number is outside its field: that is the caller's mistake, not a peer's.
 */
export function encodeHeader(header: ToWrite, target: Uint8Array): void {
  const { epoch, sequence, duration, time, layer, delay = 0 } = header
  if (!Number.isInteger(layer) || layer < 0 || layer > MAX_LAYER) throw new RangeError(`layer ${layer}`)
  if (!isU32(epoch) || !isU32(sequence) || !isU32(duration))
    throw new RangeError(`epoch ${epoch}, sequence ${sequence}, duration ${duration}`)
  if (!isU32(delay)) throw new RangeError(`delay ${delay}`)
  if (!Number.isSafeInteger(time) || time < 0) throw new RangeError(`capture time ${time}`)
  const data = view(target)
  data.setUint8(0, PROTOCOL_VERSION)
  data.setUint8(1, KIND_CODES[header.kind])
  data.setUint8(2, (header.key ? 1 : 0) | (layer << 1))
  data.setUint8(3, RENDITION_CODES[header.rendition])
  data.setUint32(4, epoch)
  data.setUint32(8, sequence)
  data.setUint32(12, duration)
  data.setUint32(16, Math.floor(time / 2 ** 32))
  data.setUint32(20, time >>> 0)
  data.setUint32(24, delay)
}

/** A whole message: header, then a copy of the payload. */
export function encodeFrame(header: ToWrite, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + payload.byteLength)
  encodeHeader(header, bytes)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

const isU32 = (value: number) => Number.isInteger(value) && value >= 0 && value <= U32
