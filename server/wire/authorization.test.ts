import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DigestHash, digestResponse, digestSecret, MAX_AUTHORIZATION_CHARS, parseAuthorization } from './authorization.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('Basic and Bearer', () => {
  test.each([
    // RFC 7617 §2 and §2.1.
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', { type: 'basic', user: 'Aladdin', password: 'open sesame' }],
    ['Basic dGVzdDoxMjPCow==', { type: 'basic', user: 'test', password: '123£' }],
    [`bAsIc   ${base64('a:b:c')}`, { type: 'basic', user: 'a', password: 'b:c' }],
    [`Basic ${base64(':')}`, { type: 'basic', user: '', password: '' }],
    ['Bearer ph_abc.DEF~1+/==', { type: 'bearer', key: 'ph_abc.DEF~1+/==' }],
  ])('%s', (header, expected) => {
    expect(parseAuthorization(header)).toEqual(expected)
  })

  test.each([
    ['', 'the scheme is none of'],
    ['Negotiate abc', 'the scheme is none of'],
    ['Basic', 'Basic is not base64'],
    ['Basic a b', 'Basic is not base64'],
    [`Basic ${base64('nobody')}`, 'Basic is not user:password'],
    [`Basic ${base64('a\n:b')}`, 'Basic is not user:password'],
    ['Bearer a,b', 'the bearer key'],
    [`Bearer ${'x'.repeat(MAX_AUTHORIZATION_CHARS)}`, 'Authorization is too long'],
  ])('%j is an error', (header, detail) => {
    expect(parseAuthorization(header)).toEqual({ type: 'error', detail: expect.stringContaining(detail) })
  })
})

/** RFC 7616 §3.9.1. */
const VECTOR = {
  user: 'Mufasa',
  realm: 'http-auth@example.org',
  password: 'Circle of Life',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  uri: '/dir/index.html',
  responses: {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  },
}
const header = (hash: string, response: string, more = '') =>
  `Digest username="Mufasa", realm="${VECTOR.realm}", uri="${VECTOR.uri}", algorithm=${hash}, nonce="${VECTOR.nonce}", nc=00000001, cnonce="${VECTOR.cnonce}", qop=auth, response="${response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"${more}`

describe('Digest', () => {
  test.each(Object.entries(VECTOR.responses) as [DigestHash, string][])(
    "is right by the specification's vector of %s",
    (hash, response) => {
      const said = parseAuthorization(header(hash, response))
      expect(said).toEqual({
        type: 'digest',
        user: VECTOR.user,
        realm: VECTOR.realm,
        nonce: VECTOR.nonce,
        uri: VECTOR.uri,
        response,
        hash,
        session: false,
        count: { nc: 1, cnonce: VECTOR.cnonce },
      })
      if (said.type !== 'digest') return
      expect(digestResponse(digestSecret(hash, VECTOR.user, VECTOR.realm, VECTOR.password), 'GET', said)).toBe(response)
      expect(digestResponse(digestSecret(hash, VECTOR.user, VECTOR.realm, 'Circle of life'), 'GET', said)).not.toBe(response)
      expect(digestResponse(digestSecret(hash, VECTOR.user, VECTOR.realm, VECTOR.password), 'POST', said)).not.toBe(response)
    },
  )

  test('reads the session variant, names beyond ASCII, and the form of RFC 2069', () => {
    expect(parseAuthorization(header('SHA-256-sess', VECTOR.responses['SHA-256']))).toMatchObject({ hash: 'SHA-256', session: true })
    // RFC 7616 §3.9.2 without its userhash.
    const named = header('MD5', VECTOR.responses.MD5).replace('username="Mufasa"', "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe")
    expect(parseAuthorization(named)).toMatchObject({ user: 'Jäsøn Doe' })
    // RFC 2617 §3.5's values in the older form.
    const old = `Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="670fd8c2df070c60b045671b8b24ff02"`
    const said = parseAuthorization(old)
    expect(said).toMatchObject({ hash: 'MD5', count: undefined })
    if (said.type !== 'digest') return
    expect(digestResponse(digestSecret('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life'), 'GET', said)).toBe(said.response)
  })

  test.each([
    [header('SHA-512', VECTOR.responses.MD5), 'algorithm'],
    [header('MD5', 'xyz'), 'response'],
    [header('MD5', VECTOR.responses.MD5, ', userhash=true'), 'userhash'],
    [header('MD5', VECTOR.responses.MD5, ', nc=00000002'), 'list of parameters'],
    [header('MD5', VECTOR.responses.MD5).replace('qop=auth', 'qop=auth-int'), 'qop'],
    [header('MD5', VECTOR.responses.MD5).replace('nc=00000001', 'nc=1'), 'nc of eight'],
    [header('MD5', VECTOR.responses.MD5).replace('uri="/dir/index.html", ', ''), 'lacks'],
    ['Digest username="a', 'list of parameters'],
    ['Digest', 'lacks'],
    [`Digest ${Array.from({ length: 30 }, (_, i) => `a${i}=1`).join(',')}`, 'list of parameters'],
  ])('%s is an error', (text, detail) => {
    expect(parseAuthorization(text)).toEqual({ type: 'error', detail: expect.stringContaining(detail) })
  })

  test('quoted strings may quote', () => {
    const text = header('MD5', VECTOR.responses.MD5).replace('username="Mufasa"', 'username="a\\"b\\\\c, d=e"')
    expect(parseAuthorization(text)).toMatchObject({ user: 'a"b\\c, d=e' })
  })
})

test('nothing that comes makes it throw, or take long', () => {
  const piece = fc.constantFrom(
    'Digest ',
    'Basic ',
    'nonce="',
    '"',
    '\\',
    ',',
    '=',
    'a',
    ' ',
    'username*',
    "UTF-8''%ff",
    '__proto__=1',
    'é',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 200 }).map((pieces) => pieces.join('')),
      ),
      (text) => {
        expect(['basic', 'bearer', 'digest', 'error']).toContain(parseAuthorization(text).type)
      },
    ),
    { numRuns: 2000 },
  )
  expect(parseAuthorization(`Digest ${'\\"'.repeat(2000)}`).type).toBe('error')
})
