import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Procedure, Socket } from '../shared/contract/define.ts'
import { procedures, sockets } from '../shared/contract/index.ts'
import { type CameraAct, mayTo } from '../shared/model/access.ts'
import { allows, type Role } from '../shared/model/session.ts'
import { ERRORS } from '../shared/protocol/errors.ts'
import { startTestServer, type TestServer, TestSocket } from './testing/server.ts'

/** Who asks, and how they stand to the camera that is asked about. */
const ROLES = ['public', 'viewer', 'operator', 'owner'] as const
const STANDINGS = ['own', 'granted', 'other'] as const
type Standing = (typeof STANDINGS)[number]
const PASSWORD = 'a password of tests'

interface Entry {
  readonly name: string
  readonly role: Role
  readonly camera: CameraAct | undefined
  readonly call: (cookie: string, camera: string) => Promise<string>
}

let server: TestServer
const cookies: Record<Role, string> = { public: '', viewer: '', operator: '', owner: '' }
/** A camera for each role and standing, made anew for each cell that changes it. */
let made = 0

/** The code of an answer's error; `ok` where the caller was let in, whatever else was wrong. */
const LET_IN = new Set([
  'request.invalid',
  'camera.offline',
  'camera.source',
  'camera.undo',
  'user.unknown',
  'user.exists',
  'user.last',
  'auth.wrong',
  'request.media-type',
])
const codeOf = (status: number, body: unknown): string => {
  const code = (body as { code?: string } | undefined)?.code
  return code === undefined ? (status < 400 ? 'ok' : `${status}`) : LET_IN.has(code) ? 'ok' : code
}

