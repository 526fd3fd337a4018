/** Serializers of WAMP, of which only what a benchmark's own messages need. */
export type FormatName = 'json' | 'msgpack' | 'cbor'

export interface Format {
  readonly protocol: string
  readonly binary: boolean
  /** The element's bytes. */
  encode(value: Value): Buffer
  /**
   * What stands in a message before its second element, and what behind it.
   * @param more elements that follow by themselves
   */
  around(type: number, rest: readonly Value[], more?: number): { readonly before: Buffer; readonly after: Buffer }
  /** What ends a message. */
  readonly end: Buffer
  typeOf(message: Buffer, start: number): number
  /** Where the second element begins. */
  idAt(message: Buffer, start: number): number
  /** Where the element that begins here ends: a number, as ids are. */
  idEnd(message: Buffer, at: number): number
  readId(message: Buffer, at: number): number
}

export type Value = string | number | readonly Value[] | { readonly [key: string]: Value }

const COMMA = 0x2c
const DIGIT = 0x30
const NONE = Buffer.alloc(0)

const json: Format = {
  protocol: 'wamp.2.json',
  binary: false,
  encode: (value) => Buffer.from(JSON.stringify(value)),
  around: (type, rest) => ({
    before: Buffer.from(`[${type},`),
    after: Buffer.from(rest.map((value) => `,${JSON.stringify(value)}`).join('')),
  }),
  end: Buffer.from(']'),
  typeOf: (message, start) => numberAt(message, start + 1),
  idAt: (message, start) => message.indexOf(COMMA, start) + 1,
  idEnd(message, at) {
    let end = at
    while (isDigit(message[end] as number)) end++
    return end
  },
  readId: numberAt,
}

const isDigit = (byte: number) => byte >= DIGIT && byte <= DIGIT + 9

/** The decimal number that begins there. */
export function numberAt(message: Buffer, start: number): number {
  let value = 0
  for (let at = start; isDigit(message[at] as number); at++) value = value * 10 + (message[at] as number) - DIGIT
  return value
}

/** How a binary format writes the heads of its elements. */
interface Heads {
  number(value: number): number[]
  text(bytes: number): number[]
  list(length: number): number[]
  map(entries: number): number[]
  /** Bytes behind a number's first one. */
  more(first: number): number
}

const big = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256)

/** Sizes of the numbers that do not fit into the first byte: the narrowest that holds the value. */
const wide = (value: number, firsts: readonly [number, number, number, number]): number[] => {
  const at = value < 2 ** 8 ? 0 : value < 2 ** 16 ? 1 : value < 2 ** 32 ? 2 : 3
  return [firsts[at] as number, ...big(value, 2 ** at)]
}

const msgpack: Heads = {
  number: (value) => (value < 128 ? [value] : wide(value, [0xcc, 0xcd, 0xce, 0xcf])),
  text: (bytes) => (bytes < 32 ? [0xa0 | bytes] : bytes < 256 ? [0xd9, bytes] : [0xda, ...big(bytes, 2)]),
  list: (length) => [0x90 | length],
  map: (entries) => [0x80 | entries],
  more: (first) => (first < 0x80 ? 0 : first === 0xcb ? 8 : 2 ** (first - 0xcc)),
}

const cborHead = (major: number, value: number): number[] => {
  const kind = major << 5
  return value < 24 ? [kind | value] : wide(value, [kind | 24, kind | 25, kind | 26, kind | 27])
}
const cbor: Heads = {
  number: (value) => cborHead(0, value),
  text: (bytes) => cborHead(3, bytes),
  list: (length) => cborHead(4, length),
  map: (entries) => cborHead(5, entries),
  more: (first) => ((first & 31) < 24 ? 0 : 2 ** ((first & 31) - 24)),
}

/** Float64 in MessagePack and CBOR: some encoders write ids of more than 32 bits so. */
const FLOATS = [0xcb, 0xfb]

function binary(protocol: string, heads: Heads): Format {
  const encode = (value: Value): Buffer => {
    if (typeof value === 'number') return Buffer.from(heads.number(value))
    if (typeof value === 'string') return Buffer.concat([Buffer.from(heads.text(Buffer.byteLength(value))), Buffer.from(value)])
    if (Array.isArray(value)) return Buffer.concat([Buffer.from(heads.list(value.length)), ...value.map(encode)])
    const entries = Object.entries(value)
    return Buffer.concat([Buffer.from(heads.map(entries.length)), ...entries.flatMap(([key, each]) => [encode(key), encode(each)])])
  }
  const readId = (message: Buffer, at: number): number => {
    const first = message[at] as number
    const more = heads.more(first)
    if (more === 0) return first
    if (FLOATS.includes(first)) return message.readDoubleBE(at + 1)
    if (more === 8) return message.readUInt32BE(at + 1) * 2 ** 32 + message.readUInt32BE(at + 5)
    return message.readUIntBE(at + 1, more)
  }
  const idAt = (message: Buffer, start: number) => start + 2 + heads.more(message[start + 1] as number)
  return {
    protocol,
    binary: true,
    encode,
    around: (type, rest, more = 0) => ({
      before: Buffer.concat([Buffer.from(heads.list(2 + rest.length + more)), encode(type)]),
      after: Buffer.concat(rest.map(encode)),
    }),
    end: NONE,
    typeOf: (message, start) => readId(message, start + 1),
    idAt,
    idEnd: (message, at) => at + 1 + heads.more(message[at] as number),
    readId,
  }
}

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  json,
  msgpack: binary('wamp.2.msgpack', msgpack),
  cbor: binary('wamp.2.cbor', cbor),
}
