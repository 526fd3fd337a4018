import { Encoder, ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkHeads } from './msgpack-heads.ts'
import { SERIALIZERS } from './serializer.ts'
import { MAX_DEPTH } from './values.ts'

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
  fc.constantFrom(15, 16, 65_536).map((length) => new Array(length).fill(0)),
  fc.constantFrom(15, 16, 300).map((length) => Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i]))),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.string(), tie('value'))),
}))

test('what an encoder wrote passes, and nothing of which the end is missing', () => {
  fc.assert(
    fc.property(value, fc.constantFrom(...ENCODERS), fc.nat(), (said, encoder, at) => {
      const bytes = encoder.encode([said, null])
      checkHeads(bytes)
      expect(() => checkHeads(bytes.subarray(0, at % bytes.length))).toThrow('it ends too soon')
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

test('as deep as may be, and no deeper', () => {
  const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels - 1, 0x91), Buffer.of(0x90)])
  checkHeads(nested(MAX_DEPTH))
  expect(() => checkHeads(nested(MAX_DEPTH + 1))).toThrow('nests deeper than 64 levels')
})
