import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERRORS } from '../shared/protocol/errors.ts'
import { basic, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  await server.call('POST', '/api/v1/cameras', { id: 'up', name: 'Up', source: { kind: 'upload' } })
  await server.call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: 'a password of hers' })
})
afterAll(() => server.close())

interface Made {
  readonly id: string
  readonly key: string
}
const make = async (path: string, body: object, headers?: Record<string, string>) => {
  const { status, body: made } = await server.call('POST', path, body, headers)
  expect(status).toBe(201)
  return made as Made
}
const bearer = (key: string) => ({ cookie: '', authorization: `Bearer ${key}` })
const get = async (path: string, headers: Record<string, string>) => (await server.call('GET', path, undefined, headers)).status
const publish = (key: string, camera = 'cam') =>
  new TestSocket(`${server.url.replace('http', 'ws')}/ws/publish/${camera}`, bearer(key)).opened()

const ready = (socket: TestSocket) => {
  const renditions = { full: true, thumb: false, picture: false }
  socket.say({ type: 'publish', renditions, audio: false, takeover: true, instance: 'instance-1' })
  return socket.message('ready')
}

describe('a key of a user', () => {
  it('stands for them, and for no more than its role; it is shown once', async () => {
    const { id, key } = await make('/api/v1/keys', { name: 'Scripts' })
    expect(key).toMatch(/^ph_[0-9A-Za-z]{32}$/)
    expect(await get('/api/v1/users', bearer(key))).toBe(200)
    const { body } = await server.call('GET', '/api/v1/keys')
    expect(JSON.stringify(body)).not.toContain(key.slice(3))
    expect((body as { keys: object[] }).keys).toContainEqual({
      id,
      name: 'Scripts',
      user: 'owner',
      createdAt: expect.any(String),
      usedAt: expect.any(String),
    })

    const less = await make('/api/v1/keys', { name: 'Wall', role: 'viewer' })
    expect(await get('/api/v1/cameras/cam', bearer(less.key))).toBe(200)
    expect(await get('/api/v1/users', bearer(less.key))).toBe(403)
    expect((await server.call('GET', '/api/v1/session', undefined, bearer(less.key))).body).toMatchObject({
      session: { user: 'owner', role: 'viewer' },
    })
  })

  it('serves clients that know only user and password, for its own user', async () => {
    const { key } = await make('/api/v1/keys', { name: 'Old client' })
    const byKey = (user: string) => ({ cookie: '', authorization: basic(user, key) })
    expect(await get('/api/v1/cameras', byKey('owner'))).toBe(200)
    expect(await get('/api/v1/cameras', byKey('ada'))).toBe(401)
    const signedIn = await server.call('POST', '/api/v1/session', { user: 'owner', password: key }, { cookie: '' })
    expect(signedIn.body).toMatchObject({ code: 'auth.role' })
  })

  it('makes no keys, sees no sessions and changes no password', async () => {
    const { key } = await make('/api/v1/keys', { name: 'Limited' })
    for (const [method, path, body] of [
      ['POST', '/api/v1/keys', { name: 'More' }],
      ['GET', '/api/v1/keys', undefined],
      ['GET', '/api/v1/sessions', undefined],
      ['PUT', '/api/v1/session/password', { password: 'another password' }],
    ] as const)
      expect((await server.call(method, path, body, bearer(key))).body, path).toMatchObject({ code: 'auth.role' })
  })

  it('is made for others by owners alone, and taken back by who it is of', async () => {
    const { body } = await server.call('POST', '/api/v1/session', { user: 'ada', password: 'a password of hers' }, { cookie: '' })
    expect(body).toMatchObject({ user: 'ada' })
    const hers = await make('/api/v1/keys', { name: 'Hers', user: 'ada' })
    const owners = await make('/api/v1/keys', { name: 'His' })
    const cookie = await server.signIn('ada', 'a password of hers')
    expect((await server.call('POST', '/api/v1/keys', { name: 'X', user: 'owner' }, { cookie })).status).toBe(403)
    const { body: list } = await server.call('GET', '/api/v1/keys', undefined, { cookie })
    expect((list as { keys: { id: string }[] }).keys.map(({ id }) => id)).toEqual([hers.id])
    expect((await server.call('DELETE', `/api/v1/keys/${owners.id}`, undefined, { cookie })).body).toMatchObject({ code: 'key.unknown' })
    expect((await server.call('DELETE', `/api/v1/keys/${hers.id}`, undefined, { cookie })).status).toBe(204)
    expect(await get('/api/v1/cameras', bearer(hers.key))).toBe(401)
    expect(await get('/api/v1/cameras', bearer(owners.key))).toBe(200)
  })

  it('ends with its user, and with what it has open', async () => {
    await server.call('POST', '/api/v1/users', { name: 'eve', role: 'owner', password: 'a password of hers' })
    const { id, key } = await make('/api/v1/keys', { name: 'Hers', user: 'eve' })
    const watch = () => new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, bearer(key)).opened()
    const [socket, other] = [
      await watch(),
      await new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, { cookie: server.cookie }).opened(),
    ]
    const rotated = await server.call('POST', `/api/v1/keys/${id}/rotate`, {})
    expect(await socket.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    expect(await get('/api/v1/cameras', bearer(key))).toBe(401)
    const { key: next } = rotated.body as Made
    expect(await get('/api/v1/cameras', bearer(next))).toBe(200)
    await server.call('DELETE', '/api/v1/users/eve')
    expect(await get('/api/v1/cameras', bearer(next))).toBe(401)
    expect(other.closed).toBeUndefined()
    other.ws.close()
  })
})

