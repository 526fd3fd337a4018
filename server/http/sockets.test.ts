import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { encodeFrame, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import { startTestServer, type TestServer, type TestSocket } from '../testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
})
afterAll(() => server.close())

const PUBLISH = {
  type: 'publish',
  renditions: { full: true, thumb: false, picture: true },
  audio: false,
  takeover: false,
  instance: 'instance-1',
}
const CONFIG = { type: 'config', epoch: 1, kind: 'video', rendition: 'full', codec: 'avc1.42001f', width: 640, height: 360, layers: 1 }
const frame = (sequence: number, bytes = 100, key = true) =>
  encodeFrame(
    { kind: 'video', key, layer: 0, rendition: 'full', epoch: 1, sequence, time: micros(Date.now() * 1000), duration: microsSpan(0) },
    new Uint8Array(bytes),
  )

async function publish(): Promise<TestSocket> {
  const socket = await server.socket('/ws/publish/cam').opened()
  socket.say(PUBLISH)
  await socket.message('demand')
  socket.say(CONFIG)
  return socket
}

describe('echo', () => {
  test('sends back text as text and binary as binary, byte for byte, up to 2 MiB', async () => {
    const socket = await server.socket('/ws', {}).opened()
    const got: [Buffer, boolean][] = []
    socket.ws.removeAllListeners('message')
    socket.ws.on('message', (data: Buffer, binary: boolean) => got.push([data, binary]))
    const big = Buffer.alloc(2 * 1024 * 1024, 7)
    const sent: [Buffer | string, boolean][] = [
      ['hällo', false],
      ['', false],
      [Buffer.of(0, 1, 255), true],
      [big, true],
    ]
    for (const [data] of sent) socket.ws.send(data)
    await socket.until(() => got.length === sent.length)
    for (const [i, [data, binary]] of sent.entries()) {
      expect(got[i]?.[1]).toBe(binary)
      expect(Buffer.from(data).equals(got[i]?.[0] as Buffer)).toBe(true)
    }
    socket.ws.send(Buffer.alloc(2 * 1024 * 1024 + 1))
    expect(await socket.ended()).toMatchObject({ code: 1009 })
  })
})

describe('a camera between sockets', () => {
  test('is watched while it is published, and the messages are whole', async () => {
    const publisher = await publish()
    const viewers = await Promise.all([1, 2, 3].map(() => server.socket('/ws/live/cam').opened()))
    for (const viewer of viewers) viewer.say({ type: 'watch', rendition: 'full', audio: false })
    await publisher.until(() => publisher.texts.some(({ type, full }) => type === 'demand' && full !== null))
    const sizes = [1, 90, 102, 5000, 65_600]
    for (const [i, bytes] of sizes.entries()) publisher.ws.send(frame(i + 1, bytes))
    for (const viewer of viewers) {
      await viewer.until(() => viewer.binaries.length === sizes.length)
      expect(viewer.binaries.map(({ byteLength }) => byteLength - HEADER_BYTES)).toEqual(sizes)
      expect(await viewer.message('config')).toMatchObject({ codec: 'avc1.42001f' })
      viewer.ws.close()
    }
    publisher.ws.close()
    await publisher.ended()
  })

  test('that is deleted ends its publisher and viewers at once with the reason', async () => {
    await server.call('POST', '/api/v1/cameras', { id: 'gone', name: 'Gone', source: { kind: 'browser' } })
    const publisher = await server.socket('/ws/publish/gone').opened()
    publisher.say(PUBLISH)
    await publisher.message('ready')
    const viewer = await server.socket('/ws/live/gone').opened()
    const feed = await server.socket('/ws/events').opened()
    await feed.message('snapshot')
    await server.call('DELETE', '/api/v1/cameras/gone')
    for (const socket of [publisher, viewer]) {
      expect(await socket.ended()).toMatchObject({ code: ERRORS['camera.deleted'].close })
      expect(await socket.message('error')).toMatchObject({ code: 'camera.deleted' })
    }
    await feed.until(() => feed.texts.some(({ kind }) => kind === 'camera.removed'))
    feed.ws.close()
    for (const path of ['/ws/live/gone', '/ws/publish/gone'])
      expect(await (await server.socket(path).opened()).ended()).toMatchObject({ code: ERRORS['camera.deleted'].close })
    await server.call('POST', '/api/v1/cameras/gone/restore')
    const back = await server.socket('/ws/live/gone').opened()
    expect(await back.message('state')).toMatchObject({ state: 'offline', name: 'Gone' })
    back.ws.close()
  })
})

