import { Decoder, Encoder } from '@msgpack/msgpack'
import * as cborg from 'cborg'
import { fromBase64, toBase64 } from './base64.ts'
import { checkCbor } from './cbor-heads.ts'
import { decodeMessage, ProtocolViolation } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { checkJson } from './heads.ts'
import type { Message } from './messages.ts'
import { checkMsgpack } from './msgpack-heads.ts'
import { MAX_ID } from './uris.ts'
import { contains, MAX_DEPTH, mapped, REPLACEMENT, settled, unicode } from './values.ts'

export type SerializerName = 'json' | 'msgpack' | 'cbor'

/** Messages as bytes or text ("Serializers"). */
export interface Serializer {
  readonly name: SerializerName
  /** Whether a WebSocket carries it in binary messages. */
  readonly isBinary: boolean
  encode(message: Message): string | Uint8Array
  /**
   * @param data text, or bytes; of JSON over RawSocket bytes too
   * @throws ProtocolViolation for whatever is no message
   */
  decode(data: string | Uint8Array): Message
}

const NUL = '\0'
const isSpecial = (leaf: unknown) =>
  leaf instanceof Uint8Array || typeof leaf === 'bigint' || (typeof leaf === 'string' && leaf.startsWith(NUL))

/**
 * Bytes are a string of NUL and their base64 ("Binary support in JSON"), so that a text cannot begin with NUL; integers that a double does
 * not hold are written out.
 */
function toJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return JSON.stringify(NUL + toBase64(value))
  if (typeof value === 'string' && value.startsWith(NUL)) return JSON.stringify(REPLACEMENT + value.slice(1))
  if (Array.isArray(value)) return `[${value.map(toJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${toJson(item)}`).join()}}`
}

/** @throws ProtocolViolation for what begins with NUL and is no base64 behind it */
function bytesOfJson(leaf: unknown): unknown {
  if (typeof leaf !== 'string') return leaf
  if (!leaf.startsWith(NUL)) return unicode(leaf)
  const bytes = fromBase64(leaf.slice(1))
  if (!bytes) throw new ProtocolViolation('a string begins with NUL and is no base64')
  return bytes
}

const json: Serializer = {
  name: 'json',
  isBinary: false,
  encode(message) {
    const tuple = encodeMessage(message)
    return contains(tuple, isSpecial) ? toJson(tuple) : JSON.stringify(tuple)
  },
  decode(data) {
    const text = typeof data === 'string' ? data : utf8(data)
    // Each level takes a character to open and one to close it, each value one to part it from the next.
    if (text.length > 2 * MAX_DEPTH) checkJson(text)
    const tuple = parsed('JSON', () => JSON.parse(text) as unknown)
    // What is escaped may be anything.
    const isPlain = !text.includes('\\u') && !text.includes('__proto__')
    return decodeMessage(isPlain ? tuple : settled(tuple, bytesOfJson))
  },
}

const extensions = {
  tryToEncode: () => null,
  /** msgpackr writes `undefined` as an extension of type 0, with one zero in it. */
  decode: (bytes: Uint8Array, type: number): null => {
    if (type === 0 && bytes.length === 1 && bytes[0] === 0) return null
    throw new Error('extension types are not taken')
  },
} as never
const packer = new Encoder({ ignoreUndefined: true })
/** Writes every bigint as 64 bits, and numbers beyond 32 bits as doubles. */
const bigPacker = new Encoder({ useBigInt64: true, ignoreUndefined: true })
const unpacker = new Decoder({ extensionCodec: extensions })
/** Reads every 64 bits as a bigint. */
const bigUnpacker = new Decoder({ extensionCodec: extensions, useBigInt64: true })
/** First bytes of 64-bit integers (MessagePack specification, "int format family"). */
const UINT64 = 0xcf
const INT64 = 0xd3

const isBig = (leaf: unknown) => typeof leaf === 'bigint'
const asBig = (leaf: unknown) =>
  typeof leaf === 'number' && Number.isSafeInteger(leaf) && Math.abs(leaf) > 0x7fffffff ? BigInt(leaf) : leaf
const asSmall = (leaf: unknown) => (typeof leaf === 'bigint' && leaf >= -MAX_ID && leaf <= MAX_ID ? Number(leaf) : leaf)
const plainLeaf = (leaf: unknown) => (typeof leaf === 'string' ? unicode(leaf) : asSmall(leaf))
/** First byte of the surrogates, written as UTF-8 has them not; and of some letters. */
const SURROGATES = 0xed
const has64 = (bytes: Uint8Array) => bytes.includes(UINT64) || bytes.includes(INT64)
/** What no 64 bits hold becomes the nearest double. */
const fitted = (leaf: unknown) =>
  typeof leaf === 'bigint' && (leaf > 0xffffffffffffffffn || leaf < -0x8000000000000000n) ? Number(leaf) : asBig(leaf)

const msgpack: Serializer = {
  name: 'msgpack',
  isBinary: true,
  encode(message) {
    const tuple = encodeMessage(message)
    return contains(tuple, isBig) ? bigPacker.encode(mapped(tuple, fitted)) : packer.encode(tuple)
  },
  decode(data) {
    const bytes = typeof data === 'string' ? fail('MessagePack came as text') : data
    checkMsgpack(bytes)
    const is64 = has64(bytes)
    const tuple = parsed('MessagePack', () => (is64 ? bigUnpacker : unpacker).decode(bytes))
    return decodeMessage(is64 || bytes.includes(SURROGATES) ? settled(tuple, plainLeaf) : tuple)
  },
}

/** First bytes of 64-bit integers (RFC 8949 §3.1), and the tag of byte arrays, which cbor-x puts before them (RFC 8746 §2.1). */
const CBOR_UINT64 = 0x1b
const CBOR_NEGINT64 = 0x3b
const UINT8_ARRAY = 64
const CBOR_OPTIONS: cborg.DecodeOptions = {
  coerceUndefinedToNull: true,
  tags: {
    [UINT8_ARRAY]: (decode) => {
      const value: unknown = decode()
      return value instanceof Uint8Array ? value : fail('CBOR tags as bytes what are none')
    },
  },
}

const cbor: Serializer = {
  name: 'cbor',
  isBinary: true,
  encode(message) {
    return cborg.encode(encodeMessage(message), { ignoreUndefinedProperties: true })
  },
  decode(data) {
    const bytes = typeof data === 'string' ? fail('CBOR came as text') : data
    const hasProto = checkCbor(bytes)
    const tuple = parsed('CBOR', () => cborg.decode(bytes, CBOR_OPTIONS) as unknown)
    // Of 64 bits only 2^53 itself, which is an identifier too.
    const is64 = bytes.includes(CBOR_UINT64) || bytes.includes(CBOR_NEGINT64)
    return decodeMessage(hasProto || is64 ? settled(tuple, plainLeaf) : tuple)
  },
}

function parsed(name: string, parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    // Whatever it was: libraries throw RangeErrors for what is cut short or nests too deep.
    throw error instanceof ProtocolViolation ? error : new ProtocolViolation(`no ${name}: ${(error as Error).message.slice(0, 200)}`)
  }
}

const fail = (what: string): never => {
  throw new ProtocolViolation(what)
}

declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string }
const decoder = new TextDecoder('utf-8', { fatal: true })
const utf8 = (bytes: Uint8Array) => parsed('UTF-8', () => decoder.decode(bytes)) as string

/** By name; the ones that a router prefers first. */
export const SERIALIZERS: Readonly<Record<SerializerName, Serializer>> = { cbor, msgpack, json }

const PREFIX = 'wamp.2.'

/** WebSocket subprotocols ("WebSocket Transport"). */
export const SUBPROTOCOLS: readonly string[] = Object.keys(SERIALIZERS).map((name) => PREFIX + name)

/** @returns undefined for a subprotocol that is none of WAMP's */
export const serializerOf = (subprotocol: string): Serializer | undefined =>
  subprotocol.startsWith(PREFIX) ? SERIALIZERS[subprotocol.slice(PREFIX.length) as SerializerName] : undefined