describe('a publish key', () => {
  it('feeds its camera, by socket and by upload, and does nothing else', async () => {
    const { key } = await make('/api/v1/cameras/cam/keys', {})
    const publisher = await publish(key)
    await ready(publisher)
    publisher.ws.close()
    const other = await publish(key, 'up')
    expect(await other.ended()).toMatchObject({ code: ERRORS['camera.unknown'].close })
    expect(await get('/api/v1/cameras/cam', bearer(key))).toBe(403)
    expect((await server.call('GET', '/api/v1/session', undefined, bearer(key))).body).toEqual({ session: null })

    const device = await make('/api/v1/cameras/up/keys', { name: 'Gate' })
    const upload = (authorization: string) =>
      server.call('PUT', '/upload/up', 'no picture', { cookie: '', authorization, 'content-type': 'image/jpeg' })
    const refusedAs = async (authorization: string) => ((await upload(authorization)).body as { code: string }).code
    // Let in, and then told that this is no JPEG.
    expect(await refusedAs(`Bearer ${device.key}`)).not.toMatch(/^(auth|camera)\./)
    expect(await refusedAs(basic('up', device.key))).not.toMatch(/^(auth|camera)\./)
    expect(await refusedAs(`Bearer ${key}`)).toBe('camera.unknown')
    expect(await refusedAs(basic('cam', device.key))).toBe('auth.wrong')
  })

  it('ends what it feeds when it is taken back or made anew, at once, and nobody else', async () => {
    const [one, two] = [await make('/api/v1/cameras/cam/keys', { name: 'One' }), await make('/api/v1/cameras/up/keys', { name: 'Two' })]
    const publisher = await publish(one.key)
    await ready(publisher)
    // Of another camera it is unknown there.
    expect((await server.call('DELETE', `/api/v1/cameras/cam/keys/${two.id}`)).body).toMatchObject({ code: 'key.unknown' })
    expect((await server.call('DELETE', `/api/v1/cameras/cam/keys/${one.id}`)).status).toBe(204)
    expect(await publisher.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    const { hostname, port } = new URL(server.url)
    const upload = request({
      hostname,
      port,
      method: 'PUT',
      path: '/upload/up',
      headers: { ...bearer(two.key), 'content-type': 'image/jpeg', expect: '100-continue' },
    })
    upload.on('error', () => {})
    const ended = new Promise((resolve) => upload.once('close', resolve))
    await once(upload, 'continue')
    upload.write('half a picture')
    await server.call('POST', `/api/v1/cameras/up/keys/${two.id}/rotate`, {})
    await ended
  })

  it('outlives who made it: it is the camera’s', async () => {
    await server.call('POST', '/api/v1/users', { name: 'bob', role: 'operator', password: 'a password of his' })
    const cookie = await server.signIn('bob', 'a password of his')
    await server.call('POST', '/api/v1/cameras', { id: 'bobs', name: 'Bobs', source: { kind: 'browser' } }, { cookie })
    const { key } = await make('/api/v1/cameras/bobs/keys', {}, { cookie })
    await server.call('DELETE', '/api/v1/users/bob')
    const publisher = await publish(key, 'bobs')
    await ready(publisher)
    publisher.ws.close()
  })
})

describe('the audit log', () => {
  it('says who did what, and who was refused how often', async () => {
    const wrong = () => server.call('GET', '/api/v1/cameras', undefined, { cookie: '', authorization: basic('mallory', 'guess') })
    for (let i = 0; i < 3; i++) await wrong()
    const { key } = await make('/api/v1/keys', { name: 'Viewing', role: 'viewer' })
    await get('/api/v1/users', bearer(key))
    const { body } = await server.call('GET', '/api/v1/audit')
    const { entries } = body as { entries: Record<string, unknown>[] }
    const guesses = entries.find(({ what, by, code }) => what === 'refused' && by === null && code === 'auth.wrong')
    expect(guesses).toMatchObject({ address: '127.0.0.1' })
    expect(guesses?.count).toBeGreaterThanOrEqual(3)
    expect(entries).toContainEqual(expect.objectContaining({ what: 'refused', by: 'owner', code: 'auth.role' }))
    expect(entries).toContainEqual(
      expect.objectContaining({ what: 'porthole.key.create', by: 'owner', subject: expect.stringMatching(/Viewing$/) }),
    )
    expect(entries.some(({ what, by }) => what === 'porthole.session.create' && by === 'owner')).toBe(true)
    expect(JSON.stringify(entries)).not.toContain('guess')
    expect(JSON.stringify(entries)).not.toContain(key)
    const ids = entries.map(({ id }) => id as number)
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
    const { next } = (await server.call('GET', '/api/v1/audit?limit=2')).body as { next: string }
    const { body: rest } = await server.call('GET', `/api/v1/audit?cursor=${next}&limit=1`)
    expect((rest as { entries: { id: number }[] }).entries.map(({ id }) => id)).toEqual([ids[2]])
  })
})

describe('a key in the address of a publisher', () => {
  const at = (camera: string, key: string, headers: Record<string, string> = {}) =>
    new TestSocket(`${server.url.replace('http', 'ws')}/ws/publish/${camera}?key=${key}`, headers)

  it('feeds its camera, whoever is signed in beside it', async () => {
    const { key } = await make('/api/v1/cameras/cam/keys', {})
    for (const headers of [{}, { cookie: server.cookie }]) {
      const socket = await at('cam', key, headers).opened()
      await ready(socket)
      socket.ws.close()
      await socket.ended()
    }
  })

  it('is none of a user, and no other camera’s: what else is shown does not help', async () => {
    const users = await make('/api/v1/keys', { name: 'Scripts' })
    const other = await make('/api/v1/cameras/up/keys', {})
    for (const key of [users.key, 'wrong', '']) {
      const socket = at('cam', key, { cookie: server.cookie })
      await socket.until(() => socket.refused ?? socket.closed)
      expect(socket.refused).toBe(401)
    }
    const socket = at('cam', other.key, { cookie: server.cookie })
    expect((await socket.ended()).code).toBe(ERRORS['camera.unknown'].close)
    expect(JSON.stringify(server.lines)).not.toContain(users.key)
  })
})
