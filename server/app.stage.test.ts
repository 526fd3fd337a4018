import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Participant, Stage } from '../shared/model/stage.ts'
import { ERRORS, type ErrorCode } from '../shared/protocol/errors.ts'
import { openDatabase } from './store/database.ts'
import { startTestServer, type TestServer, TestSocket } from './testing/server.ts'

const PASSWORD = 'a password of tests'
const data = mkdtempSync(join(tmpdir(), 'porthole-stage-'))
let server: TestServer
const cookies: Record<string, string> = {}

beforeAll(async () => {
  server = await startTestServer({ data })
  for (const [name, role] of [
    ['ada', 'operator'],
    ['bo', 'operator'],
    ['cy', 'viewer'],
  ]) {
    await server.call('POST', '/api/v1/users', { name, role, password: PASSWORD })
    cookies[name as string] = await server.signIn(name as string, PASSWORD)
  }
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

const as = (user: string) => ({ cookie: cookies[user] ?? '' })
const api = async (method: string, path: string, body?: object, user = 'ada') =>
  server.call(method, `/api/v1/stages${path}`, body, as(user)) as Promise<{ status: number; body: never }>
const open = async (lobby = false) => (await api('POST', '', { lobby })).body as Stage
const now = async () => ((await api('GET', '')).body as { stages: Stage[] }).stages[0] as Stage
const end = async ({ id }: Stage) => expect((await api('DELETE', `/${id}`)).status).toBe(204)
const ws = (path: string, headers: Record<string, string> = {}) => new TestSocket(server.url.replace('http', 'ws') + path, headers)

async function phone(code: string, name = 'Di', resume?: string): Promise<TestSocket> {
  const socket = await ws(`/ws/join/${code}`).opened()
  socket.say({ type: 'join', name, ...(resume && { resume }) })
  return socket
}
interface Placed {
  readonly camera: string
  readonly key: string
  readonly resume: string
}
const placed = async (socket: TestSocket) => (await socket.message('on')) as unknown as Placed
const endedWith = async (socket: TestSocket, code: ErrorCode) => expect((await socket.ended()).code).toBe(ERRORS[code].close)
const publish = async ({ camera, key }: Placed, audio = false): Promise<TestSocket> => {
  const socket = await ws(`/ws/publish/${camera}?key=${key}`).opened()
  const renditions = { full: true, thumb: true, picture: false }
  socket.say({ type: 'publish', renditions, audio, takeover: false, instance: 'instance-1' })
  await socket.message('ready')
  return socket
}
const cameras = async (user = 'ada') =>
  ((await server.call('GET', '/api/v1/cameras', undefined, as(user))).body as { cameras: { id: string; temporary?: true }[] }).cameras

describe('a phone on a stage', () => {
  it('joins, is a camera on its host’s wall alone, feeds it by its key, and leaves nothing', async () => {
    const stage = await open()
    expect(stage.joinUrl).toBe(`${server.url}/join/${stage.code}`)
    const [projector, wall] = await Promise.all([ws(`/ws/stage/${stage.id}`, as('ada')).opened(), ws('/ws/events', as('ada')).opened()])
    await wall.message('snapshot')
    const socket = await phone(stage.code, '<img src=x onerror=alert(1)>')
    const on = await placed(socket)
    expect(await cameras()).toMatchObject([{ id: on.camera, name: '<img src=x onerror=alert(1)>', temporary: true, owner: 'ada' }])
    expect([await cameras('bo'), await cameras('cy')]).toEqual([[], []])
    await wall.until(() => wall.texts.some(({ kind }) => kind === 'camera.created'))
    await projector.until(() => projector.texts.some((told) => (told.stage as Stage | undefined)?.participants[0]?.camera === on.camera))
    const publisher = await publish(on)
    expect((await server.call('GET', `/api/v1/cameras/${on.camera}/status`, undefined, as('ada'))).body).toMatchObject({ state: 'live' })
    const viewer = await ws(`/ws/live/${on.camera}`, as('ada')).opened()
    socket.say({ type: 'react', reaction: '🎉' })
    expect(await projector.message('reaction')).toMatchObject({ reaction: '🎉' })

    socket.say({ type: 'leave' })
    // Its key is taken back before its camera goes.
    await endedWith(publisher, 'auth.revoked')
    await endedWith(viewer, 'camera.deleted')
    await wall.until(() => wall.texts.some(({ kind }) => kind === 'camera.removed'))
    expect(await cameras()).toEqual([])
    const late = ws(`/ws/publish/${on.camera}?key=${on.key}`)
    await late.until(() => late.refused !== undefined)
    expect(late.refused).toBe(401)
    await end(stage)
    await endedWith(projector, 'stage.ended')
  })

  it('has a key for its own camera and nothing else, in the address of a publisher and nowhere else', async () => {
    const stage = await open()
    const [one, two] = [await placed(await phone(stage.code)), await placed(await phone(stage.code))]
    const refusals = [
      [`/ws/publish/${two.camera}?key=${one.key}`, 'camera.unknown'],
      [`/ws/live/${one.camera}?key=${one.key}`, 401],
      [`/ws/events?key=${one.key}`, 401],
    ] as const
    for (const [path, expected] of refusals) {
      const socket = ws(path)
      await socket.until(() => socket.refused ?? socket.closed)
      expect(socket.refused ?? socket.closed?.code, path).toBe(typeof expected === 'number' ? expected : ERRORS[expected].close)
    }
    // What is kept of a camera would outlive this one.
    for (const path of ['keys', 'grants'])
      expect((await server.call('GET', `/api/v1/cameras/${one.camera}/${path}`, undefined, as('ada'))).body).toMatchObject({
        code: 'camera.temporary',
      })
    await end(stage)
  })

  it('comes back to its seat: after a reload, after its socket died, with an old code; the tab before is told', async () => {
    const stage = await open()
    const first = await phone(stage.code)
    const { resume, camera, key } = await placed(first)
    const publisher = await publish({ resume, camera, key })
    first.ws.terminate()
    await first.ended()
    const again = await phone('ABCDEF', 'Di', resume)
    expect(await placed(again)).toMatchObject({ camera, key, resume })
    expect(publisher.closed).toBeUndefined()
    const tab = await phone(stage.code, 'Di', resume)
    await endedWith(again, 'participant.replaced')
    expect((await now()).participants).toHaveLength(1)
    expect(await placed(tab)).toMatchObject({ camera })
    await end(stage)
    await endedWith(tab, 'stage.ended')
    await endedWith(publisher, 'auth.revoked')
  })

  it('waits in the lobby without a camera until it is admitted', async () => {
    const stage = await open(true)
    const socket = await phone(stage.code)
    await socket.message('waiting')
    expect(await cameras()).toEqual([])
    const [waiting] = (await now()).participants as [Participant]
    expect(waiting).toMatchObject({ state: 'waiting', camera: null })
    expect((await api('POST', `/${stage.id}/participants/${waiting.id}/admit`, {})).body).toMatchObject({ state: 'on' })
    await placed(socket)
    await end(stage)
  })

  it('is muted by the server: who listens hears nothing more', async () => {
    const stage = await open()
    const socket = await phone(stage.code)
    const on = await placed(socket)
    const publisher = await publish(on, true)
    const viewer = await ws(`/ws/live/${on.camera}`, as('ada')).opened()
    viewer.say({ type: 'watch', rendition: 'full', audio: true })
    await publisher.until(() => publisher.texts.some(({ type, audio }) => type === 'demand' && audio === true))
    const path = `/${stage.id}/participants/${(await now()).participants[0]?.id}`
    expect((await api('PATCH', path, { muted: true })).body).toMatchObject({ muted: true })
    expect(await socket.message('update')).toMatchObject({ muted: true })
    await viewer.until(() => viewer.texts.some(({ type, audio }) => type === 'state' && audio === false))
    expect(publisher.texts.at(-1)).toMatchObject({ type: 'demand', audio: false })
    await end(stage)
  })

  it('is removed, and a deleted camera removes it too; a locked stage takes nobody', async () => {
    const stage = await open()
    const [one, two] = [await phone(stage.code, 'One'), await phone(stage.code, 'Two')]
    const { camera } = await placed(two)
    await placed(one)
    const [{ id }] = (await now()).participants as [Participant]
    expect((await api('DELETE', `/${stage.id}/participants/${id}`)).status).toBe(204)
    await endedWith(one, 'participant.removed')
    expect((await server.call('DELETE', `/api/v1/cameras/${camera}`, undefined, as('ada'))).status).toBe(200)
    await endedWith(two, 'participant.removed')
    expect((await now()).participants).toEqual([])
    await api('PATCH', `/${stage.id}`, { locked: true })
    await endedWith(await phone(stage.code), 'stage.locked')
    await end(stage)
  })
})

describe('a stage', () => {
  it('is its host’s and an owner’s', async () => {
    const stage = await open()
    expect((await api('POST', '', {})).body).toMatchObject({ id: stage.id })
    expect((await api('GET', '', undefined, 'bo')).body).toEqual({ stages: [], next: null })
    for (const [method, path, body] of [
      ['PATCH', '', { locked: true }],
      ['DELETE', '', undefined],
      ['DELETE', '/participants/000000000000', undefined],
    ] as const) {
      expect((await api(method, `/${stage.id}${path}`, body, 'bo')).body).toMatchObject({ code: 'stage.unknown' })
      expect((await api(method, `/${stage.id}${path}`, body, 'cy')).body).toMatchObject({ code: 'auth.role' })
    }
    await endedWith(await ws(`/ws/stage/${stage.id}`, as('bo')).opened(), 'stage.unknown')
    const owner = { cookie: server.cookie }
    expect((await server.call('PATCH', `/api/v1/stages/${stage.id}`, { locked: true }, owner)).body).toMatchObject({ locked: true })
    await (await ws(`/ws/stage/${stage.id}`, owner).opened()).message('stage')
    await end(stage)
  })

  it.each([
    ['PATCH', { role: 'viewer' }],
    ['DELETE', undefined],
  ] as const)('ends with its host’s role: %s', async (method, body) => {
    const name = `host-${method.toLowerCase()}`
    await server.call('POST', '/api/v1/users', { name, role: 'operator', password: PASSWORD })
    cookies[name] = await server.signIn(name, PASSWORD)
    const stage = (await api('POST', '', {}, name)).body as Stage
    const socket = await phone(stage.code)
    await placed(socket)
    await server.call(method, `/api/v1/users/${name}`, body)
    await endedWith(socket, 'stage.ended')
  })

  it('writes down what its host did, but not where the spotlight went, and tells the log no code and no key', async () => {
    const stage = await open()
    const on = await placed(await phone(stage.code))
    for (const spotlight of [on.camera, null]) expect((await api('PATCH', `/${stage.id}`, { spotlight })).body).toMatchObject({ spotlight })
    await api('PATCH', `/${stage.id}`, { locked: true })
    await end(stage)
    const { body } = await server.call('GET', '/api/v1/audit')
    const about = (body as { entries: { what: string; subject?: string }[] }).entries.filter(({ subject }) => subject?.includes(stage.id))
    // Who has a stage is answered that one: it may have been opened before.
    expect(about.slice(0, 3).map(({ what }) => what)).toEqual(['porthole.stage.close', 'porthole.stage.update', 'porthole.stage.open'])
    const log = JSON.stringify(server.lines)
    for (const secret of [stage.code, on.key, on.resume]) expect(log).not.toContain(secret)
  })

  it('leaves nothing in the database, even of a server that is killed', async () => {
    const stage = await open()
    const on = await placed(await phone(stage.code))
    await publish(on)
    const database = await openDatabase(data)
    try {
      for (const table of ['camera', 'key', 'grant'] as const) expect(await database.selectFrom(table).selectAll().execute()).toEqual([])
    } finally {
      await database.destroy()
    }
    await end(stage)
  })
})

// Last: these addresses have to wait a minute.
it('wrong codes are refused, and too many of them wait, the right one with them', async () => {
  const stage = await open()
  for (let i = 0; i < 10; i++) await endedWith(await phone(i % 2 ? 'ABCDEF' : 'no-code'), 'stage.code')
  await endedWith(await phone(stage.code), 'request.rate')
  await end(stage)
})
