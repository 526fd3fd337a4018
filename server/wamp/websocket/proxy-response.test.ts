import { describe, expect, it } from 'vitest'
import { MAX_PROXY_HEAD_BYTES, MAX_PROXY_HEADERS, MAX_PROXY_LINE_BYTES, type ProxyError, ProxyResponse } from './proxy-response.ts'

const OK = 'HTTP/1.1 200 Connection established\r\nVia: 1.1 a\r\n\r\n'
const push = (text: string) => new ProxyResponse().push(Buffer.from(text))
const failure = (text: string): Partial<ProxyError> | undefined => {
  try {
    push(text)
    return undefined
  } catch (error) {
    return error as ProxyError
  }
}

describe('a proxy’s answer', () => {
  it('is read however it is cut, and the bytes behind it are given back', () => {
    const wire = Buffer.from(`${OK}tunnel`)
    for (let cut = 1; cut < OK.length; cut++) {
      const response = new ProxyResponse()
      expect(response.push(wire.subarray(0, cut))).toBeUndefined()
      expect(String(response.push(wire.subarray(cut)))).toBe('tunnel')
    }
    const response = new ProxyResponse()
    const results = [...Buffer.from(OK)].map((byte) => response.push(Buffer.of(byte)))
    expect(results.findIndex((result) => result !== undefined)).toBe(OK.length - 1)
  })

  it('may have interim ones before it, no reason, no headers, and bare line feeds', () => {
    for (const text of [`HTTP/1.1 100 Continue\r\n\r\n${OK}`, 'HTTP/1.0 200\r\n\r\n', 'HTTP/1.1 204 \n\n'])
      expect(push(text)?.length, text).toBe(0)
  })

  it('refuses with its status', () => {
    expect(failure('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n')).toMatchObject({
      name: 'ProxyError',
      code: 'refused',
      status: 407,
    })
    expect(failure('HTTP/1.1 302 Found\r\n\r\n')?.status).toBe(302)
  })

  it.each([
    'SSH-2.0-x\r\n',
    'HTTP/2 200\r\n',
    'HTTP/1.1 20\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n',
    'HTTP/1.1 200 OK\r\na b: c\r\n',
    '\r\n',
  ])('is malformed as %j', (text) => {
    expect(failure(text)).toMatchObject({ code: 'malformed' })
  })

  it('has caps', () => {
    expect(failure('a'.repeat(MAX_PROXY_LINE_BYTES))).toBeUndefined()
    expect(failure('a'.repeat(MAX_PROXY_LINE_BYTES + 1))).toMatchObject({ code: 'too-large' })
    const headers = 'a: b\r\n'.repeat(MAX_PROXY_HEADERS)
    expect(failure(`HTTP/1.1 200 OK\r\n${headers}\r\n`)).toBeUndefined()
    expect(failure(`HTTP/1.1 200 OK\r\n${headers}a: b\r\n`)).toMatchObject({ code: 'too-large' })
    const long = `a: ${'b'.repeat(MAX_PROXY_LINE_BYTES - 10)}\r\n`
    expect(failure(`HTTP/1.1 200 OK\r\n${long.repeat(Math.ceil(MAX_PROXY_HEAD_BYTES / long.length))}`)).toMatchObject({ code: 'too-large' })
    expect(failure('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))).toMatchObject({ code: 'too-large' })
  })
})
