import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isHost, underPath } from '../base/address.ts'
import { prefixRule, regexRule, requestRule } from './operator-rules.ts'
import { PROTOCOLS, type Protocol } from './protocols.ts'
import { type Classifier, decide, MAX_PREFIX_BYTES, type Rule } from './rules.ts'

/** First packets as their clients send them. */
const FIRST: readonly (readonly [Protocol, string, Buffer])[] = [
  ['tls', 'a ClientHello', Buffer.from('16030100c8010000c40303', 'hex')],
  ['http2', 'the preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['http1', 'GET', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  ['http1', 'an empty line first', Buffer.from('\r\nPOST /a HTTP/1.1\r\n')],
  ['http1', 'OPTIONS of a path', Buffer.from('OPTIONS /a HTTP/1.1\r\n')],
  ['http1', 'OPTIONS of the server', Buffer.from('OPTIONS * HTTP/1.1\r\n')],
  ['http1', 'PROPFIND', Buffer.from('PROPFIND /dav HTTP/1.1\r\n')],
  ['http1', 'M-SEARCH', Buffer.from('M-SEARCH * HTTP/1.1\r\n')],
  ['http1', 'an unknown method', Buffer.from('BREW /pot HTTP/1.1\r\n')],
  ['rtsp', 'OPTIONS', Buffer.from('OPTIONS rtsp://h/azalea RTSP/1.0\r\nCSeq: 1\r\n\r\n')],
  ['rtsp', 'OPTIONS of the server', Buffer.from('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n')],
  ['rtsp', 'DESCRIBE', Buffer.from('DESCRIBE rtsp://h/azalea RTSP/1.0\r\n')],
  ['rtsp', 'GET_PARAMETER', Buffer.from('GET_PARAMETER rtsp://h/a RTSP/1.0\r\n')],
  ['rtmp', 'C0 and C1', Buffer.concat([Buffer.from([3, 0, 1, 2, 3, 0, 0, 0, 0]), Buffer.alloc(64, 7)])],
  ['rtmp', 'C1 with the version of a plugin', Buffer.from([3, 0, 0, 0, 0, 0x80, 0, 7, 2])],
  ['mqtt', '3.1.1', Buffer.from('101000044d5154540402003c0004', 'hex')],
  ['mqtt', '3.1, length in two bytes', Buffer.from('10ff0100064d51497364700302003c', 'hex')],
  ['ssh', 'the banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ['rawSocket', 'JSON, 16 MiB', Buffer.from([0x7f, 0xf1, 0, 0])],
]

const rules: Rule<Protocol>[] = (Object.keys(PROTOCOLS) as Protocol[]).map((name) => ({ name, test: PROTOCOLS[name], service: name }))

describe('the built-in protocols', () => {
  test.each(FIRST)('%s: %s, at whatever byte it is cut', (protocol, _what, bytes) => {
    expect(decide(rules, bytes, false)).toMatchObject({ name: protocol })
    for (let length = 0; length <= bytes.length; length++) {
      const decision = decide(rules, bytes.subarray(0, length), false)
      if (decision !== 'more') expect(decision, `at ${length}`).toMatchObject({ name: protocol })
    }
  })

  test.each([
    ['GE', 'more'],
    ['GET', 'more'],
    ['GET ', 'http1'],
    ['H', 'http1'],
    ['PO', 'http1'],
    ['P', 'more'],
    ['O', 'more'],
    ['OPTIONS h', 'http1'],
    ['', 'more'],
    ['\r\n\r\n\r\n', undefined],
    ['get / HTTP/1.1', undefined],
    ['EHLO host', undefined],
    ['\u0003\u0000\u0000\u0013\u000e\u00e0', undefined],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', undefined],
  ])('%j is decided as soon as it can be nothing else: %s', (text, expected) => {
    const decision = decide(rules, Buffer.from(text, 'latin1'), false)
    expect(typeof decision === 'object' ? decision.name : decision).toBe(expected)
  })

  it('never throw, and never take back what they said', () => {
    const first = fc.constantFrom(...FIRST.map(([, , bytes]) => bytes))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
      fc
        .tuple(first, fc.nat(30), fc.uint8Array({ maxLength: 20 }))
        .map(([known, cut, rest]) => Buffer.concat([known.subarray(0, cut), rest])),
    )
    fc.assert(
      fc.property(bytes, fc.nat(40), (whole, cut) => {
        for (const [name, test] of Object.entries(PROTOCOLS)) {
          const before = test(whole.subarray(0, cut))
          // What could be HTTP stays HTTP's: that is the point of matching early.
          if ((before === 'no' || (before === 'match' && name !== 'http1')) && test(whole) !== before) return false
        }
        return decide(rules, whole, true) !== 'more'
      }),
      { numRuns: 100_000 },
    )
  }, 60_000)
})

describe('deciding', () => {
  const rule = (name: string, test: Classifier): Rule<string> => ({ name, test, service: name })

  it('waits for a rule that stands before the one that matches', () => {
    const both = [rule('slow', (prefix) => (prefix.length < 3 ? 'more' : 'no')), rule('quick', () => 'match')]
    expect(decide(both, Buffer.alloc(2), false)).toBe('more')
    expect(decide(both, Buffer.alloc(3), false)).toMatchObject({ name: 'quick' })
  })

  it('ends at the cap and when no more comes', () => {
    const hungry = [rule('hungry', () => 'more'), rule('rest', (prefix) => (prefix[0] === 1 ? 'match' : 'no'))]
    expect(decide(hungry, Buffer.alloc(1, 1), true)).toMatchObject({ name: 'rest' })
    expect(decide(hungry, Buffer.alloc(MAX_PREFIX_BYTES), false)).toBeUndefined()
  })

  it('does not hide a rule that throws', () => {
    const broken = () => {
      throw new Error('broken')
    }
    expect(() => decide([rule('broken', broken)], Buffer.alloc(1), false)).toThrow('broken')
  })
})

describe('rules of the operator', () => {
  const say = (test: Classifier, text: string) => test(Buffer.from(text, 'latin1'))

  it('match a prefix', () => {
    const test = prefixRule(Buffer.from([1, 2, 3]))
    expect([say(test, ''), say(test, '\x01'), say(test, '\x01\x02\x03\x04'), say(test, '\x01\x03')]).toEqual([
      'more',
      'more',
      'match',
      'no',
    ])
  })

  it('match a regular expression within its window, whatever its flags', () => {
    const test = regexRule(/^hello (\w+)!/gy, 16)
    expect([say(test, 'hell'), say(test, 'hello you!'), say(test, 'hello you!')]).toEqual(['more', 'match', 'match'])
    expect([say(test, 'x'.repeat(16)), say(test, 'bye\n'), say(test, `hello ${'y'.repeat(16)}!`)]).toEqual(['no', 'no', 'no'])
  })

  it('match the host of the first request', () => {
    const test = requestRule({ host: 'site.example' })
    expect(say(test, 'GET / HTTP/1.1\r\nHost: SITE.example:8080\r\n')).toBe('match')
    expect(say(test, 'GET / HTTP/1.1\r\nAccept: host: site.example\r\n\r\n')).toBe('no')
    expect(say(test, 'GET / HTTP/1.1\r\nHost: site.exam')).toBe('more')
    expect(say(test, 'GET / HTTP/1.1\r\nHost: site.example\r\nHost: other\r\n')).toBe('no')
    expect(say(test, 'GET / HTTP/1.0\r\n\r\nHost: site.example\r\n\r\n')).toBe('no')
    expect(say(test, 'GET http://site.example/a HTTP/1.1\r\nHost: other\r\n')).toBe('match')
    expect(say(test, 'SSH-2.0')).toBe('no')
    expect(say(test, 'GE')).toBe('more')
  })

  it('match the path of the first request as the server behind would read it', () => {
    const test = requestRule({ path: '/site' })
    const get = (target: string) => say(test, `GET ${target} HTTP/1.1\r\n`)
    for (const target of ['/site', '/site/', '/site?a', '/%73ite/x', '//site', '/a/../site', 'http://h/site'])
      expect(get(target)).toBe('match')
    for (const target of ['/', '/sites', '/site/../api', '/site/%2e%2e/api', '/site\\..\\api', '/%', '*']) expect(get(target)).toBe('no')
  })

  it('know names below a host', () => {
    expect(isHost('a.example.org', '*.example.org')).toBe(true)
    for (const header of ['example.org', '.example.org', 'aexample.org', 'example.org.evil'])
      expect(isHost(header, '*.example.org')).toBe(false)
    expect(underPath('/a', '/')).toBe(true)
  })
})
