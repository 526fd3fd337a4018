import { request } from 'node:http'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Socket } from '../../shared/contract/define.ts'
import { procedures, sockets } from '../../shared/contract/index.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { startTestServer, type TestServer } from '../testing/server.ts'
import { setHeaders } from './headers.ts'
import { Peers } from './peers.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
})
afterAll(() => server.close())

/** A request with headers that fetch does not let one set. */
const raw = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('error', reject)
    call.end()
  })

describe('strangers', () => {
  test.each(Object.entries(procedures).filter(([, { role }]) => role !== 'public'))(
    'are refused by %s',
    async (_name, { method, path }) => {
      const { status, body } = await server.call(
        method,
        `/api/v1${path.replace(':id', 'cam')}`,
        method === 'GET' || method === 'DELETE' ? undefined : {},
        { cookie: '' },
      )
      expect([status, (body as { code: string }).code]).toEqual([401, 'auth.required'])
    },
  )

  test.each(Object.entries(sockets).filter(([, { role }]) => role !== 'public'))('are refused by socket %s', async (_name, { path }) => {
    const socket = server.socket(path.replace(':camera', 'cam'), {})
    expect(await socket.until(() => socket.refused)).toBe(401)
  })

  test.each(['/live/cam.jpg', '/live/cam.mjpeg'])('are refused by %s', async (path) => {
    expect((await server.call('GET', path, undefined, { cookie: '' })).status).toBe(401)
  })

  test.each(['/healthz', '/readyz'])('may see %s', async (path) => {
    expect((await server.call('GET', path, undefined, { cookie: '' })).status).toBe(200)
  })

  test('with a made-up session are strangers', async () => {
    for (const cookie of ['porthole_session=', 'porthole_session=abc', `porthole_session=${'x'.repeat(5000)}`, '=;=;;porthole_session'])
      expect((await server.call('GET', '/api/v1/cameras', undefined, { cookie })).status).toBe(401)
  })

  test('on this machine see the metrics; through a proxy they do not', async () => {
    expect((await server.call('GET', '/metrics', undefined, { cookie: '' })).status).toBe(200)
    expect((await server.call('GET', '/metrics', undefined, { cookie: '', 'x-forwarded-for': '203.0.113.5' })).status).toBe(401)
    expect((await server.call('GET', '/metrics', undefined, { 'x-forwarded-for': '203.0.113.5' })).status).toBe(200)
  })
})

describe('Host and Origin', () => {
  const port = () => new URL(server.url).port

  test.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a b',
    '127.0.0.1@evil.example',
    '[::2]',
    '1.2.3.4',
  ])('host %j is refused, signed in or not', async (host) => {
    for (const cookie of [server.cookie, ''])
      for (const path of ['/', '/healthz', '/api/v1/cameras', '/nothing']) {
        const { status, body } = await raw(path, { host, cookie })
        expect(status, path).toBe(403)
        expect(body).toContain('host.unknown')
      }
  })

  test.each(['localhost', '127.0.0.1', '[::1]'])('host %s is this server', async (host) => {
    expect((await raw('/healthz', { host: `${host}:${port()}` })).status).toBe(200)
  })

  test.each(['https://evil.example', 'null', 'http://localhost:1', 'file://'])(
    'origin %s is refused on what changes something',
    async (origin) => {
      const { status, body } = await server.call('POST', '/api/v1/cameras', { name: 'x', source: { kind: 'browser' } }, { origin })
      expect([status, (body as { code: string }).code]).toEqual([403, 'origin.foreign'])
      expect((await server.call('GET', '/api/v1/cameras', undefined, { origin })).status).toBe(200)
    },
  )

  test('a foreign origin is refused on every socket, signed in or not', async () => {
    for (const { path, embeds } of Object.values(sockets) as Socket[]) {
      // Its path says which origins: server/app.share.test.ts.
      if (embeds) continue
      const socket = server.socket(path.replace(':camera', 'cam'), { cookie: server.cookie, origin: 'https://evil.example' })
      expect(await socket.until(() => socket.refused)).toBe(403)
    }
  })

  test('an unknown host is refused on sockets', async () => {
    const socket = server.socket('/ws', { host: 'evil.example' })
    expect(await socket.until(() => socket.refused)).toBe(403)
  })

  test('our own origin passes', async () => {
    const socket = await server.socket('/ws/events', { cookie: server.cookie, origin: server.url }).opened()
    expect(await socket.message('snapshot')).toMatchObject({ cameras: [{ id: 'cam' }] })
    socket.ws.close()
  })
})

