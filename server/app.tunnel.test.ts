import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectTunnel } from './agent/tunnel.ts'
import { STREAM_PROTOCOLS } from './base/websocket-stream.ts'
import { startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
const upstreams: Server[] = []
const held: Socket[] = []

async function startUpstream(onConnection: (socket: Socket) => void): Promise<string> {
  const upstream = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => onConnection(socket.on('error', () => {})))
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  upstreams.push(upstream)
  return `127.0.0.1:${(upstream.address() as AddressInfo).port}`
}

beforeAll(async () => {
  const echo = await startUpstream((socket) => socket.pipe(socket))
  const greeter = await startUpstream((socket) => socket.end('220 hello\r\n'))
  const stalled = await startUpstream((socket) => held.push(socket.pause()))
  const broken = await startUpstream((socket) => socket.once('data', () => socket.resetAndDestroy()))
  server = await startTestServer({
    file: {
      services: {
        echo: { to: echo },
        greeter: { to: greeter, tunnel: 'viewer' },
        stalled: { to: stalled },
        broken: { to: broken },
        nobody: { to: '127.0.0.1:1' },
        closed: { to: echo, tunnel: false },
      },
    },
  })
})
afterAll(async () => {
  for (const socket of held) socket.destroy()
  await server.close()
  for (const upstream of upstreams) upstream.close()
})

const open = (service: string, protocol?: 'binary' | 'base64') =>
  connectTunnel({ url: server.url, service, headers: { cookie: server.cookie }, ...(protocol && { protocol }) })

it.each(STREAM_PROTOCOLS)('carries a byte stream both ways (%s)', async (protocol) => {
  const stream = await open('echo', protocol)
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) & 0xff))
  stream.write(bytes)
  let heard = Buffer.alloc(0)
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    heard = Buffer.concat([heard, chunk as Buffer])
    if (heard.length === bytes.length) break
  }
  expect(heard.equals(bytes)).toBe(true)
  stream.end()
  await once(stream.resume(), 'close')
})

it('lets the service speak first, and ends with it', async () => {
  const stream = await open('greeter')
  expect((await buffer(stream)).toString()).toBe('220 hello\r\n')
})

it('negotiates its subprotocols, and none is binary', async () => {
  const url = `${server.url.replace('http', 'ws')}/ws/tunnel/echo`
  for (const [offered, taken] of [
    [['base64'], 'base64'],
    [['base64', 'binary'], 'binary'],
    [[], ''],
  ] as const) {
    const ws = new WebSocket(url, [...offered], { headers: { cookie: server.cookie } })
    await once(ws, 'open')
    expect(ws.protocol).toBe(taken)
    const said = taken === 'base64' ? 'AAEC' : Buffer.from([0, 1, 2])
    ws.send(said)
    const [heard, binary] = await once(ws, 'message')
    expect(binary).toBe(taken !== 'base64')
    expect(binary ? heard : String(heard)).toEqual(said)
    // A message of the other kind is not the stream's.
    ws.send(taken === 'base64' ? Buffer.from([1]) : 'text')
    expect((await once(ws, 'close'))[0]).toBe(1003)
  }
})

// Debian's own Python, for which the test set-up installs it.
const PYTHON = '/usr/bin/python3'
const autobahn = spawnSync(PYTHON, ['-c', 'import autobahn.twisted.websocket']).status === 0

it.skipIf(!autobahn)("carries a protocol of Autobahn's wrapping client, in both subprotocols", { timeout: 20_000 }, async () => {
  const url = `${server.url.replace('http', 'ws')}/ws/tunnel/echo`
  for (const [offered, used] of [
    ['binary,base64', 'binary'],
    ['base64', 'base64'],
  ] as const) {
    const run = promisify(execFile)(PYTHON, ['e2e/peers/tunnel.py', url, server.cookie, 'hello from a line', offered], { timeout: 15_000 })
    expect((await run).stdout).toBe(used)
  }
})

it('slows the sender down when the service does not read', async () => {
  const stream = await open('stalled')
  const chunk = Buffer.alloc(64 * 1024)
  let written = 0
  for (;;) {
    const taken = new Promise((resolve) => stream.write(chunk, () => resolve('taken')))
    const result = await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, 500, 'stuck'))])
    if (result === 'stuck') break
    written += chunk.length
    // The kernels' buffers are what it may take, and no more.
    expect(written).toBeLessThan(32 * 1024 * 1024)
  }
  expect(written).toBeGreaterThan(0)
  stream.destroy()
})

it('is for those whom the service names, and for services that there are', async () => {
  for (const [service, code] of [
    ['missing', 4450],
    ['closed', 4450],
    ['nobody', 4451],
  ] as const) {
    const socket = server.socket(`/ws/tunnel/${service}`)
    expect((await socket.ended()).code, service).toBe(code)
  }
  const stranger = server.socket('/ws/tunnel/echo', {})
  await expect(stranger.until(() => stranger.refused)).resolves.toBe(401)
  await expect(connectTunnel({ url: server.url, service: 'echo' })).rejects.toThrow('401')
})

it('outlives a client that breaks the protocol while it is refused', async () => {
  const socket = server.socket('/ws/tunnel/nobody')
  await socket.opened()
  socket.ws.send(Buffer.alloc(2 * 1024 * 1024))
  await socket.ended()
  expect((await server.call('GET', '/healthz')).status).toBe(200)
})

it('ends unclean when the service breaks off', async () => {
  const socket = server.socket('/ws/tunnel/broken')
  await socket.opened()
  socket.ws.send(Buffer.from('x'))
  expect((await socket.ended()).code).toBe(1011)
})
