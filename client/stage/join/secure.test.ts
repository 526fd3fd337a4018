import { expect, test } from 'vitest'
import { browserOf, secureAddress, trustsHttps } from './secure.ts'

test.each([
  ['Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36', 'chrome'],
  [
    'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36',
    'chrome',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'safari',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1',
    'safari',
  ],
  ['Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0', 'firefox'],
])('%s shows the warning of %s', (agent, browser) => {
  expect(browserOf(agent)).toBe(browser)
})

test('https is asked on the same host and port, and what fails is not trusted', async () => {
  const asked: string[] = []
  const answering = (async (url: string) => {
    asked.push(url)
    return new Response()
  }) as unknown as typeof fetch
  const failing = (async () => {
    throw new TypeError('Failed to fetch')
  }) as unknown as typeof fetch
  const health = new URL('http://192.168.1.5:8080/healthz')
  expect([await trustsHttps(health, answering), await trustsHttps(health, failing)]).toEqual([true, false])
  expect(asked).toEqual(['https://192.168.1.5:8080/healthz'])
  expect(secureAddress('http://192.168.1.5:8080/join/ABCDEF')).toBe('https://192.168.1.5:8080/join/ABCDEF')
})
