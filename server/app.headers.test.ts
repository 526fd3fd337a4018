import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/server.ts'

const PROXY = ['--trust-proxy', '127.0.0.0/8']
const HTTPS = { 'x-forwarded-proto': 'https' }

async function headersOf({ url }: TestServer, path: string, headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(url)
  const asked = request({ hostname, port, path, headers }).end()
  const [response] = await once(asked, 'response')
  asked.destroy()
  return response.headers as Record<string, string | undefined>
}

describe('headers', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
    await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  })
  afterAll(() => server.close())

  it.each(['/api/v1/session', '/api/v1/cameras', '/live/cam.jpg', '/live/cam.mjpeg', '/readyz', '/metrics', '/upload/cam', '/nothing'])(
    '%s runs nothing, is framed nowhere, and tells nobody where it stands',
    async (path) => {
      expect(await headersOf(server, path, { cookie: server.cookie })).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; frame-ancestors 'none'/),
      })
    },
  )

  it('whether the server is there other sites may ask: a page over http finds out by it whether https is trusted', async () => {
    expect(await headersOf(server, '/healthz')).toMatchObject({
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; frame-ancestors 'none'/),
    })
  })

  it('the page runs its own code, over http too, and is framed nowhere', async () => {
    const { 'content-security-policy': policy = '', ...headers } = await headersOf(server, '/')
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin' })
    expect(policy).toMatch(/default-src 'self'/)
    expect(policy).toMatch(/frame-ancestors 'none'/)
    // On a LAN it is http: nothing may be led to https that is not there.
    expect(policy).not.toMatch(/upgrade-insecure-requests/)
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/)
    expect(headers['strict-transport-security']).toBeUndefined()
  })
})

describe('HSTS', () => {
  it.each([
    [
      'a public name behind a proxy, over https',
      ['--public-url', 'https://camera.example', ...PROXY],
      { ...HTTPS, host: 'camera.example' },
      true,
    ],
    ['the same over http', ['--public-url', 'https://camera.example', ...PROXY], { host: 'camera.example' }, false],
    ['another name of the same server', ['--public-url', 'https://camera.example', ...PROXY], { ...HTTPS, host: 'localhost' }, false],
    ['a public address', ['--public-url', 'https://192.0.2.1', ...PROXY], { ...HTTPS, host: '192.0.2.1' }, false],
    [
      'a public name with a certificate of the local authority',
      ['--public-url', 'https://camera.example'],
      { ...HTTPS, host: 'camera.example' },
      false,
    ],
    ['a public name over http alone', ['--public-url', 'http://camera.example', ...PROXY], { ...HTTPS, host: 'camera.example' }, false],
  ])('%s', async (_name, args, headers, expected) => {
    const server = await startTestServer({ args })
    try {
      const { 'strict-transport-security': hsts } = await headersOf(server, '/healthz', headers)
      expect(hsts).toBe(expected ? 'max-age=31536000' : undefined)
    } finally {
      await server.close()
    }
  })
})
