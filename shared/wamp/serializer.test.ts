import { Encoder } from '@msgpack/msgpack'
import * as cborg from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolViolation } from './decode.ts'
import type { Message } from './messages.ts'
import * as M from './messages.ts'
import { SERIALIZERS, type SerializerName, SUBPROTOCOLS, serializerOf } from './serializer.ts'

const SEED = Number(process.env.PORTHOLE_SEED ?? 20_261_128)
const NAMES: readonly SerializerName[] = ['json', 'msgpack', 'cbor']

const call = (args: readonly unknown[], kwargs?: Record<string, unknown>): Message => ({
  type: M.CALL,
  request: 1,
  options: {},
  procedure: 'com.example',
  args,
  kwargs,
})
const argsOf = (message: Message) => (message as M.Call).args

/** What all three can say. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 20 }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), tie('value'), { maxKeys: 4 }),
  ),
}))
const args = fc.array(value, { maxLength: 4 }).filter((all) => !JSON.stringify(all).includes('__proto__'))
const plain = (of: unknown): unknown => {
  if (ArrayBuffer.isView(of)) return Uint8Array.from(of as Uint8Array)
  if (Array.isArray(of)) return of.map(plain)
  return typeof of === 'object' && of !== null ? Object.fromEntries(Object.entries(of).map(([key, each]) => [key, plain(each)])) : of
}

describe.each(NAMES)('%s', (name) => {
  const serializer = SERIALIZERS[name]

  test('what was encoded is decoded, whichever of them carried it before', () => {
    fc.assert(
      fc.property(args, fc.constantFrom(...NAMES), (said, before) => {
        const relayed = SERIALIZERS[before].decode(SERIALIZERS[before].encode(call(said)))
        expect(plain(argsOf(serializer.decode(serializer.encode(relayed))))).toEqual(plain(said))
      }),
      { seed: SEED, numRuns: 200 },
    )
  })

  test('what is absent is not on the wire, and undefined fields are absent', () => {
    const raw = (message: Message) => {
      const wire = serializer.encode(message)
      if (typeof wire === 'string') return JSON.parse(wire) as unknown[]
      return (name === 'cbor' ? cborg.decode(wire) : serializer.decode(wire)) as unknown[]
    }
    if (name !== 'msgpack') {
      expect(raw({ type: M.CALL, request: 1, options: {}, procedure: 'a' })).toStrictEqual([48, 1, {}, 'a'])
      expect(raw({ type: M.CALL, request: 1, options: {}, procedure: 'a', kwargs: {} })).toStrictEqual([48, 1, {}, 'a', [], {}])
      expect(raw({ type: M.RESULT, request: 1, details: { a: undefined, b: 1 } })).toStrictEqual([50, 1, { b: 1 }])
    }
    const { details } = serializer.decode(serializer.encode({ type: M.RESULT, request: 1, details: { a: undefined, b: 1 } })) as M.Result
    expect(details).toStrictEqual({ b: 1 })
  })

  test('integers beyond 2^53 stay what they are where it can say them, and the largest identifier is one', () => {
    for (const number of [2n ** 53n + 2n, 2n ** 64n - 1n, -(2n ** 63n)]) {
      const back = argsOf(serializer.decode(serializer.encode(call([number]))))?.[0]
      expect(name === 'json' ? BigInt(back as number) : back).toBe(name === 'json' ? BigInt(Number(number)) : number)
    }
    expect(serializer.decode(serializer.encode({ type: M.CANCEL, request: 2 ** 53, options: {} }))).toMatchObject({ request: 2 ** 53 })
  })

  test('NaN and infinities are sent as something', () => {
    const back = argsOf(serializer.decode(serializer.encode(call([Number.NaN, Number.POSITIVE_INFINITY]))))
    expect(back).toEqual(name === 'json' ? [null, null] : [Number.NaN, Number.POSITIVE_INFINITY])
  })

  test('garbage, and messages that were damaged, are a violation or a message', () => {
    const damaged = fc.tuple(args, fc.nat(), fc.nat({ max: 255 })).map(([said, at, byte]) => {
      const bytes = Buffer.from(serializer.encode(call(said)) as string)
      bytes[at % bytes.length] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        let message: Message
        try {
          message = serializer.decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation)
          return
        }
        // And that every one of them can say.
        for (const each of NAMES) SERIALIZERS[each].decode(SERIALIZERS[each].encode(message))
      }),
      { seed: SEED, numRuns: 2000 },
    )
  })

  test('a key __proto__ is refused', () => {
    const tuple = JSON.parse('[48, 1, {}, "com.example", [], {"a": {"__proto__": {"x": 1}}}]')
    const wire = name === 'json' ? JSON.stringify(tuple) : name === 'cbor' ? cborg.encode(tuple) : new Encoder().encode(tuple)
    expect(() => serializer.decode(wire)).toThrow(/__proto__/)
    expect(argsOf(serializer.decode(serializer.encode(call(['__proto__']))))).toEqual(['__proto__'])
  })
})

test('a lone surrogate, which JSON writes and UTF-8 has not, becomes a character that all have', () => {
  const text = '[48,1,{},"com.example",["\\ud800","a\\udfffb","\\ud83d\\ude00"],{"\\udc00":1}]'
  // As encoders of JavaScript write it; others refuse it.
  const msgpack = new Encoder().encode(JSON.parse(text))
  expect(Buffer.from(msgpack).includes(Buffer.of(0xed, 0xa0, 0x80))).toBe(true)
  for (const message of [SERIALIZERS.json.decode(text), SERIALIZERS.msgpack.decode(msgpack)])
    expect(message).toMatchObject({ args: ['\ufffd', 'a\ufffdb', '\u{1f600}'], kwargs: { '\ufffd': 1 } })
  // Letters that begin with the same byte stay.
  expect(argsOf(SERIALIZERS.msgpack.decode(SERIALIZERS.msgpack.encode(call(['한글']))))).toEqual(['한글'])
})

test('a key __proto__ that is written by escapes is one', () => {
  expect(() => SERIALIZERS.json.decode('[48,1,{},"a",[],{"\\u005f_proto__":1}]')).toThrow('__proto__')
})

test('subprotocols', () => {
  expect(SUBPROTOCOLS).toEqual(['wamp.2.cbor', 'wamp.2.msgpack', 'wamp.2.json'])
  for (const name of NAMES) expect(serializerOf(`wamp.2.${name}`)).toBe(SERIALIZERS[name])
  for (const other of ['wamp.2.xml', 'wamp.2.json.batched', 'json', '']) expect(serializerOf(other)).toBeUndefined()
})
