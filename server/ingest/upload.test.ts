import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { decodeHeader, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { startTestServer, type TestServer } from '../testing/server.ts'
import { MAX_UPLOAD_BYTES } from './upload.ts'

/** As much of a JPEG as is looked at: 2×1 pixels, and `fill` in the middle. */
const jpeg = (fill = 10, width = 2) =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, width >> 8, width & 0xff, 1, 1, 0x11, 0]),
    Buffer.alloc(fill, 7),
    Buffer.from([0xff, 0xd9]),
  ])

let server: TestServer
let number = 0
let camera: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  camera = `device-${++number}`
  await server.call('POST', '/api/v1/cameras', { id: camera, name: 'Device', source: { kind: 'upload' } })
})

function put(path: string, headers: Record<string, string | number> = {}): ClientRequest {
  const { port } = new URL(server.url)
  return httpRequest({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    path,
    headers: { cookie: server.cookie, 'content-type': 'image/jpeg', ...headers },
  }).on('error', () => {})
}

async function answerOf(request: ClientRequest): Promise<{ status: number; body: Record<string, unknown> }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode ?? 0, body: JSON.parse(text) }
}

async function upload(bytes: Buffer): Promise<{ status: number; body: Record<string, unknown> }> {
  const request = put(`/upload/${camera}`)
  request.end(bytes)
  return answerOf(request)
}

it('shows a picture to who watches, and the last one to who comes later', async () => {
  const viewer = await server.socket(`/ws/live/${camera}`).opened()
  viewer.say({ type: 'watch', rendition: 'full', audio: false })
  const bytes = jpeg()
  const answer = await upload(bytes)
  expect(answer).toMatchObject({ status: 201, body: { camera, bytes: bytes.length, width: 2, height: 1 } })
  const late = await server.socket(`/ws/live/${camera}`).opened()
  late.say({ type: 'watch', rendition: 'full', audio: false })
  for (const socket of [viewer, late]) {
    const frame = await socket.until(() => socket.binaries[0])
    expect(decodeHeader(frame)).toMatchObject({ ok: true, value: { kind: 'picture', rendition: 'picture' } })
    expect(frame.subarray(HEADER_BYTES)).toEqual(bytes)
    expect(socket.texts).toContainEqual(expect.objectContaining({ type: 'config', codec: 'jpeg', width: 2, height: 1 }))
    socket.ws.close()
  }
  const snapshot = await fetch(`${server.url}/live/${camera}.jpg`, { headers: { cookie: server.cookie } })
  expect(Buffer.from(await snapshot.arrayBuffer())).toEqual(bytes)
})

it('takes a picture in any pieces, without its length, and one of another size', async () => {
  const bytes = jpeg(300, 640)
  const request = put(`/upload/${camera}`)
  for (const byte of bytes) {
    request.write(Buffer.of(byte))
    if (byte === 7) continue
    await new Promise(setImmediate)
  }
  request.end()
  expect(await answerOf(request)).toMatchObject({ status: 201, body: { width: 640 } })
  expect(await upload(jpeg())).toMatchObject({ status: 201, body: { width: 2 } })
})

it('refuses what it cannot show, by the documented error, and shows the next', async () => {
  expect(await upload(jpeg().subarray(0, -1))).toMatchObject({
    status: 400,
    body: { code: 'request.invalid', detail: expect.stringContaining('cut short') },
  })
  const png = put(`/upload/${camera}`, { 'content-type': 'image/png' })
  png.end('x')
  expect(await answerOf(png)).toMatchObject({ status: 415 })
  const empty = put(`/upload/${camera}`, { 'content-length': 0 })
  empty.end()
  expect(await answerOf(empty)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
  const stranger = put(`/upload/${camera}`, { cookie: '' })
  stranger.end(jpeg())
  expect(await answerOf(stranger)).toMatchObject({ status: 401 })
  const unknown = put('/upload/nobody')
  unknown.end(jpeg())
  expect(await answerOf(unknown)).toMatchObject({ status: 404, body: { code: 'camera.unknown' } })
  await server.call('POST', '/api/v1/cameras', { id: `browser-${number}`, name: 'Browser', source: { kind: 'browser' } })
  const browser = put(`/upload/browser-${number}`)
  browser.end(jpeg())
  expect(await answerOf(browser)).toMatchObject({ status: 409, body: { code: 'camera.source' } })
  expect(await upload(jpeg())).toMatchObject({ status: 201 })
})

it('refuses what is too large, told ahead or found out', async () => {
  const told = put(`/upload/${camera}`, { 'content-length': MAX_UPLOAD_BYTES + 1 })
  told.flushHeaders()
  expect(await answerOf(told)).toMatchObject({ status: 413, body: { code: 'request.too-large' } })
  told.destroy()
  const found = put(`/upload/${camera}`)
  const chunk = Buffer.alloc(64 * 1024)
  const answer = answerOf(found)
  for (let sent = 0; sent <= MAX_UPLOAD_BYTES && !found.destroyed; sent += chunk.length) found.write(chunk)
  expect(await answer).toMatchObject({ status: 413 })
  found.destroy()
  expect(await upload(jpeg())).toMatchObject({ status: 201 })
})

it('forgets an upload that is broken off', async () => {
  const request = put(`/upload/${camera}`, { 'content-length': 100 })
  request.write(jpeg().subarray(0, 10))
  await new Promise(setImmediate)
  request.destroy()
  expect(await upload(jpeg())).toMatchObject({ status: 201 })
  expect(server.lines.filter(({ level }) => level === 50)).toEqual([])
})
