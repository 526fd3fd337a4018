import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Procedure, Socket } from '../shared/contract/define.ts'
import { procedures, sockets } from '../shared/contract/index.ts'
import { type CameraAct, mayTo } from '../shared/model/access.ts'
import { allows, type Role } from '../shared/model/session.ts'
import { ERRORS } from '../shared/protocol/errors.ts'
import { startTestServer, type TestServer, TestSocket } from './testing/server.ts'

/** Who asks, and how they stand to the camera that is asked about. A key feeds its own camera. */
const ASKERS = ['public', 'viewer', 'operator', 'owner', 'key'] as const
type Asker = (typeof ASKERS)[number]
const STANDINGS = ['own', 'granted', 'other'] as const
type Standing = (typeof STANDINGS)[number]
const PASSWORD = 'a password of tests'
/** In docs/auth.md the table stands below. */
const MARK = '<!-- what follows is made by server/app.access.test.ts: npx vitest run server/app.access.test.ts --update -->'

/** How they stand to a camera, of those ways that there are: viewers and strangers make none. */
const standingsOf = (asker: Asker): readonly Standing[] =>
  STANDINGS.filter((standing) => {
    if (asker === 'public') return standing === 'other'
    if (asker === 'key') return standing !== 'granted'
    return asker !== 'viewer' || standing !== 'own'
  })

interface Entry {
  readonly name: string
  readonly role: Role
  readonly camera: CameraAct | undefined
  readonly notByKey: boolean
  readonly call: (headers: Record<string, string>, camera: string) => Promise<string>
}

// Before the tests are told apart: they are made of what this server declares.
const server: TestServer = await startTestServer()
const cookies: Record<Role, string> = { public: '', viewer: '', operator: '', owner: server.cookie }
/** A camera for each asker and standing, made anew for each cell that changes it; its key. */
let made = 0
const publishKeys = new Map<string, string>()

/** A link to a camera that sends nothing. */
let shareToken = ''

/** The code of an answer's error; `ok` where the caller was let in, whatever else was wrong. */
const LET_IN = new Set([
  'request.invalid',
  'camera.offline',
  'camera.source',
  'camera.undo',
  'user.unknown',
  'user.exists',
  'user.last',
  'key.unknown',
  'session.unknown',
  'share.unknown',
  'webhook.unknown',
  'delivery.unknown',
  'stage.unknown',
  'participant.unknown',
  'auth.wrong',
  'request.media-type',
  'upgrade.required',
])
const codeOf = (status: number, body: unknown): string => {
  if (status < 400) return 'ok'
  const { code = `${status}` } = body as { code?: string }
  return LET_IN.has(code) ? 'ok' : code
}