describe('bad input', () => {
  const text = (value: string | object) => (socket: TestSocket) => socket.ws.send(typeof value === 'string' ? value : JSON.stringify(value))
  const bytes = (value: Uint8Array) => (socket: TestSocket) => socket.ws.send(value)
  const truncated = Uint8Array.of(1, 1, 0)
  const otherVersion = new Uint8Array(40).fill(9)
  const cases: [string, string, (socket: TestSocket) => void, ErrorCode][] = [
    ['/ws/live/cam', 'no JSON', text('nope'), 'message.invalid'],
    ['/ws/live/cam', 'an unknown message', text({ type: 'dance' }), 'message.invalid'],
    ['/ws/live/cam', 'a truncated acknowledgement', bytes(truncated), 'frame.truncated'],
    ['/ws/live/cam', 'an acknowledgement of another version', bytes(otherVersion), 'frame.version'],
    ['/ws/live/cam', 'an oversized text', text('x'.repeat(20_000)), 'request.too-large'],
    ['/ws/live/cam', 'an oversized binary', bytes(new Uint8Array(20_000)), 'request.too-large'],
    ['/ws/publish/cam', 'no JSON', text('nope'), 'message.invalid'],
    ['/ws/publish/cam', 'a frame before anything', bytes(frame(1)), 'frame.unexpected'],
    ['/ws/publish/cam', 'a truncated frame', bytes(truncated), 'frame.truncated'],
    ['/ws/publish/cam', 'a frame of another version', bytes(otherVersion), 'frame.version'],
    ['/ws/publish/cam', 'an oversized frame', bytes(new Uint8Array(2 * 1024 * 1024 + 1)), 'request.too-large'],
    ['/ws/publish/cam', 'an oversized text', text('x'.repeat(20_000)), 'request.too-large'],
    ['/ws/events', 'a message', text('{}'), 'message.invalid'],
    ['/ws/events', 'bytes', bytes(truncated), 'message.invalid'],
    ['/ws/live/nobody', 'nothing', () => {}, 'camera.unknown'],
    ['/ws/publish/nobody', 'nothing', () => {}, 'camera.unknown'],
    ['/ws/live/%3Cscript%3E', 'nothing', () => {}, 'camera.unknown'],
  ]
  test.each(cases)('%s closes for %s, and nobody is disturbed', async (path, _what, act, code) => {
    const publisher = await publishOnce()
    const witness = await server.socket('/ws/live/cam').opened()
    witness.say({ type: 'watch', rendition: 'full', audio: false })
    const socket = await server.socket(path).opened()
    act(socket)
    expect((await socket.ended()).code).toBe(ERRORS[code].close)
    const before = witness.binaries.length
    publisher.ws.send(frame(++sequence))
    await witness.until(() => witness.binaries.length > before)
    witness.ws.close()
  })

  let sequence = 0
  let shared: TestSocket | undefined
  async function publishOnce(): Promise<TestSocket> {
    shared ??= await publish()
    return shared
  }
  afterAll(() => shared?.ws.close())

  test('a second publisher is refused by name', async () => {
    await publishOnce()
    const second = await server.socket('/ws/publish/cam').opened()
    second.say({ ...PUBLISH, instance: 'instance-2' })
    expect(await second.ended()).toMatchObject({ code: ERRORS['publisher.exists'].close })
  })

  test.each(['//', '/ws/', '/WS', '/ws/live', '/ws/live/', '/ws/live/a/b', '/ws/live/%zz', '/ws/publish/%', '*'])(
    'upgrade of %j is 404',
    async (path) => {
      const { hostname, port } = new URL(server.url)
      const call = request({
        hostname,
        port,
        path,
        headers: {
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-version': '13',
          'sec-websocket-key': `${'x'.repeat(22)}==`,
          cookie: server.cookie,
        },
      })
      call.end()
      const [response] = await once(call, 'response')
      expect(response.statusCode).toBe(404)
      response.resume()
    },
  )

  test('an unknown path is 404, and a demo camera is fed by nobody from outside', async () => {
    const socket = server.socket('/ws/nothing')
    expect(await socket.until(() => socket.refused)).toBe(404)
    await server.call('POST', '/api/v1/cameras', { id: 'drawn', name: 'Drawn', source: { kind: 'demo' } })
    expect(await (await server.socket('/ws/publish/drawn').opened()).ended()).toMatchObject({ code: ERRORS['camera.source'].close })
  })
})
