import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/server.ts'

const HEADERS_MS = 300
const REQUEST_MS = 600
/** Milliseconds that a time-out may be late. */
const LATE_MS = 1000

let server: TestServer
let port: number
beforeAll(async () => {
  server = await startTestServer({ file: { http: { headersTimeoutMs: HEADERS_MS, requestTimeoutMs: REQUEST_MS } } })
  port = server.app.address.port
})
afterAll(() => server.close())

const dial = (scheme: string): Socket =>
  scheme === 'http' ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })

/** What comes until the end, and how many ms after the connection was there. */
async function hear(socket: Socket, scheme: string, request: string): Promise<{ text: string; took: number }> {
  await once(socket, scheme === 'http' ? 'connect' : 'secureConnect')
  const began = performance.now()
  socket.write(request)
  let text = ''
  for await (const chunk of socket) text += chunk
  return { text, took: performance.now() - began }
}

it.each(['http', 'https'])('slow headers and slow bodies end with 408 in their time (%s)', async (scheme) => {
  const [headers, body] = await Promise.all([
    hear(dial(scheme), scheme, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow'),
    hear(
      dial(scheme),
      scheme,
      'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ),
  ])
  expect(headers.text).toMatch(/^HTTP\/1\.1 408 /)
  expect(headers.took).toBeGreaterThan(HEADERS_MS - 50)
  expect(headers.took).toBeLessThan(HEADERS_MS + LATE_MS)
  expect(body.text).toMatch(/^HTTP\/1\.1 408 /)
  expect(body.took).toBeGreaterThan(REQUEST_MS - 50)
  expect(body.took).toBeLessThan(REQUEST_MS + LATE_MS)
})

it.each(['http', 'https'])('a slow request of HTTP/2 ends in its time, and its session goes on (%s)', async (scheme) => {
  const session = connectHttp2(`${scheme}://localhost:${port}`, { rejectUnauthorized: false })
  try {
    const slow = session.request({
      ':method': 'POST',
      ':path': '/api/v1/session',
      'content-type': 'application/json',
      'content-length': 100,
    })
    slow.on('error', () => {})
    slow.write('{')
    const began = performance.now()
    await new Promise((resolve) => slow.once('close', resolve).resume())
    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL)
    expect(performance.now() - began).toBeLessThan(REQUEST_MS + LATE_MS)
    const [headers] = await once(session.request({ ':path': '/healthz' }).end(), 'response')
    expect(headers[':status']).toBe(200)
  } finally {
    session.destroy()
  }
})

it('a client whose upgrade was refused is told why, and closed though it keeps its half open', async () => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  socket.write('GET /ws/none HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'end')
  expect(text).toMatch(/^HTTP\/1\.1 404 [\s\S]*request\.not-found/)
  // Only a connection that the server has left answers so.
  const left = new Promise((resolve) => socket.once('close', resolve))
  const knocking = setInterval(() => socket.write('x'), 100)
  await left
  clearInterval(knocking)
  expect(socket.errored).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) })
})

it.skipIf(process.platform !== 'linux')('2,000 clients that connect and leave cost no descriptor', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length
  await (await fetch(`${server.url}/healthz`)).text()
  const before = descriptors()
  for (let i = 0; i < 20; i++) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        if (n % 4 === 1) socket.write('GE')
        if (n % 4 === 2) socket.write('GET / HTTP/1.1\r\n')
        if (n % 2 === 0) socket.destroy()
        else socket.end()
        await new Promise((resolve) => socket.once('close', resolve).resume())
      }),
    )
  }
  await expect.poll(descriptors, { timeout: 3000 }).toBeLessThanOrEqual(before + 2)
})

it('closes idle connections with the server', async () => {
  const own = await startTestServer()
  const idle = await Promise.all(
    ['http', 'https'].map(async (scheme) => {
      const socket =
        scheme === 'http'
          ? connect(own.app.address.port, '127.0.0.1')
          : connectTls({ port: own.app.address.port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(socket, 'data')
      return socket
    }),
  )
  const silent = connect(own.app.address.port, '127.0.0.1')
  await once(silent, 'connect')
  const closed = [...idle, silent].map(
    (socket) =>
      new Promise((resolve) =>
        socket
          .on('error', () => {})
          .once('close', resolve)
          .resume(),
      ),
  )
  const began = performance.now()
  await own.close()
  await Promise.all(closed)
  expect(performance.now() - began).toBeLessThan(3000)
})
