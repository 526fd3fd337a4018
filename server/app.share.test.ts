import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Share } from '../shared/model/share.ts'
import { ERRORS, type ErrorCode } from '../shared/protocol/errors.ts'
import { jpegInfo } from './media/jpeg.ts'
import { startTestServer, type TestServer, type TestSocket } from './testing/server.ts'

const PASSWORD = 'a password of tests'
const FOREIGN = 'https://blog.example'

let data: string
let server: TestServer
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'porthole-share-'))
  server = await startTestServer({ data })
  for (const id of ['door', 'attic']) await server.call('POST', '/api/v1/cameras', { id, name: `The ${id}`, source: { kind: 'upload' } })
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

async function share(settings: object = {}, camera = 'door'): Promise<Share> {
  const { status, body } = await server.call('POST', '/api/v1/shares', { camera, ...settings })
  expect(status, JSON.stringify(body)).toBe(201)
  return body as Share
}
const knock = (token: string, headers: Record<string, string> = {}) => server.socket(`/ws/share/${token}`, headers)
async function enter(token: string, message: object = {}, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = await knock(token, headers).opened()
  socket.say({ type: 'enter', ...message })
  return socket
}
const let_in = async (socket: TestSocket) => (await socket.message('share')) && (await socket.message('state'))
const refused = async (socket: TestSocket, code: ErrorCode) => {
  expect(await socket.ended()).toMatchObject({ code: ERRORS[code].close })
  expect(socket.texts.at(-1)).toMatchObject({ type: 'error', code })
}
const listed = async (id: string) =>
  ((await server.call('GET', '/api/v1/shares?camera=door')).body as { shares: Share[] }).shares.find((share) => share.id === id)

