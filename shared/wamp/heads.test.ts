import { Encoder, ExtData } from '@msgpack/msgpack'
import * as cborg from 'cborg'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkCbor } from './cbor-heads.ts'
import { checkJson } from './heads.ts'
import { checkMsgpack } from './msgpack-heads.ts'
import { SERIALIZERS } from './serializer.ts'
import { isWithin, MAX_DEPTH, MAX_ITEMS } from './values.ts'

const ENCODERS = [{}, { forceFloat32: true }, { useBigInt64: true }].map((options) => new Encoder(options))

/** Every kind and length of head that there is. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false),
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -1, -33, 128, 255, 256, 65_536, 2 ** 32, -(2 ** 31) - 1, 1.5),
  fc.constantFrom(31, 32, 255, 256, 65_536).map((length) => 'x'.repeat(length)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(0, 1, 255, 256, 65_536).map((length) => new Uint8Array(length)),
  fc.constantFrom(1, 2, 3, 4, 8, 16, 17, 256, 65_536).map((length) => new ExtData(7, new Uint8Array(length))),
  fc.constantFrom(15, 16, 300).map((length) => new Array(length).fill(0)),
  fc.constantFrom(15, 16, 300).map((length) => Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i]))),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.string(), tie('value'))),
}))

test('what an encoder wrote passes, and nothing of which the end is missing', () => {
  fc.assert(
    fc.property(value, fc.constantFrom(...ENCODERS), fc.nat(), (said, encoder, at) => {
      const bytes = encoder.encode([said, null])
      checkMsgpack(bytes)
      expect(() => checkMsgpack(bytes.subarray(0, at % bytes.length))).toThrow('it ends too soon')
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('a few bytes that announce much are refused before room is made for it', () => {
  // An array of 30 million in one of 30 million, and so on: 14 GB.
  const bomb = Buffer.concat(Array.from({ length: 60 }, () => Buffer.of(0xdd, 0x01, 0xc9, 0xc3, 0x80)))
  const before = process.memoryUsage().rss
  for (const bytes of [
    bomb,
    Buffer.alloc(2 ** 21, 0x9f),
    Buffer.alloc(2 ** 21, 0x91),
    Buffer.of(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 1),
  ])
    expect(() => SERIALIZERS.msgpack.decode(bytes)).toThrow(/ends too soon|nests deeper/)
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
})

/** A list in a list, and so on; and a list of so many. */
const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown
const long = (items: number) => new Array(items - 1).fill(0)
const CHECKS: [string, (value: unknown) => unknown][] = [
  ['JSON', (value) => checkJson(JSON.stringify(value))],
  ['MessagePack', (value) => checkMsgpack(new Encoder().encode(value))],
  ['CBOR', (value) => checkCbor(cborg.encode(value))],
]

test.each(CHECKS)('%s: as deep and as much as may be, and no more', (_name, check) => {
  check(nested(MAX_DEPTH))
  expect(() => check(nested(MAX_DEPTH + 1))).toThrow('nests deeper than 64 levels')
  check(long(MAX_ITEMS))
  expect(() => check(long(MAX_ITEMS + 2))).toThrow('more than 100000 values')
  check(Array.from({ length: 40 }, () => [{ '[{,"\\"': '\\\\[[[[{{{{",,,,\\' }]))
})

test('CBOR: what an encoder wrote passes, and nothing of which the end is missing', () => {
  const said = fc.jsonValue({ depthSize: 'medium' })
  fc.assert(
    fc.property(fc.oneof(said, value), fc.nat(), (each, at) => {
      let bytes: Uint8Array
      try {
        bytes = cborg.encode([each, null])
      } catch {
        return
      }
      checkCbor(bytes)
      expect(() => checkCbor(bytes.subarray(0, at % bytes.length))).toThrow('it ends too soon')
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('CBOR: lists and dictionaries without an announced end', () => {
  // [_ 1, {_ "a": "b"}]
  const bytes = Buffer.from('9f01bf61616162ffff', 'hex')
  expect(cborg.decode(bytes)).toEqual([1, { a: 'b' }])
  checkCbor(bytes)
  for (let end = 0; end < bytes.length; end++) expect(() => checkCbor(bytes.subarray(0, end))).toThrow('it ends too soon')
  expect(() => checkCbor(Buffer.from('81ff', 'hex'))).toThrow('an end without a beginning')
  expect(() => checkCbor(Buffer.alloc(2 ** 20, 0x9f))).toThrow('nests deeper')
})

test('CBOR: says whether a key may be __proto__', () => {
  expect(checkCbor(cborg.encode([{ a: 1 }, 'proto']))).toBe(false)
  expect(checkCbor(cborg.encode(JSON.parse('[{"__proto__": 1}]')))).toBe(true)
})

test('the levels of a value', () => {
  expect(isWithin({ a: [1, { b: new Uint8Array(1) }] }, 3)).toBe(true)
  expect(isWithin({ a: [1, { b: [] }] }, 3)).toBe(false)
})

test.each(Object.keys(SERIALIZERS))('a message of two megabytes of nothing costs %s little', (name) => {
  const serializer = SERIALIZERS[name as keyof typeof SERIALIZERS]
  const bomb = { json: `[${'{},'.repeat(700_000)}0]`, msgpack: Buffer.alloc(2 ** 21, 0x80), cbor: Buffer.alloc(2 ** 21, 0xa0) }[
    serializer.name
  ]
  if (typeof bomb !== 'string') bomb.set(serializer.name === 'msgpack' ? [0xdd, 0, 31, 255, 0] : [0x9a, 0, 31, 255, 0])
  expect(() => serializer.decode(bomb)).toThrow('more than 100000 values')
})
