import { describe, expect, it } from 'vitest'
import { isOwnOrigin, originTest } from './origins.ts'

describe('a pattern of origins', () => {
  it.each([
    ['https://app.example.org', 'https://app.example.org'],
    ['https://app.example.org', 'https://APP.example.org:443'],
    ['https://app.example.org:443', 'https://app.example.org'],
    ['https://app.example.org:8443', 'https://app.example.org:8443'],
    ['https://app.example.org:*', 'https://app.example.org:8443'],
    ['*://app.example.org', 'http://app.example.org'],
    ['https://*.example.org', 'https://a.example.org'],
    ['https://*.example.org', 'https://a.b.example.org'],
    ['https://app-*.example.org', 'https://app-1.example.org'],
    ['http://10.0.0.*', 'http://10.0.0.7'],
    ['http://[::1]:*', 'http://[::1]:80'],
    ['chrome-extension://abcdef', 'chrome-extension://abcdef'],
    ['https://*', 'https://any.example'],
    ['*', 'http://any.example:1234'],
  ])('%s lets %s in', (pattern, origin) => {
    expect(originTest([pattern])(origin)).toBe(true)
  })

  it.each([
    ['https://app.example.org', 'http://app.example.org'],
    ['https://app.example.org', 'https://app.example.org:8443'],
    ['https://app.example.org', 'https://app.example.org.evil.example'],
    ['https://app.example.org', 'https://appxexample.org'],
    ['https://*.example.org', 'https://example.org'],
    ['https://*.example.org', 'https://evilexample.org'],
    ['https://*.example.org', 'https://a.example.org.evil.example'],
    ['https://*.example.org', 'https://a.example.org@evil.example'],
    ['https://*.example.org', 'https://evil.example/.example.org'],
    ['https://*.example.org', 'https://evil.example#.example.org'],
    ['https://app-*.example.org', 'https://app-1.evil.example.org'],
    ['http://10.0.0.*', 'http://10.0.0.7.evil.example'],
    ['*', 'null'],
    ['*', ''],
    ['*', `https://${'a'.repeat(600)}.example`],
  ])('%s keeps %s out', (pattern, origin) => {
    expect(originTest([pattern])(origin)).toBe(false)
  })

  it.each(['example.org', 'https://', 'https://a/b', 'https://a:port', 'https://user@a', 'null', '', 'https://a b'])(
    '%j is none',
    (pattern) => {
      expect(() => originTest([pattern])).toThrow(JSON.stringify(pattern))
    },
  )

  it('is one of several', () => {
    const test = originTest(['https://a.example', 'https://b.example'])
    expect(['https://a.example', 'https://b.example', 'https://c.example'].map(test)).toEqual([true, true, false])
    expect(originTest([])('https://a.example')).toBe(false)
  })
})

it.each([
  ['https://example.org', 'http://example.org:443', true],
  ['https://example.org:8443', 'http://example.org:8443', true],
  ['https://example.org', 'https://example.org', true],
  ['https://example.org:8443', 'https://example.org', false],
  ['https://evil.example:8443', 'http://example.org:8443', false],
  ['null', 'http://example.org', false],
])('%s is the origin of a server at %s: %s', (origin, own, expected) => {
  expect(isOwnOrigin(origin, new URL(own))).toBe(expected)
})
