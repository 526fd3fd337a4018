import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer, type TestServer } from './testing/server.ts'

/** Offsets at which a first packet is cut in two. */
const CUTS = 200
/** Connections at once. */
const ABREAST = 10

let server: TestServer
let directory: string
let port: number
const upstreams: Server[] = []

/** Answers each connection with what it was sent, and a mark of its own first. */
async function startUpstream(mark: string, where: string | number): Promise<Server> {
  const upstream = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.write(mark)
    socket.pipe(socket)
  })
  upstream.listen(typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where })
  await once(upstream, 'listening')
  upstreams.push(upstream)
  return upstream
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-port-'))
  const tcp = await startUpstream('tcp:', 0)
  const unix = join(directory, 'upstream.sock')
  await startUpstream('unix:', unix)
  const to = `127.0.0.1:${(tcp.address() as AddressInfo).port}`
  server = await startTestServer({
    file: {
      services: {
        ssh: { match: { protocol: 'ssh' }, to },
        own: { match: { regex: '^\\x01own' }, to: `unix:${unix}` },
        rtmp: { match: { protocol: 'rtmp' }, to },
        rtsp: { match: { protocol: 'rtsp' }, to: `unix:${unix}` },
        site: { match: { host: 'site.example' }, to },
      },
    },
  })
  port = server.app.address.port
})
afterAll(async () => {
  await server.close()
  for (const upstream of upstreams) upstream.close()
  rmSync(directory, { recursive: true })
})

const plain = () => connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
const secure = () => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })

/** Writes the bytes in two packets, then reads until `done` says so. */
async function talk(socket: Socket, bytes: Buffer, cut: number, done: (heard: Buffer) => boolean): Promise<Buffer> {
  await once(socket, 'encrypted' in socket ? 'secureConnect' : 'connect')
  socket.write(bytes.subarray(0, cut))
  await new Promise(setImmediate)
  socket.write(bytes.subarray(cut))
  let heard = Buffer.alloc(0)
  for await (const chunk of socket) {
    heard = Buffer.concat([heard, chunk as Buffer])
    if (done(heard)) break
  }
  socket.destroy()
  return heard
}

/** Runs `task` for every cut, some at once. */
async function everyCut(length: number, task: (cut: number) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < Math.min(CUTS, length)) await task(next++)
  }
  await Promise.all(Array.from({ length: ABREAST }, work))
}

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Padding: '.padEnd(260, 'x')
const KEEP = Buffer.from(`${HEALTH}\r\n\r\n`)
/** Three requests in a row, the last one closes. */
const PIPELINE = Buffer.from(`${HEALTH}\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n${HEALTH}\r\nConnection: close\r\n\r\n`)
const answers = (heard: Buffer) => heard.toString('latin1').split('HTTP/1.1 200 OK').length - 1

/** A connection whose first write is cut in two: what a client sends at once comes in two packets. */
class CutSocket extends Duplex {
  readonly #socket = plain()
  #left: number

