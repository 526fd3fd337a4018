import { describe, expect, test } from 'vitest'
import { procedures } from '../contract/index.ts'
import { ERRORS, type ErrorCode, errorOfClose, isErrorCode, wampUri } from './errors.ts'

const codes = Object.keys(ERRORS) as ErrorCode[]

describe('the table of errors', () => {
  test('is docs/errors.md', async () => {
    const rows = codes.map((code) => {
      const { http, close, retry, title } = ERRORS[code]
      return `| \`${code}\` | ${http} | ${close} | \`${wampUri(code)}\` | ${retry ? 'yes' : 'no'} | ${title} |`
    })
    const text = [
      '# Errors',
      '',
      'Every error that a client can see. HTTP answers carry the code in `application/problem+json` (RFC 9457) as `code`, and what is',
      'wrong in particular as `detail`; sockets send it as a message `{"type":"error","code","message"}` and close with the close code.',
      '*Again* says whether the same try, later, may succeed; clients that reconnect by themselves do so only then.',
      '',
      'This page is made from `shared/protocol/errors.ts`: `npx vitest run shared/protocol/errors.test.ts --update`.',
      '',
      '| code | HTTP | close | WAMP | again | meaning |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n')
    await expect(text).toMatchFileSnapshot('../../docs/errors.md')
  })

  test('has a close code of its own for each code, in the ranges that RFC 6455 §7.4 leaves', () => {
    expect(new Set(codes.map((code) => ERRORS[code].close)).size).toBe(codes.length)
    for (const code of codes) {
      const { close } = ERRORS[code]
      expect((close >= 4000 && close <= 4999) || [1001, 1009, 1011].includes(close), code).toBe(true)
      expect(errorOfClose(close)).toBe(code)
      expect(isErrorCode(code)).toBe(true)
    }
    expect(errorOfClose(1006)).toBeUndefined()
    expect(isErrorCode('toString')).toBe(false)
  })

  test('has valid statuses and WAMP URIs (strict URI of the WAMP specification §2.1.1)', () => {
    for (const code of codes) {
      expect(ERRORS[code].http).toBeGreaterThanOrEqual(400)
      expect(ERRORS[code].http).toBeLessThan(600)
      expect(wampUri(code)).toMatch(/^([0-9a-z_]+\.)*[0-9a-z_]+$/)
    }
  })

  test('has every code that the contract names', () => {
    for (const { errors } of Object.values(procedures)) for (const code of errors) expect(codes).toContain(code)
  })
})