describe('bad requests', () => {
  const post = (body: unknown, headers?: Record<string, string>) => server.call('POST', '/api/v1/cameras', body, headers)
  const source = { kind: 'browser' }
  const cases: [string, () => Promise<{ status: number; body: unknown }>, ErrorCode][] = [
    ['no JSON', () => post('{'), 'request.invalid'],
    ['an array', () => post([]), 'request.invalid'],
    ['nothing', () => post({}), 'request.invalid'],
    ['an unknown field', () => post({ name: 'x', source, admin: true }), 'request.invalid'],
    ['a name of 10,000 characters', () => post({ name: 'x'.repeat(10_000), source }), 'request.invalid'],
    ['an empty name', () => post({ name: '', source }), 'request.invalid'],
    ['a name of spaces', () => post({ name: '   ', source }), 'request.invalid'],
    ['a name with a line break', () => post({ name: 'a\nb', source }), 'request.invalid'],
    ['an unknown source', () => post({ name: 'x', source: { kind: 'telepathy' } }), 'request.invalid'],
    ['an id that is no slug', () => post({ name: 'x', id: '../etc', source }), 'request.invalid'],
    ['an expiry in the past', () => post({ name: 'x', source, expiresIn: -5 }), 'request.invalid'],
    ['a prototype', () => post('{"name":"x","source":{"kind":"browser"},"__proto__":{"owner":"me"}}'), 'request.invalid'],
    ['a body over its cap', () => post({ name: 'x'.repeat(100_000), source }), 'request.too-large'],
    ['another media type', () => post('name=x', { 'content-type': 'application/x-www-form-urlencoded' }), 'request.media-type'],
    ['an unknown path', () => server.call('GET', '/api/v1/nothing'), 'request.not-found'],
    ['a socket without an upgrade', () => server.call('GET', '/ws/live/cam'), 'upgrade.required'],
    ['an unknown camera', () => server.call('GET', '/api/v1/cameras/nobody'), 'camera.unknown'],
    ['a camera id that cannot be one', () => server.call('GET', '/api/v1/cameras/%2e%2e%2fx'), 'camera.unknown'],
    ['a path that cannot be decoded', () => server.call('GET', '/api/v1/cameras/%zz'), 'request.invalid'],
    ['an id in the body', () => server.call('PATCH', '/api/v1/cameras/cam', { id: 'other' }), 'request.invalid'],
    ['a taken id', () => post({ id: 'cam', name: 'x', source }), 'camera.exists'],
    ['a picture of an unknown camera', () => server.call('GET', '/live/nobody.jpg'), 'camera.unknown'],
    ['a picture of a camera that never sent one', () => server.call('GET', '/live/cam.jpg'), 'camera.offline'],
    ['a file outside the client', () => server.call('GET', '/assets/..%2f..%2fpackage.json'), 'request.not-found'],
  ]
  test.each(cases)('%s is refused in the words of the table', async (_name, act, code) => {
    const { status, body } = await act()
    expect((body as { code: string }).code).toBe(code)
    expect(status).toBe(ERRORS[code].http)
  })

  test('names may hold markup, and come back as they are', async () => {
    const name = '<img src=x onerror=alert(1)> & "Ünïcode" 🐭'
    const { status, body } = await post({ name, source })
    expect([status, (body as { name: string }).name]).toEqual([201, name])
  })

  test('leave the server as it was', async () => {
    expect((await server.call('GET', '/api/v1/cameras/cam')).body).toMatchObject({ id: 'cam', name: 'Cam' })
    expect(server.lines.filter(({ level }) => level === 50)).toEqual([])
  })
})

describe('what other sites may show', () => {
  test('is what a route says is an embed, and nothing else', async () => {
    const app = fastify()
    const options = { peers: new Peers(undefined), hstsHost: undefined }
    app.addHook('onRequest', async (request, reply) => setHeaders(request, reply, options, request.url === '/mounted'))
    for (const [path, config] of [
      ['/embed', { embed: true }],
      ['/asset.js', { asset: true }],
      ['/page', {}],
      ['/mounted', {}],
    ] as const)
      app.get(path, { config }, async () => 'x')
    const headersOf = async (path: string) => (await app.inject(path)).headers
    expect(await headersOf('/embed')).toMatchObject({
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': expect.stringContaining('frame-ancestors *'),
    })
    expect(await headersOf('/page')).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    })
    const asset = await headersOf('/asset.js')
    expect([asset['cross-origin-resource-policy'], asset['content-security-policy']]).toEqual(['same-origin', undefined])
    // What others serve brings a policy of its own.
    const mounted = await headersOf('/mounted')
    expect([mounted['cross-origin-resource-policy'], mounted['content-security-policy'], mounted['referrer-policy']]).toEqual([
      undefined,
      undefined,
      'no-referrer',
    ])
  })
})