async function http(method: string, path: string, cookie: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> {
  const answer = await server.call(method, path, body, { cookie, ...headers })
  return codeOf(answer.status, answer.body)
}

async function socket(path: string, cookie: string): Promise<string> {
  const opened = new TestSocket(server.url.replace('http', 'ws') + path, { cookie })
  try {
    await Promise.race([once(opened.ws, 'open'), opened.until(() => opened.refused !== undefined)])
    if (opened.refused === 401) return 'auth.required'
    if (opened.refused === 403) return 'auth.role'
    // Every one of them answers to this, or closes; a camera's refusal comes before.
    opened.ws.send('{"type":"none"}')
    await opened.until(() => opened.closed !== undefined || opened.texts.length > 0)
    const error = opened.texts.find(({ type }) => type === 'error') as { code: string } | undefined
    return error && !['message.invalid', 'camera.source', 'service.unknown'].includes(error.code) ? error.code : 'ok'
  } finally {
    opened.ws.terminate()
  }
}

/** Everything of the contract, and the routes whose bodies are no JSON. */
const ENTRIES: Entry[] = [
  ...Object.entries(procedures as Record<string, Procedure>).map(([name, { method, path, role, camera }]) => ({
    name,
    role,
    camera,
    call: (cookie: string, id: string) => {
      const url = `/api/v1${path.replace(':id', id).replace(':user', 'nobody').replace(':name', 'nobody')}`
      return http(method, url, cookie, method === 'GET' || method === 'DELETE' ? undefined : {})
    },
  })),
  ...Object.entries(sockets as Record<string, Socket>).map(([name, { path, role, camera }]) => ({
    name: `socket ${name}`,
    role,
    camera,
    call: (cookie: string, id: string) => socket(path.replace(':camera', id).replace(':service', 'none'), cookie),
  })),
  { name: '/live/:camera.jpg', role: 'viewer', camera: 'watch', call: (cookie, id) => http('GET', `/live/${id}.jpg`, cookie) },
  {
    name: '/upload/:camera',
    role: 'operator',
    camera: 'feed',
    call: (cookie, id) => http('PUT', `/upload/${id}`, cookie, 'x', { 'content-type': 'image/jpeg' }),
  },
]

/** What the rule says of a cell. */
function expected({ role: needed, camera: act }: Entry, role: Role, standing: Standing): string {
  if (role === 'public') return needed === 'public' ? 'ok' : 'auth.required'
  if (!allows(role, needed)) return 'auth.role'
  if (!act) return 'ok'
  const stands = { role, own: standing === 'own', granted: standing === 'granted' }
  return mayTo(act, stands) ? 'ok' : mayTo('watch', stands) ? 'auth.role' : 'camera.unknown'
}

/** A camera to which a role stands so. */
async function cameraFor(role: Role, standing: Standing): Promise<string> {
  const id = `camera-${made++}`
  const own = standing === 'own' && (role === 'operator' || role === 'owner')
  const created = await server.call(
    'POST',
    '/api/v1/cameras',
    { id, name: id, source: { kind: 'browser' } },
    { cookie: own ? cookies[role] : cookies.owner },
  )
  expect(created.status).toBe(201)
  if (standing === 'granted' && role !== 'public') {
    const granted = await server.call('PUT', `/api/v1/cameras/${id}/grants/${role}`, {}, { cookie: cookies.owner })
    expect(granted.status).toBe(204)
  }
  return id
}

async function signIn(user: string, password: string): Promise<string> {
  const { headers, status } = await server.call('POST', '/api/v1/session', { user, password }, { cookie: '' })
  expect(status).toBe(200)
  return (headers.get('set-cookie') ?? '').split(';', 1)[0] as string
}

beforeAll(async () => {
  server = await startTestServer()
  cookies.owner = server.cookie
  for (const role of ['viewer', 'operator'] as const) {
    expect((await server.call('POST', '/api/v1/users', { name: role, role, password: PASSWORD })).status).toBe(201)
    cookies[role] = await signIn(role, PASSWORD)
  }
})
afterAll(() => server.close())

describe('who may do what', () => {
  // Signing out would end the session that the other cells use; it is open to all.
  const entries = ENTRIES.filter(({ name }) => name !== 'porthole.session.delete')
  for (const role of ROLES) {
    // A viewer and a stranger make no cameras.
    const standings = role === 'operator' || role === 'owner' ? STANDINGS : STANDINGS.filter((standing) => standing !== 'own')
    it.each(entries.map((entry) => [entry.name, entry] as const))(`${role}: %s`, async (_name, entry) => {
      for (const standing of entry.camera ? standings : (['other'] as const)) {
        const id = entry.camera ? await cameraFor(role, standing) : 'none'
        expect(await entry.call(cookies[role], id), standing).toBe(expected(entry, role, standing))
      }
    })
  }

  it('knows no camera that does not exist from one that is not theirs', async () => {
    const id = await cameraFor('viewer', 'other')
    for (const cookie of [cookies.viewer, cookies.operator])
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/status'],
      ] as const) {
        const [other, none] = await Promise.all(
          [id, 'no-such-camera'].map((camera) => server.call(method, `/api/v1/cameras/${camera}${path}`, undefined, { cookie })),
        )
        expect(other).toMatchObject({ status: none?.status, body: none?.body })
      }
  })

  it('has no way round by another spelling of the address', async () => {
    const id = await cameraFor('viewer', 'other')
    const spelled = [...id].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('')
    const { hostname, port } = new URL(server.url)
    for (const path of [
      `/api/v1/cameras/${spelled}`,
      `/%61pi/v1/cameras/${id}`,
      `/api/v1/cameras/${id}/`,
      `/live/${spelled}.jpg`,
      `//api/v1/cameras/${id}`,
      `/live/x/../${id}.jpg`,
    ]) {
      const asked = request({ hostname, port, path, headers: { cookie: cookies.viewer } }).end()
      const [response] = await once(asked, 'response')
      expect(response.statusCode, path).toBe(404)
    }
  })

  it('lists and tells of nobody else’s cameras', async () => {
    const [theirs, other] = [await cameraFor('viewer', 'granted'), await cameraFor('viewer', 'other')]
    const { body } = await server.call('GET', '/api/v1/cameras', undefined, { cookie: cookies.viewer })
    const ids = (body as { cameras: { id: string }[] }).cameras.map(({ id }) => id)
    expect(ids).toContain(theirs)
    expect(ids).not.toContain(other)
    const feed = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/events`, { cookie: cookies.viewer }).opened()
    await feed.message('snapshot')
    for (const id of [other, theirs]) await server.call('PATCH', `/api/v1/cameras/${id}`, { name: 'New name' })
    await feed.until(() => feed.texts.some(({ topic }) => topic === 'porthole.camera.changed'))
    for (const id of [other, theirs]) await server.call('DELETE', `/api/v1/cameras/${id}`)
    await feed.until(() => feed.texts.some(({ topic }) => topic === 'porthole.camera.removed'))
    expect(JSON.stringify(feed.texts)).not.toContain(`"${other}"`)
    feed.ws.close()
  })
})

describe('what is taken back', () => {
  const watch = (camera: string, cookie: string) =>
    new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/${camera}`, { cookie }).opened()

  it('ends at once: a grant, with the sockets it opened, and the camera leaves the events', async () => {
    const id = await cameraFor('viewer', 'granted')
    const feed = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/events`, { cookie: cookies.viewer }).opened()
    await feed.message('snapshot')
    const viewer = await watch(id, cookies.viewer)
    await viewer.message('state')
    await server.call('DELETE', `/api/v1/cameras/${id}/grants/viewer`)
    expect(await viewer.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    await feed.until(() => feed.texts.filter(({ type }) => type === 'snapshot').length === 2)
    expect(JSON.stringify(feed.texts.at(-1))).not.toContain(`"${id}"`)
    feed.ws.close()
  })

  it('ends at once: a session, with its sockets and streams, and no other session of the user', async () => {
    const id = await cameraFor('operator', 'own')
    const [mine, second] = [cookies.operator, await signIn('operator', PASSWORD)]
    const [stays, ends] = await Promise.all([watch(id, mine), watch(id, second)])
    const { hostname, port } = new URL(server.url)
    const stream = request({ hostname, port, path: `/live/${id}.mjpeg`, headers: { cookie: second } }).end()
    const [response] = await once(stream, 'response')
    const broken = new Promise((resolve) =>
      response
        .once('close', resolve)
        .on('error', () => {})
        .resume(),
    )
    await server.call('DELETE', '/api/v1/session', undefined, { cookie: second })
    expect(await ends.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    await broken
    expect(stays.closed).toBeUndefined()
    stays.ws.close()
  })

  it('ends at once: a role, and what only it allowed', async () => {
    await server.call('POST', '/api/v1/users', { name: 'brief', role: 'operator', password: PASSWORD })
    const cookie = await signIn('brief', PASSWORD)
    const id = `camera-${made++}`
    await server.call('POST', '/api/v1/cameras', { id, name: id, source: { kind: 'browser' } }, { cookie })
    const viewer = await watch(id, cookie)
    const publisher = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/publish/${id}`, { cookie }).opened()
    await server.call('PATCH', '/api/v1/users/brief', { role: 'viewer' })
    expect(await publisher.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    // Their own they may still watch.
    expect(viewer.closed).toBeUndefined()
    expect((await server.call('DELETE', '/api/v1/users/brief')).status).toBe(204)
    expect(await viewer.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
    expect((await server.call('GET', '/api/v1/cameras', undefined, { cookie })).status).toBe(401)
    expect((await server.call('GET', `/api/v1/cameras/${id}`)).body).toMatchObject({ owner: 'owner' })
  })

  it('is never the last owner', async () => {
    expect((await server.call('PATCH', '/api/v1/users/owner', { role: 'viewer' })).body).toMatchObject({ code: 'user.last' })
    expect((await server.call('DELETE', '/api/v1/users/owner')).body).toMatchObject({ code: 'user.last' })
  })
})
