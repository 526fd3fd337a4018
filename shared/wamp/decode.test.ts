import { describe, expect, test } from 'vitest'
import { decodeMessage, ProtocolViolation } from './decode.ts'
import { encodeMessage } from './encode.ts'
import * as M from './messages.ts'

/** Each message in each of its lengths. */
const GOOD: readonly (readonly unknown[])[] = [
  [M.HELLO, 'realm', {}],
  [M.WELCOME, 1, {}],
  [M.ABORT, {}, 'uri'],
  [M.ABORT, {}, 'uri', ['why'], { a: 1 }],
  [M.CHALLENGE, 'ticket', {}],
  [M.AUTHENTICATE, 'signature', {}],
  [M.GOODBYE, {}, 'uri'],
  [M.ERROR, M.CALL, 1, {}, 'uri'],
  [M.ERROR, M.CALL, 1, {}, 'uri', []],
  [M.ERROR, M.CALL, 1, {}, 'uri', [], {}],
  [M.PUBLISH, 1, {}, 'topic'],
  [M.PUBLISH, 1, {}, 'topic', [1], { a: 1 }],
  [M.PUBLISHED, 1, 2],
  [M.SUBSCRIBE, 1, {}, 'topic'],
  [M.SUBSCRIBED, 1, 2],
  [M.UNSUBSCRIBE, 1, 2],
  [M.UNSUBSCRIBED, 1],
  [M.UNSUBSCRIBED, 0, { subscription: 1 }],
  [M.EVENT, 1, 2, {}],
  [M.EVENT, 1, 2, {}, [], {}],
  [M.CALL, 2 ** 53, {}, 'procedure'],
  [M.CALL, 1, {}, 'procedure', []],
  [M.CANCEL, 1, {}],
  [M.RESULT, 1, {}],
  [M.RESULT, 1, {}, [], {}],
  [M.REGISTER, 1, {}, 'procedure'],
  [M.REGISTERED, 1, 2],
  [M.UNREGISTER, 1, 2],
  [M.UNREGISTERED, 1],
  [M.UNREGISTERED, 0, {}],
  [M.INVOCATION, 1, 2, {}],
  [M.INVOCATION, 1, 2, {}, [], {}],
  [M.INTERRUPT, 1, {}],
  [M.YIELD, 1, {}],
  [M.YIELD, 1, {}, [], {}],
]

test('every message is there', () => {
  expect(new Set(GOOD.map(([type]) => type))).toEqual(new Set(Object.keys(M.NAMES).map(Number)))
})

describe.each(GOOD.map((tuple) => [M.NAMES[tuple[0] as M.MessageType], tuple.length, tuple] as const))('%s of %i', (name, _, tuple) => {
  test('is read, and written as it was', () => {
    expect(encodeMessage(decodeMessage(tuple))).toEqual(tuple)
  })

  test('is no message with an element too few, too many, or of another kind', () => {
    const least = Math.min(...GOOD.filter(([type]) => type === tuple[0]).map(({ length }) => length))
    expect(() => decodeMessage(tuple.slice(0, least - 1))).toThrow(new RegExp(`^${name}: has ${least - 1} elements`))
    expect(() => decodeMessage([...tuple, ...Array(8).fill(null)])).toThrow(/elements, not/)
    for (let at = 1; at < tuple.length; at++)
      for (const odd of [true, 1.5, Number.NaN, -1, undefined]) {
        // An undefined payload is none.
        if (odd === undefined && (Array.isArray(tuple[at]) || Array.isArray(tuple[at - 1]))) continue
        const changed = tuple.map((field, i) => (i === at ? odd : field))
        expect(() => decodeMessage(changed), JSON.stringify(changed)).toThrow(ProtocolViolation)
      }
  })
})

test('what is no list, or of no type, is a violation that shows nothing of it', () => {
  for (const value of [null, undefined, 7, 'x', {}, new Uint8Array(3), [], [0], [7, 1], [999], ['1'], [1n], [Number.NaN], [[1]]])
    expect(() => decodeMessage(value)).toThrow(ProtocolViolation)
  expect(() => decodeMessage(['secret'])).toThrow('there is no message of type string')
})

test('a dictionary is no list and no bytes', () => {
  for (const odd of [[], new Uint8Array(1), null, 'x'])
    expect(() => decodeMessage([M.CALL, 1, odd, 'a'])).toThrow('Options is no dictionary')
})

test('identifiers are whole, from 1 to 2^53, also as a bigint', () => {
  expect(decodeMessage([M.CANCEL, 2n ** 53n, {}])).toMatchObject({ request: 2 ** 53 })
  for (const odd of [0, -1, 1.5, 2 ** 53 + 2, 2n ** 53n + 1n, 0n, '1', Number.POSITIVE_INFINITY])
    expect(() => decodeMessage([M.CANCEL, odd, {}]), String(odd)).toThrow('CANCEL: Request is no identifier from 1 to 2^53')
})
