import { expect, test } from 'vitest'
import { isReserved, isUri, MAX_ID, MAX_URI_CHARS, type Match, randomId, type UriCheck } from './uris.ts'

test.each<[string, Match, UriCheck, boolean]>([
  ['com.example', 'exact', 'loose', true],
  ['Com.Größe-1', 'exact', 'loose', true],
  ['Com.Größe-1', 'exact', 'strict', false],
  ['com.my_app.1', 'exact', 'strict', true],
  ['', 'exact', 'loose', false],
  ['a..b', 'exact', 'loose', false],
  ['a.', 'exact', 'loose', false],
  ['.a', 'exact', 'loose', false],
  ['a b', 'exact', 'loose', false],
  ['a\u00a0b', 'exact', 'loose', false],
  ['a\n', 'exact', 'loose', false],
  ['a#b', 'exact', 'loose', false],
  ['', 'prefix', 'strict', true],
  ['com.', 'prefix', 'strict', true],
  ['com.ex', 'prefix', 'strict', true],
  ['com..', 'prefix', 'strict', false],
  ['.', 'prefix', 'loose', false],
  ['.com', 'prefix', 'loose', false],
  ['com.Ex', 'prefix', 'strict', false],
  ['a..b', 'wildcard', 'strict', true],
  ['..', 'wildcard', 'strict', true],
  ['', 'wildcard', 'loose', true],
  ['a.b', 'wildcard', 'loose', true],
  ['a..B', 'wildcard', 'strict', false],
  ['a..b c', 'wildcard', 'loose', false],
  ['a'.repeat(MAX_URI_CHARS), 'exact', 'strict', true],
  ['a'.repeat(MAX_URI_CHARS + 1), 'exact', 'loose', false],
  ['.'.repeat(MAX_URI_CHARS + 1), 'wildcard', 'loose', false],
])('%j as %s, %s: %s', (uri, match, check, expected) => {
  expect(isUri(uri, check, match)).toBe(expected)
})

test('what is long and fails does so at once', () => {
  const before = performance.now()
  for (const match of ['exact', 'prefix', 'wildcard'] as const)
    for (const uri of [`${'a'.repeat(1000)}#`, `${'a.'.repeat(500)}#`, `${'.'.repeat(1000)} `])
      expect(isUri(uri, 'loose', match)).toBe(false)
  expect(performance.now() - before).toBeLessThan(500)
})

test('wamp. is reserved, and what only begins like it is not', () => {
  expect(['wamp', 'wamp.', 'wamp.session.count'].every(isReserved)).toBe(true)
  expect(['wampum', 'wam', 'com.wamp', '', 'WAMP.x'].some(isReserved)).toBe(false)
})

test('random identifiers are of the global scope', () => {
  expect(randomId(() => 0)).toBe(1)
  const most = randomId(() => 1 - 2 ** -53)
  expect(most).toBeLessThanOrEqual(MAX_ID - 1)
  expect(Number.isSafeInteger(most)).toBe(true)
})