describe('a share', () => {
  it('shows its camera to whoever has the link, and says what it shows', async () => {
    const { token, url, reach } = await share({ label: 'For grandma' })
    expect({ url, reach }).toEqual({ url: `${server.url}/share/${token}`, reach: 'machine' })
    const socket = await enter(token)
    expect(await socket.message('share')).toEqual({
      type: 'share',
      label: 'For grandma',
      camera: 'door',
      cameras: [{ id: 'door', name: 'The door' }],
      audio: false,
    })
    expect(await socket.message('state')).toMatchObject({ state: 'offline', name: 'The door', audio: false })
    socket.say({ type: 'clock', t0: 1 })
    await socket.message('clock')
    socket.ws.close()
  })

  it('of some cameras shows the one that is asked for, and no other', async () => {
    const { body } = await server.call('POST', '/api/v1/shares', { cameras: ['attic', 'door'] })
    const { token } = body as Share
    const first = await enter(token)
    expect(await first.message('share')).toMatchObject({ camera: 'attic', cameras: [{ id: 'attic' }, { id: 'door' }] })
    const second = await enter(token, { camera: 'door' })
    expect(await second.message('state')).toMatchObject({ name: 'The door' })
    await server.call('POST', '/api/v1/cameras', { id: 'secret', name: 'Secret', source: { kind: 'upload' } })
    await refused(await enter(token, { camera: 'secret' }), 'camera.unknown')
    first.ws.close()
    second.ws.close()
  })

  it('opens nothing else: no other camera, no other route, no other socket', async () => {
    const { token } = await share()
    for (const path of [`/live/door.jpg?share=${token}`, `/api/v1/cameras?share=${token}`, '/api/v1/shares']) {
      const answer = await server.call('GET', path, undefined, { cookie: '', authorization: `Bearer ${token}` })
      expect(answer.status, path).toBe(401)
    }
    for (const path of ['/ws/live/door', '/ws/events', '/ws/publish/door']) {
      const socket = server.socket(`${path}?share=${token}`, {})
      expect(await socket.until(() => socket.refused), path).toBe(401)
    }
  })

  it('that is taken back ends who watches at once, and is known no more', async () => {
    const { id, token } = await share()
    const watching = await Promise.all([enter(token), enter(token)])
    await Promise.all(watching.map(let_in))
    expect((await server.call('DELETE', `/api/v1/shares/${id}`)).status).toBe(204)
    for (const socket of watching) await refused(socket, 'share.unknown')
    await refused(await enter(token), 'share.unknown')
    expect((await server.call('DELETE', `/api/v1/shares/${id}`)).body).toMatchObject({ code: 'share.unknown' })
  })

  it('ends with its camera, and is there again when that is brought back', async () => {
    await server.call('POST', '/api/v1/cameras', { id: 'brief', name: 'Brief', source: { kind: 'upload' } })
    const { token } = await share({}, 'brief')
    const watching = await enter(token)
    await let_in(watching)
    await server.call('DELETE', '/api/v1/cameras/brief')
    await refused(watching, 'camera.deleted')
    await refused(await enter(token), 'camera.deleted')
    await server.call('POST', '/api/v1/cameras/brief/restore', {})
    const again = await enter(token)
    await let_in(again)
    again.ws.close()
  })

  it('takes as many viewers as it says, and one more when one left', async () => {
    const { token } = await share({ maxViewers: 2 })
    const [first, second] = [await enter(token), await enter(token)]
    await Promise.all([first, second].map(let_in))
    await refused(await enter(token), 'share.full')
    first?.ws.close()
    await first?.ended()
    await expect
      .poll(async () => {
        const third = await enter(token)
        await third.until(() => third.texts.length > 0)
        third.ws.close()
        return third.texts[0]?.type
      })
      .toBe('share')
    second?.ws.close()
  })

  it('counts who watches and how often it was opened; who comes back is not counted again', async () => {
    const { id, token } = await share()
    const sockets = [await enter(token), await enter(token), await enter(token, { again: true })]
    await Promise.all(sockets.map(let_in))
    expect(await listed(id)).toMatchObject({ views: 2, viewers: 3 })
    for (const socket of sockets) socket.ws.close()
    await Promise.all(sockets.map((socket) => socket.ended()))
    await expect.poll(async () => (await listed(id))?.viewers).toBe(0)
  })

  it('is changed: what binds its viewers makes them begin anew, the rest does not', async () => {
    const { id, token } = await share()
    const watching = await enter(token)
    await let_in(watching)
    const change = (settings: object) => server.call('PATCH', `/api/v1/shares/${id}`, settings)
    expect((await change({ label: 'New', maxViewers: 9 })).body).toMatchObject({ label: 'New', maxViewers: 9, token })
    expect(watching.closed).toBeUndefined()
    expect((await change({ passcode: 'open sesame' })).body).toMatchObject({ passcode: 'open sesame' })
    await refused(watching, 'share.passcode')
    await refused(await enter(token), 'share.passcode')
    expect((await change({ passcode: null, maxViewers: null })).body).toMatchObject({ passcode: null, maxViewers: null })
    const again = await enter(token)
    await let_in(again)
    await change({ audio: true })
    await refused(again, 'share.changed')
  })

  it('survives a restart, with its views; in the database its secrets are sealed', async () => {
    const { id, token, url } = await share({ passcode: 'planted passcode', origins: [FOREIGN], expiresIn: 3600, label: 'Kept' })
    await let_in(await enter(token, { passcode: 'planted passcode' }))
    const before = await listed(id)
    await server.close()
    const file = Buffer.concat(['porthole.db', 'porthole.db-wal'].map((name) => readOr(join(data, name))))
    expect(file.includes('Kept')).toBe(true)
    for (const secret of [token, 'planted passcode']) expect(file.includes(secret), secret).toBe(false)
    server = await startTestServer({ data })
    expect(await listed(id)).toEqual({ ...before, viewers: 0, url: url.replace(/:\d+\//, `:${new URL(server.url).port}/`) })
    expect(before).toMatchObject({ views: 1, label: 'Kept', origins: [FOREIGN], passcode: 'planted passcode' })
    await let_in(await enter(token, { passcode: 'planted passcode' }))
  })

  it('goes for good with the last of its cameras, when that cannot be brought back any more', async () => {
    await server.call('POST', '/api/v1/cameras', { id: 'gone', name: 'Gone', source: { kind: 'upload' } })
    const { id } = await share({}, 'gone')
    await server.call('DELETE', '/api/v1/cameras/gone')
    const known = async () =>
      ((await server.call('GET', '/api/v1/shares')).body as { shares: Share[] }).shares.some((share) => share.id === id)
    expect(await known()).toBe(true)
    await server.close()
    server = await startTestServer({ data })
    expect(await known()).toBe(false)
  })
})

const readOr = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

describe('a passcode', () => {
  it('is asked for, and wrong ones are counted', async () => {
    const { token } = await share({ passcode: '1234' })
    await refused(await enter(token), 'share.passcode')
    for (let i = 0; i < 5; i++) await refused(await enter(token, { passcode: `000${i}` }), 'share.wrong')
    // The right one has to wait too, from there: else it could be told by trying.
    await refused(await enter(token, { passcode: '1234' }), 'request.rate')
    const { token: other } = await share({ passcode: '4321' })
    await let_in(await enter(other, { passcode: '4321' }))
  })
})

describe('pages of other sites', () => {
  it('may show it where it says nothing else, with no cookie of the visitor’s counting', async () => {
    const { token } = await share()
    const cookie = await server.signIn('owner', 'correct horse battery')
    const watching = await enter(token, {}, { origin: FOREIGN, cookie })
    await let_in(watching)
    // It is not theirs: what ends with a session does not end with this one.
    await server.call('DELETE', '/api/v1/session', undefined, { cookie })
    watching.say({ type: 'clock', t0: 1 })
    await watching.message('clock')
  })

  it('may show it or not, as it says; who is no browser is not bound', async () => {
    const { token } = await share({ origins: [FOREIGN] })
    await let_in(await enter(token, {}, { origin: FOREIGN }))
    for (const origin of ['https://blog.example:8443', 'http://blog.example', 'https://evil.example', 'null'])
      await refused(await enter(token, {}, { origin }), 'share.origin')
    await let_in(await enter(token, {}, { origin: server.url }))
    await let_in(await enter(token))
    const none = await share({ origins: [] })
    await refused(await enter(none.token, {}, { origin: FOREIGN }), 'share.origin')
  })

  it('reach no other socket by it', async () => {
    const { token } = await share()
    for (const path of ['/ws/live/door', '/ws/events', '/ws', `/ws/share/${token}/x`]) {
      const socket = server.socket(path, { origin: FOREIGN, cookie: server.cookie })
      expect(await socket.until(() => socket.refused), path).toBe(403)
    }
    const host = server.socket(`/ws/share/${token}`, { host: 'rebound.example' })
    expect(await host.until(() => host.refused)).toBe(403)
  })
})

describe('who manages', () => {
  it('a camera shares it; shares of others’ cameras do not exist', async () => {
    await server.call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: PASSWORD })
    const cookie = await server.signIn('ada', PASSWORD)
    const as = (method: string, path: string, body?: object) => server.call(method, path, body, { cookie })
    const theirs = await share()
    expect((await as('POST', '/api/v1/shares', { camera: 'door' })).body).toMatchObject({ code: 'camera.unknown' })
    for (const method of ['PATCH', 'DELETE'])
      expect((await as(method, `/api/v1/shares/${theirs.id}`, method === 'PATCH' ? {} : undefined)).body).toMatchObject({
        code: 'share.unknown',
      })
    expect((await as('GET', '/api/v1/shares')).body).toEqual({ shares: [], next: null })
    await as('POST', '/api/v1/cameras', { id: 'hers', name: 'Hers', source: { kind: 'upload' } })
    const both = await as('POST', '/api/v1/shares', { cameras: ['hers', 'door'] })
    expect(both.body).toMatchObject({ code: 'camera.unknown' })
    const hers = await as('POST', '/api/v1/shares', { camera: 'hers' })
    expect(hers.body).toMatchObject({ createdBy: 'ada', cameras: ['hers'] })
    expect((await as('GET', '/api/v1/shares')).body).toMatchObject({ shares: [{ cameras: ['hers'] }] })
  })

  it.each([
    ['nothing to share', {}],
    ['an origin with a path', { camera: 'door', origins: ['https://blog.example/'] }],
    ['an origin with its scheme’s own port', { camera: 'door', origins: ['https://blog.example:443'] }],
    ['an origin of no web site', { camera: 'door', origins: ['javascript:alert(1)'] }],
    ['a header in an origin', { camera: 'door', origins: ["https://a.example; script-src 'unsafe-inline'"] }],
    ['no viewers', { camera: 'door', maxViewers: 0 }],
    ['a passcode that is too short', { camera: 'door', passcode: '1' }],
    ['control characters in a label', { camera: 'door', label: 'a\nb' }],
    ['a second that is none', { camera: 'door', expiresIn: 1.5 }],
  ])('is told of %s', async (_what, body) => {
    expect(await server.call('POST', '/api/v1/shares', body)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
  })
})

describe('what other sites fetch', () => {
  const get = (path: string) => server.call('GET', path, undefined, { cookie: '' })
  const oembed = (query: Record<string, string> | [string, string][]) => get(`/oembed?${new URLSearchParams(query)}`)

  it('is a picture of the camera, of any size, and its age', async () => {
    const { token } = await share({}, 'attic')
    expect((await get(`/share/${token}/picture.jpg`)).body).toMatchObject({ code: 'camera.offline' })
    const { token: other } = await share()
    const jpeg = await createCanvas(64, 48).encode('jpeg')
    const uploaded = await fetch(`${server.url}/upload/door`, {
      method: 'PUT',
      headers: { cookie: server.cookie, 'content-type': 'image/jpeg' },
      body: jpeg,
    })
    expect(uploaded.status).toBe(201)
    const picture = await fetch(`${server.url}/share/${other}/picture.jpg`)
    expect(picture.status).toBe(200)
    expect(picture.headers.get('cache-control')).toBe('public, max-age=5')
    expect(picture.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(Date.now() - Date.parse(picture.headers.get('x-porthole-time') as string)).toBeLessThan(10_000)
    expect(jpegInfo(Buffer.from(await picture.arrayBuffer()))).toMatchObject({ ok: true, width: 1200, height: 630 })
    expect((await get(`/share/${other}/picture.jpg?camera=attic`)).body).toMatchObject({ code: 'camera.unknown' })
  })

  it('is what oEmbed tells of a link, in the size that there is room for', async () => {
    const { token, url } = await share({ label: 'Front & back' })
    const { body, headers } = await oembed({ url, maxwidth: '320' })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(body).toMatchObject({ type: 'video', title: 'Front & back', width: 320, height: 180 })
    expect((body as { html: string }).html).toContain(`src="${server.url}/embed/${token}"`)
    expect((await oembed({ url: `${server.url}/embed/${token}?muted=1` })).status).toBe(200)
    const xml = await oembed({ url, format: 'xml' })
    expect(xml.headers.get('content-type')).toBe('text/xml; charset=utf-8')
    expect(xml.body).toContain('<title>Front &amp; back</title>')
  })

  it.each([
    ['no address', {}, 400, 'request.invalid'],
    ['no address of a link', { url: 'URL/camera/door' }, 404, 'share.unknown'],
    ['another server', { url: 'https://elsewhere.example/share/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 404, 'share.unknown'],
    ['a link that is none', { url: 'URL/share/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 404, 'share.unknown'],
    [
      'two addresses',
      [
        ['url', 'URL/share/x'],
        ['url', 'URL/share/y'],
      ],
      400,
      'request.invalid',
    ],
    ['another form', { url: 'URL/share/x', format: 'yaml' }, 501, 'oembed.format'],
    ['a very long address', { url: `URL/share/${'x'.repeat(3000)}` }, 400, 'request.invalid'],
  ])('refuses %s', async (_what, query, status, code) => {
    const said = Array.isArray(query) ? query : Object.entries(query)
    const filled = said.map(([name = '', value = '']): [string, string] => [name, value.replace('URL', server.url)])
    expect(await oembed(filled)).toMatchObject({ status, body: { code } })
  })

  it('refuses room that is no number', async () => {
    const { url } = await share()
    for (const maxwidth of ['0', '-1', 'wide', '1e3', '9999999']) expect((await oembed({ url, maxwidth })).status).toBe(400)
  })
})

describe('bad input', () => {
  it.each([
    ['no JSON', 'hello', 'message.invalid'],
    ['another message', '{"type":"watch","rendition":"full","audio":false}', 'message.invalid'],
    ['a field that is none', '{"type":"enter","token":"x"}', 'message.invalid'],
    ['a camera that is no id', '{"type":"enter","camera":"../x"}', 'message.invalid'],
    ['a very long passcode', JSON.stringify({ type: 'enter', passcode: 'x'.repeat(300) }), 'message.invalid'],
  ] as const)('closes the door on %s', async (_what, text, code) => {
    const { token } = await share()
    const socket = await knock(token).opened()
    socket.ws.send(text)
    await refused(socket, code)
  })

  it('forged, cut and other tokens open nothing; a thousand in a minute cost little, and lock out nobody who has one', async () => {
    const { token } = await share()
    const turned = [...token].reverse().join('')
    for (const wrong of [turned, token.slice(0, -1), `${token}x`, token.toLowerCase(), 'x', `${token}%00`]) {
      const socket = await enter(wrong)
      expect(await socket.ended(), wrong).toMatchObject({ code: ERRORS['share.unknown'].close })
    }
    const codes = new Map<number, number>()
    for (let i = 0; i < 1000; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          const { code } = await (await enter(`${i + n}`.padStart(32, 'A'))).ended()
          codes.set(code, (codes.get(code) ?? 0) + 1)
        }),
      )
    expect(codes.get(ERRORS['request.rate'].close)).toBeGreaterThan(960)
    await let_in(await enter(token))
  })

  it('logs no token, whatever became of it', async () => {
    const { token } = await share({ passcode: 'said aloud' })
    await refused(await enter(token, { passcode: 'wrong one' }), 'share.wrong')
    const lines = JSON.stringify(server.lines)
    for (const secret of [token, 'said aloud', 'wrong one']) expect(lines).not.toContain(secret)
  })
})