async function http(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<string> {
  const answer = await server.call(method, path, body, headers)
  // A refusal to HEAD has no body.
  if (method === 'HEAD' && answer.status >= 400) return http('GET', path, headers)
  return codeOf(answer.status, answer.body)
}

/** Asked with a socket that answers endlessly, a stream counts as let in once it begins. */
async function stream(path: string, headers: Record<string, string>): Promise<string> {
  const { hostname, port } = new URL(server.url)
  const asked = request({ hostname, port, path, headers }).end()
  const [response] = await once(asked, 'response')
  if (response.statusCode === 200) {
    asked.destroy()
    return 'ok'
  }
  return codeOf(response.statusCode, JSON.parse(Buffer.concat(await response.toArray()).toString()))
}

async function socket(path: string, headers: Record<string, string>): Promise<string> {
  const opened = new TestSocket(server.url.replace('http', 'ws') + path, headers)
  try {
    await Promise.race([once(opened.ws, 'open'), opened.until(() => opened.refused !== undefined)])
    if (opened.refused === 401) return 'auth.required'
    if (opened.refused === 403) return 'auth.role'
    // Every one of them answers to this, or closes; a camera's refusal comes before.
    opened.ws.send('{"type":"none"}')
    await opened.until(() => opened.closed !== undefined || opened.texts.length > 0)
    const error = opened.texts.find(({ type }) => type === 'error') as { code: string } | undefined
    return error && !['message.invalid', 'camera.source', 'service.unknown', 'stage.unknown', 'stage.code'].includes(error.code)
      ? error.code
      : 'ok'
  } finally {
    opened.ws.terminate()
  }
}

/** An address of a route: its parameters filled in. */
const filled = (url: string, id: string) =>
  url
    .replace(/:(camera|id)\b/, id)
    .replace(':session', 'abc')
    .replace(':service', 'none')
    .replace(/:(share|webhook|delivery)\b/, 'none')
    .replace(':delivery', '1')
    .replace(':token', shareToken)
    .replace(/:(user|name|key|stage|participant|code)\b/g, 'nobody')
    .replace('*', 'none')

const procedureOf = (method: string, url: string): Procedure | undefined =>
  Object.values(procedures as Record<string, Procedure>).find(
    (procedure) => procedure.method === method && `/api/v1${procedure.path}` === url,
  )

/** The built client, open to all: there or not, by whether it was built. */
const STATIC = /^\/($|assets\/|camera\/|settings|stage$|docs\/?$|join(\/|$)|(share|embed)\/:token\/?$|[^/]+\.[a-z]+$)/

/** Every route that the server has, and every socket: nothing is listed by hand. */
const ENTRIES: Entry[] = [
  ...server.app.routes
    .filter(({ url }) => !STATIC.test(url))
    .map(({ method, url, role, camera }) => ({
      name: `${method} ${url}`,
      role,
      camera,
      notByKey: procedureOf(method === 'HEAD' ? 'GET' : method, url)?.notByKey ?? false,
      call: (headers: Record<string, string>, id: string) => {
        const path = filled(url, id)
        if (url.endsWith('.mjpeg') || url === '/api/v1/events') return stream(path, headers)
        if (url.startsWith('/upload/')) return http(method, path, { ...headers, 'content-type': 'image/jpeg' }, 'x')
        return http(method, path, headers, ['GET', 'HEAD', 'DELETE'].includes(method) ? undefined : {})
      },
    })),
  ...Object.values(sockets as Record<string, Socket>).map(({ path, role, camera }) => ({
    name: `socket ${path}`,
    role,
    camera,
    notByKey: false,
    call: (headers: Record<string, string>, id: string) => socket(filled(path, id), headers),
  })),
]

/** What the rule says of a cell. */
function expected({ role: needed, camera: act, notByKey }: Entry, asker: Asker, standing: Standing): string {
  if (needed === 'public') return 'ok'
  if (asker === 'public') return 'auth.required'
  if (asker === 'key') {
    if (act !== 'feed' || notByKey) return 'auth.role'
    return standing === 'own' ? 'ok' : 'camera.unknown'
  }
  if (!allows(asker, needed)) return 'auth.role'
  if (!act) return 'ok'
  const stands = { role: asker, own: standing === 'own', granted: standing === 'granted' }
  return mayTo(act, stands) ? 'ok' : mayTo('watch', stands) ? 'auth.role' : 'camera.unknown'
}

/** A camera to which an asker stands so. */
async function cameraFor(asker: Asker, standing: Standing): Promise<string> {
  const id = `camera-${made++}`
  const own = standing === 'own' && (asker === 'operator' || asker === 'owner')
  const created = await server.call(
    'POST',
    '/api/v1/cameras',
    { id, name: id, source: { kind: 'browser' } },
    { cookie: own ? cookies[asker] : cookies.owner },
  )
  expect(created.status).toBe(201)
  if (standing === 'granted') {
    const granted = await server.call('PUT', `/api/v1/cameras/${id}/grants/${asker}`, {}, { cookie: cookies.owner })
    expect(granted.status).toBe(204)
  }
  if (asker === 'key') {
    const { status, body } = await server.call('POST', `/api/v1/cameras/${id}/keys`, {})
    expect(status).toBe(201)
    publishKeys.set(id, (body as { key: string }).key)
  }
  return id
}

const headersOf = (asker: Asker, key: string | undefined): Record<string, string> =>
  asker === 'key' ? { cookie: '', authorization: `Bearer ${key}` } : { cookie: cookies[asker] }

beforeAll(async () => {
  await server.call('POST', '/api/v1/cameras', { id: 'shared', name: 'Shared', source: { kind: 'browser' } })
  shareToken = ((await server.call('POST', '/api/v1/shares', { camera: 'shared' })).body as { token: string }).token
  for (const role of ['viewer', 'operator'] as const) {
    expect((await server.call('POST', '/api/v1/users', { name: role, role, password: PASSWORD })).status).toBe(201)
    cookies[role] = await server.signIn(role, PASSWORD)
  }
})
afterAll(() => server.close())

/** The rule as a table for people. */
const COLUMNS = ASKERS.flatMap((asker): (readonly [Asker, Standing])[] =>
  (asker === 'owner' ? (['other'] as const) : standingsOf(asker)).map((standing) => [asker, standing]),
)
const WORDS: Record<string, string> = { ok: 'yes', 'auth.required': '401', 'auth.role': '403', 'camera.unknown': '404' }
const TITLES: Record<string, string> = {
  public: 'stranger',
  'owner other': 'owner',
  'key own': 'key of the camera',
  'key other': 'key of another',
}
const titleOf = ([asker, standing]: readonly [Asker, Standing]) =>
  TITLES[asker] ?? TITLES[`${asker} ${standing}`] ?? `${asker}, ${standing}`
function table(): string[] {
  const cell = (entry: Entry, asker: Asker, standing: Standing) => WORDS[expected(entry, asker, standing)] as string
  return [
    `| | ${COLUMNS.map(titleOf).join(' | ')} |`,
    `| --- |${' --- |'.repeat(COLUMNS.length)}`,
    ...ENTRIES.filter(({ name }) => !/^(HEAD |GET \/ws)/.test(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => `| \`${entry.name}\` | ${COLUMNS.map(([asker, standing]) => cell(entry, asker, standing)).join(' | ')} |`),
  ]
}

describe('who may do what', () => {
  it('is the table of docs/auth.md', async () => {
    const prose = readFileSync(new URL('../docs/auth.md', import.meta.url), 'utf8').split(MARK)[0]
    await expect([`${prose}${MARK}`, '', ...table(), ''].join('\n')).toMatchFileSnapshot('../docs/auth.md')
  })

  // Signing out would end the session that the other cells use; it is open to all.
  const entries = ENTRIES.filter(({ name }) => name !== 'DELETE /api/v1/session')
  for (const asker of ASKERS) {
    it.each(entries.map((entry) => [entry.name, entry] as const))(`${asker}: %s`, async (_name, entry) => {
      for (const standing of entry.camera ? standingsOf(asker) : (['other'] as const)) {
        const id = entry.camera || asker === 'key' ? await cameraFor(asker, standing) : 'none'
        // Of another camera: the key feeds that one, and not this.
        const key = publishKeys.get(asker === 'key' && standing === 'other' ? await cameraFor('key', 'own') : id)
        expect(await entry.call(headersOf(asker, key), id), standing).toBe(expected(entry, asker, standing))
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
    await feed.until(() => feed.texts.some(({ kind }) => kind === 'camera.changed'))
    for (const id of [other, theirs]) await server.call('DELETE', `/api/v1/cameras/${id}`)
    await feed.until(() => feed.texts.some(({ kind }) => kind === 'camera.removed'))
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
    const [mine, second] = [cookies.operator, await server.signIn('operator', PASSWORD)]
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
    const cookie = await server.signIn('brief', PASSWORD)
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