  constructor(cut: number) {
    super()
    this.#left = cut
    this.#socket.on('data', (chunk) => this.push(chunk))
    this.#socket.on('end', () => this.push(null))
    this.#socket.on('error', (error) => this.destroy(error))
    this.#socket.on('close', () => this.destroy())
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const cut = Math.min(this.#left, chunk.length)
    this.#left -= cut
    if (cut === chunk.length || cut === 0) return void this.#socket.write(chunk, () => done())
    this.#left = 0
    this.#socket.write(chunk.subarray(0, cut))
    setImmediate(() => this.#socket.write(chunk.subarray(cut), () => done()))
  }
  override _final(done: () => void): void {
    this.#socket.end(done)
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

describe('one port', () => {
  it('answers http/1.1 with keep-alive and pipelining', () =>
    everyCut(PIPELINE.length, async (cut) => {
      expect(answers(await talk(plain(), PIPELINE, cut, (heard) => answers(heard) === 3))).toBe(3)
    }))

  it('answers https', async () => {
    await everyCut(KEEP.length, async (cut) => {
      expect(answers(await talk(secure(), KEEP, cut, (heard) => answers(heard) === 1))).toBe(1)
    })
    // The ClientHello itself cut in two.
    await everyCut(CUTS, async (cut) => {
      const socket = connectTls({ socket: new CutSocket(cut), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      expect(answers(await talk(socket as Socket, KEEP, KEEP.length, (heard) => answers(heard) === 1))).toBe(1)
    })
  }, 30_000)

  it.each(['http', 'https'])(
    'answers HTTP/2 (%s)',
    async (scheme) => {
      await everyCut(CUTS, async (cut) => {
        const createConnection = () =>
          scheme === 'http'
            ? new CutSocket(cut)
            : connectTls({ socket: new CutSocket(cut), rejectUnauthorized: false, ALPNProtocols: ['h2'], servername: '' })
        const session = connectHttp2(`${scheme}://localhost:${port}`, { createConnection: createConnection as () => Duplex })
        session.on('error', () => {})
        const request = session.request({ ':path': '/healthz' })
        const [headers] = await once(request, 'response')
        expect(headers[':status']).toBe(200)
        session.destroy()
      })
    },
    30_000,
  )

  it.each(['ws', 'wss'])(
    'carries a WebSocket (%s) whose message begins with NUL bytes, and whose 101 is one write',
    async (scheme) => {
      const message = Buffer.from([0, 0, 0, 1, 2])
      await everyCut(CUTS, async (cut) => {
        const firsts: Buffer[] = []
        const socket = scheme === 'ws' ? new CutSocket(cut) : connectTls({ socket: new CutSocket(cut), rejectUnauthorized: false })
        const push = socket.push.bind(socket)
        socket.push = (chunk: Buffer | null) => {
          if (chunk) firsts.push(chunk)
          return push(chunk)
        }
        const ws = new WebSocket(`${scheme}://localhost:${port}/ws`, {
          createConnection: (() => socket) as never,
          rejectUnauthorized: false,
        })
        await once(ws, 'open')
        ws.send(message)
        const [echoed] = await once(ws, 'message')
        expect(echoed).toEqual(message)
        if (scheme === 'ws') expect(firsts[0]?.toString('latin1')).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/)
        ws.terminate()
      })
    },
    30_000,
  )

  const bytes = (start: string | Buffer) =>
    Buffer.concat([Buffer.from(start as string), Buffer.from(Array.from({ length: 1500 }, (_, i) => i & 0xff))])
  it.each([
    ['a TCP upstream', 'tcp:', bytes('SSH-2.0-OpenSSH_9.2\r\n')],
    ['a unix upstream', 'unix:', bytes('\x01own')],
    ['RTMP', 'tcp:', bytes(Buffer.from([3, 0, 0, 0, 1, 0, 0, 0, 0]))],
    ['RTSP', 'unix:', bytes('OPTIONS rtsp://localhost/azalea RTSP/1.0\r\nCSeq: 1\r\n\r\n')],
    ['RTSP without an address', 'unix:', bytes('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n')],
    ['a host of its own', 'tcp:', bytes('GET / HTTP/1.1\r\nAccept: */*\r\nHost: site.example\r\n\r\n')],
  ])('splices %s, byte for byte', async (_what, mark, first) => {
    const expected = Buffer.concat([Buffer.from(mark), first])
    await everyCut(CUTS, async (cut) => {
      expect(await talk(plain(), first, cut, (heard) => heard.length >= expected.length)).toEqual(expected)
    })
    expect(await talk(secure(), first, 3, (heard) => heard.length >= expected.length)).toEqual(expected)
  })

  it('lets cookies of the upgrade be read', async () => {
    const socket = server.socket('/ws/events')
    await socket.opened()
    expect(await socket.message('snapshot')).toBeDefined()
    socket.ws.close()
  })
})
