import type { SerializerName } from '../../../shared/wamp/serializer.ts'

/** First byte of a handshake ("RawSocket Transport"). */
const MAGIC = 0x7f
/** Bytes of the handshake, and of what stands before each message. */
export const HEAD_BYTES = 4
/** Serializers by their number in the handshake. */
const SERIALIZERS: Readonly<Record<number, SerializerName>> = { 1: 'json', 2: 'msgpack', 3: 'cbor' }
const NUMBERS: Readonly<Record<SerializerName, number>> = { json: 1, msgpack: 2, cbor: 3 }
/** Types of transport messages. */
export const MESSAGE = 0
export const PING = 1
export const PONG = 2
/** Bytes of a PING that is answered. */
export const MAX_PING_BYTES = 1024
/** The power of two that LENGTH 0 stands for; the largest that can be said. */
const LEAST_POWER = 9
const MAX_POWER = 24

/** Why a handshake is refused, by the number that says so. */
export const REFUSALS = { serializer: 1, length: 2, reserved: 3, connections: 4 } as const
export type Refusal = keyof typeof REFUSALS

export interface Handshake {
  readonly serializer: SerializerName
  /** Bytes of a message that its sender is willing to receive. */
  readonly maxBytes: number
}

/** Takes a handshake's four bytes apart, of either side. A router that refuses is `refused`; other faults are those of the reader to answer. */
export function parseHandshake(bytes: Uint8Array): Handshake | { readonly refusal: Refusal | 'magic' } {
  const [magic, second = 0, third, fourth] = bytes
  if (magic !== MAGIC) return { refusal: 'magic' }
  if (third !== 0 || fourth !== 0) return { refusal: 'reserved' }
  const number = second & 0x0f
  const serializer = SERIALIZERS[number]
  if (number === 0) return { refusal: (Object.keys(REFUSALS) as Refusal[]).find((name) => REFUSALS[name] === second >> 4) ?? 'serializer' }
  return serializer ? { serializer, maxBytes: 2 ** ((second >> 4) + LEAST_POWER) } : { refusal: 'serializer' }
}

/** @param maxBytes a power of two from 512 to 16 Mi; of another number, the one below */
export function handshake(serializer: SerializerName, maxBytes: number): Buffer {
  const power = Math.min(MAX_POWER, Math.max(LEAST_POWER, Math.floor(Math.log2(maxBytes))))
  return Buffer.of(MAGIC, ((power - LEAST_POWER) << 4) | NUMBERS[serializer], 0, 0)
}

export const refusal = (why: Refusal): Buffer => Buffer.of(MAGIC, REFUSALS[why] << 4, 0, 0)

/** What stands before a message of so many bytes. */
export function head(type: number, bytes: number): Buffer {
  const prefix = Buffer.alloc(HEAD_BYTES)
  // 2^24 is said by the bit above the length's 24.
  prefix.writeUInt32BE(((type << 24) | bytes) >>> 0)
  if (bytes === 2 ** MAX_POWER) prefix.writeUInt32BE(((type << 24) | (1 << 27)) >>> 0)
  return prefix
}

export type Framed =
  | { readonly type: typeof MESSAGE | typeof PING | typeof PONG; readonly payload: Buffer }
  | { readonly type: 'error'; readonly detail: string }

/** Messages out of bytes, however they are cut. After an error nothing more comes. */
export class Frames {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #held = 0
  #wanted = HEAD_BYTES
  #head: { type: number; bytes: number } | undefined
  #failed = false

  /** @param maxBytes of one message */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  *push(chunk: Buffer): Generator<Framed> {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    while (!this.#failed && this.#held >= this.#wanted) {
      const bytes = this.#take(this.#wanted)
      if (this.#head) {
        const { type } = this.#head
        this.#head = undefined
        this.#wanted = HEAD_BYTES
        yield { type: type as 0, payload: bytes }
        continue
      }
      const detail = this.#readHead(bytes)
      if (detail === undefined) continue
      this.#failed = true
      this.#chunks = []
      yield { type: 'error', detail }
    }
  }

  #readHead(bytes: Buffer): string | undefined {
    const first = bytes[0] as number
    const type = first & 0x07
    const length = first & 0x08 ? 2 ** MAX_POWER : bytes.readUIntBE(1, 3)
    if (first & 0xf0) return 'reserved bits are set'
    if (type > PONG) return `there is no transport message of type ${type}`
    if (length > this.#maxBytes) return `a message of ${length} bytes, over the ${this.#maxBytes} of the handshake`
    if (type !== MESSAGE && length > MAX_PING_BYTES) return `a ping of ${length} bytes`
    this.#head = { type, bytes: length }
    this.#wanted = length
    return undefined
  }

  #take(bytes: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#held -= bytes
    this.#chunks = this.#held > 0 ? [all.subarray(bytes)] : []
    return all.subarray(0, bytes)
  }
}
