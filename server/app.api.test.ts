import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IN_MEMORY, openDatabase } from './store/database.ts'
import { TestEvents } from './testing/events.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

const source = { kind: 'browser' }
let server: TestServer
let data: string
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'porthole-api-'))
  server = await startTestServer({ data })
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.call(method, `/api/v1${path}`, body, headers)
const create = (id: string, headers: Record<string, string> = {}) => api('POST', '/cameras', { id, name: id, source }, headers)
const codeOf = ({ status, body }: { status: number; body: never }) => [status, (body as { code?: string }).code]

describe('a list', () => {
  beforeAll(async () => {
    for (let i = 0; i < 7; i++) await create(`page-${i}`)
  })

  it('comes in pages, each of which names the next, whatever goes meanwhile', async () => {
    const seen: string[] = []
    let path = '/cameras?limit=3'
    for (let pages = 0; pages < 10; pages++) {
      const { body, headers } = await api('GET', path)
      const { cameras, next } = body as { cameras: { id: string }[]; next: string | null }
      seen.push(...cameras.map(({ id }) => id))
      // What the page ended with is gone: those after it are still found.
      if (pages === 0) await api('DELETE', '/cameras/page-2')
      if (next === null) {
        expect(headers.get('link')).toBeNull()
        break
      }
      expect(cameras).toHaveLength(3)
      const [, link] = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? []
      path = `/cameras${link}`
      expect(new URLSearchParams(link?.slice(1)).get('cursor')).toBe(next)
    }
    expect(seen).toEqual(Array.from({ length: 7 }, (_, i) => `page-${i}`))
  })

  it('says so when a cursor is none', async () => {
    for (const cursor of ['x', 'W10', 'eyJhIjoxfQ', Buffer.from('[null]').toString('base64url')])
      expect(codeOf(await api('GET', `/cameras?cursor=${cursor}`))).toEqual([400, 'request.invalid'])
    expect(codeOf(await api('GET', `/audit?cursor=${Buffer.from('["a"]').toString('base64url')}`))).toEqual([400, 'request.invalid'])
    expect(codeOf(await api('GET', '/cameras?limit=1001'))).toEqual([400, 'request.invalid'])
    expect(codeOf(await api('GET', '/cameras?page=2'))).toEqual([400, 'request.invalid'])
  })

  it('of rows comes in pages too, the newest first', async () => {
    const { body } = await api('GET', '/audit?limit=2')
    const { entries, next } = body as { entries: { id: number }[]; next: string }
    const { entries: older } = (await api('GET', `/audit?limit=2&cursor=${next}`)).body as { entries: { id: number }[] }
    const ids = [...entries, ...older].map(({ id }) => id)
    expect(ids).toHaveLength(4)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a))
  })
})

describe('a tag', () => {
  it('is of what is there, and saves who knows it the answer', async () => {
    const made = await create('tag')
    const { headers } = await api('GET', '/cameras/tag')
    expect(headers.get('etag')).toMatch(/^"[\w-]{16}"$/)
    expect(made.headers.get('etag')).toBe(headers.get('etag'))
    expect(made.headers.get('location')).toBe('/api/v1/cameras/tag')
    for (const known of [headers.get('etag') as string, `W/${headers.get('etag')}`, '"other", *'])
      expect((await api('GET', '/cameras/tag', undefined, { 'if-none-match': known })).status).toBe(304)
    const changed = await api('PATCH', '/cameras/tag', { name: 'Other' })
    expect(changed.headers.get('etag')).not.toBe(headers.get('etag'))
    expect((await api('GET', '/cameras/tag', undefined, { 'if-none-match': headers.get('etag') as string })).status).toBe(200)
    expect((await api('GET', '/cameras/tag')).headers.get('etag')).toBe(changed.headers.get('etag'))
  })

  it('is a condition for changes: of two who read the same, one is told', async () => {
    await create('both')
    const tag = (await api('GET', '/cameras/both')).headers.get('etag') as string
    const answers = await Promise.all(['One', 'Two', 'Three'].map((name) => api('PATCH', '/cameras/both', { name }, { 'if-match': tag })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    expect(codeOf(await api('DELETE', '/cameras/both', undefined, { 'if-match': tag }))).toEqual([412, 'request.changed'])
    expect(codeOf(await api('DELETE', '/cameras/both', undefined, { 'if-match': 'nonsense' }))).toEqual([400, 'request.invalid'])
    // A weak tag never matches strongly.
    const now = (await api('GET', '/cameras/both')).headers.get('etag') as string
    expect((await api('PATCH', '/cameras/both', { name: 'x' }, { 'if-match': `W/${now}` })).status).toBe(412)
    expect((await api('PATCH', '/cameras/both', { name: 'x' }, { 'if-match': `"other", ${now}` })).status).toBe(200)
    expect((await api('DELETE', '/cameras/both', undefined, { 'if-match': '*' })).status).toBe(200)
    expect((await api('PATCH', '/cameras/both', { name: 'x' }, { 'if-match': '*' })).status).toBe(410)
  })

  it('is refused where there is none', async () => {
    for (const [method, path, body] of [
      ['PUT', '/cameras/tag/grants/tess', {}],
      ['POST', '/cameras/tag/keys', {}],
    ] as const)
      expect(codeOf(await api(method, path, body, { 'if-match': '"x"' })), path).toEqual([400, 'request.invalid'])
  })

  it('holds for users, shares and stages, and not for what moves by itself', async () => {
    await create('shown')
    const places = [
      (await api('POST', '/users', { name: 'tess', role: 'viewer' })).headers.get('location'),
      (await api('POST', '/shares', { camera: 'shown' })).headers.get('location'),
      (await api('POST', '/stages', {})).headers.get('location'),
    ] as string[]
    const changes = [{ role: 'operator' }, { label: 'Door' }, { locked: true }]
    for (const [i, place] of places.entries()) {
      const read = await server.call('GET', place)
      expect(read.status, place).toBe(200)
      const tag = read.headers.get('etag') as string
      expect((await server.call('PATCH', place, changes[i], { 'if-match': '"old"' })).status).toBe(412)
      expect((await server.call('PATCH', place, changes[i], { 'if-match': tag })).status, place).toBe(200)
      expect((await server.call('PATCH', place, changes[i], { 'if-match': tag })).status).toBe(412)
    }
    const share = places[1] as string
    const before = (await server.call('GET', share)).headers.get('etag') as string
    const { token } = (await server.call('GET', share)).body as { token: string }
    const visitor = server.socket(`/ws/share/${token}`, {})
    await visitor.opened()
    visitor.say({ type: 'enter' })
    await expect.poll(async () => ((await server.call('GET', share)).body as { views: number }).views).toBe(1)
    const after = await server.call('GET', share, undefined, { 'if-none-match': before })
    // Its counts moved: it is answered, and its tag is the same.
    expect([after.status, after.headers.get('etag')]).toEqual([200, before])
    visitor.ws.close()
    await server.call('DELETE', places[2] as string)
  })
})

describe('return=minimal', () => {
  it('leaves the answer out, but never what is told once', async () => {
    const prefer = { prefer: 'respond-async, return=minimal' }
    const made = await create('minimal', prefer)
    expect([made.status, made.body, made.headers.get('location')]).toEqual([201, '', '/api/v1/cameras/minimal'])
    expect(made.headers.get('preference-applied')).toBe('return=minimal')
    const changed = await api('PATCH', '/cameras/minimal', { name: 'x' }, prefer)
    expect([changed.status, changed.body]).toEqual([204, ''])
    expect(changed.headers.get('etag')).toBe((await api('GET', '/cameras/minimal')).headers.get('etag'))
    const key = await api('POST', '/cameras/minimal/keys', {}, prefer)
    expect([key.status, (key.body as { key: string }).key]).toEqual([201, expect.stringMatching(/^ph_/)])
  })
})

describe('Idempotency-Key', () => {
  it('has one thing made, however often it is asked for, also at once', async () => {
    const key = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' }
    const body = { name: 'Once', source }
    const first = await api('POST', '/cameras', body, key)
    const again = await api('POST', '/cameras', body, { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' })
    expect([again.status, again.body, again.headers.get('location')]).toEqual([201, first.body, first.headers.get('location')])
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    // A password's hash takes its time: the others come while it is made.
    const user = { name: 'once', role: 'viewer', password: PASSWORD }
    const many = await Promise.all(Array.from({ length: 5 }, () => api('POST', '/users', user, { 'idempotency-key': 'a' })))
    expect(many.filter(({ status }) => status === 201)).toHaveLength(1)
    const running = many.filter(({ status }) => status !== 201)
    expect(running.map((answer) => [...codeOf(answer), answer.headers.get('retry-after')])).toEqual(
      Array(4).fill([409, 'request.running', '1']),
    )
    expect((await api('POST', '/users', user, { 'idempotency-key': 'a' })).status).toBe(201)
  })

  it('is of one request and one user, and of none that failed', async () => {
    const key = { 'idempotency-key': 'b' }
    expect(codeOf(await create('page-0', key))).toEqual([409, 'camera.exists'])
    expect((await create('late', key)).status).toBe(201)
    expect(codeOf(await create('other', key))).toEqual([422, 'request.reused'])
    await api('POST', '/users', { name: 'uma', role: 'operator', password: PASSWORD })
    const cookie = await server.signIn('uma', PASSWORD)
    expect((await create('umas', { ...key, cookie })).status).toBe(201)
    for (const bad of ['', ' ', 'x'.repeat(256)])
      expect(codeOf(await create('bad', { 'idempotency-key': bad })), JSON.stringify(bad)).toEqual([400, 'request.invalid'])
  })

  it('answers no key of a user what another, or a session, was told', async () => {
    const { key: viewing } = (await api('POST', '/keys', { name: 'v', role: 'viewer' })).body as { key: string }
    const word = { 'idempotency-key': '1' }
    const made = await api('POST', '/keys', { name: 'ci' }, word)
    expect(made.status).toBe(201)
    const asked = await api('POST', '/keys', { name: 'ci' }, { ...word, cookie: '', authorization: `Bearer ${viewing}` })
    expect(codeOf(asked)).toEqual([403, 'auth.role'])
  })

  it('goes with its user: the next of that name is somebody else', async () => {
    const user = { name: 'zoe', role: 'operator', password: PASSWORD }
    const makeIt = async () => {
      await api('POST', '/users', user)
      const cookie = await server.signIn('zoe', PASSWORD)
      return api('POST', '/cameras', { name: 'Zoe', source }, { 'idempotency-key': 'z', cookie })
    }
    const first = await makeIt()
    await api('DELETE', '/users/zoe')
    const second = await makeIt()
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 201, null])
    expect((second.body as { id: string }).id).not.toBe((first.body as { id: string }).id)
  })

  it('is answered the same by the next process, secrets too; what was cut off is said to be', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'porthole-once-'))
    const key = { 'idempotency-key': 'c' }
    const start = () => startTestServer({ data: folder })
    let other = await start()
    await other.call('POST', '/api/v1/cameras', { id: 'door', name: 'Door', source })
    const made = await other.call('POST', '/api/v1/cameras/door/keys', {}, key)
    await other.close()
    const database = await openDatabase(folder)
    const row = await database.selectFrom('once').selectAll().executeTakeFirstOrThrow()
    expect(Buffer.from(row.answer as Buffer).toString('latin1')).not.toContain((made.body as { key: string }).key)
    await database.destroy()
    other = await start()
    expect((await other.call('POST', '/api/v1/cameras/door/keys', {}, key)).body).toEqual(made.body)
    await other.close()
    // As a process leaves it that is killed between making and answering.
    const cut = await openDatabase(folder)
    await cut.updateTable('once').set({ answer: null }).execute()
    await cut.destroy()
    other = await start()
    expect(codeOf(await other.call('POST', '/api/v1/cameras/door/keys', {}, key))).toEqual([409, 'request.cut-off'])
    await other.close()
    rmSync(folder, { recursive: true })
  })
})

describe('events', () => {
  const stream = (query = '', headers: Record<string, string> = {}) =>
    TestEvents.open(`${server.url}/api/v1/events${query}`, { cookie: server.cookie, ...headers })
  const names = (from: TestEvents) =>
    from.of('event').flatMap(({ kind, payload }) => (kind === 'camera.changed' ? [(payload as { name: string }).name] : []))
  const rename = (id: string, name: string) => api('PATCH', `/cameras/${id}`, { name })

  it('are a stream that is gone on with by Last-Event-ID', async () => {
    await create('told')
    const first = await stream('?camera=told')
    await expect.poll(() => first.of('snapshot').length).toBe(1)
    expect(first.of('snapshot')[0]).toMatchObject({ cameras: [{ id: 'told' }], status: [{ id: 'told', state: 'offline' }] })
    await rename('told', 'One')
    await expect.poll(() => names(first)).toEqual(['One'])
    first.close()
    await rename('told', 'Two')
    await rename('page-0', 'Elsewhere')
    await rename('told', 'Three')
    const second = await stream('?camera=told&after=0', { 'last-event-id': first.last as string })
    await expect.poll(() => second.of('snapshot').length).toBe(1)
    expect(names(second)).toEqual(['Two', 'Three'])
    expect(second.events.map(({ data }) => data.type)).toEqual(['event', 'event', 'snapshot'])
    await rename('told', 'Four')
    await expect.poll(() => names(second)).toEqual(['Two', 'Three', 'Four'])
    second.close()
  })

  it('are a socket that is gone on with by `after`', async () => {
    await create('heard')
    const { last } = await server.socket('/ws/events').message('snapshot')
    await rename('heard', 'One')
    const socket = server.socket(`/ws/events?after=${last}&kind=camera.changed,camera.removed`)
    expect(await socket.message('snapshot')).toMatchObject({ last: (last as number) + 1 })
    await api('DELETE', '/cameras/heard')
    await socket.until(() => socket.texts.length === 3)
    expect(socket.texts.map(({ type, kind, id }) => [type, kind, id])).toEqual([
      ['event', 'camera.changed', (last as number) + 1],
      ['snapshot', undefined, undefined],
      ['event', 'camera.removed', (last as number) + 2],
    ])
    socket.ws.close()
  })

  it('end when the leave to hear them ends', async () => {
    await api('POST', '/users', { name: 'vera', role: 'viewer', password: PASSWORD })
    const cookie = await server.signIn('vera', PASSWORD)
    const open = await stream('', { cookie })
    await expect.poll(() => open.of('snapshot').length).toBe(1)
    await api('DELETE', '/users/vera')
    await expect.poll(() => open.ended).toBe(true)
  })

  it('refuse what they cannot answer', async () => {
    for (const [query, headers, error] of [
      ['?camera=nobody', {}, '404'],
      ['?kind=camera.nothing', {}, '400'],
      ['?after=-1', {}, '400'],
      ['?since=1', {}, '400'],
      ['', { 'last-event-id': 'x' }, '400'],
      ['', { cookie: '' }, '401'],
    ] as const)
      await expect(stream(query, headers), query).rejects.toThrow(error)
    const both = server.socket('/ws/events?camera=page-0&camera=page-1')
    expect(await both.message('snapshot')).toMatchObject({ cameras: [{ id: 'page-0' }, { id: 'page-1' }] })
    both.ws.close()
    const socket = server.socket('/ws/events?camera=nobody')
    expect(await socket.ended()).toMatchObject({ code: 4430 })
    const odd = server.socket('/ws/events?after=x')
    await odd.until(() => odd.refused)
    expect(odd.refused).toBe(400)
  })

  it('are listed: of a camera, of a time, deleted or not', async () => {
    const from = new Date().toISOString()
    await create('history')
    await rename('history', 'One')
    await api('DELETE', '/cameras/history')
    const list = async (query = '') =>
      ((await api('GET', `/cameras/history/events${query}`)).body as { events: { kind: string }[] }).events.map(({ kind }) => kind)
    expect(await list()).toEqual(['camera.created', 'camera.changed', 'camera.removed'])
    expect(await list('?kind=camera.removed')).toEqual(['camera.removed'])
    expect(await list(`?from=${from}&to=2999-01-01T00:00:00Z`)).toHaveLength(3)
    expect(await list(`?to=${from}`)).toEqual([])
    const { body } = await api('GET', '/events/log?camera=history&limit=2')
    const { next } = body as { next: string }
    const { body: rest } = await api('GET', `/events/log?camera=history&cursor=${next}`)
    expect(rest).toMatchObject({ events: [{ kind: 'camera.removed', topic: 'porthole.camera.history.removed' }], next: null })
    for (const bad of ['?from=yesterday', '?from=2026-99-99T00:00:00Z'])
      expect(codeOf(await api('GET', `/cameras/history/events${bad}`))).toEqual([400, 'request.invalid'])
  })
})

it('nothing of a phone on a stage is kept', async () => {
  const memory = await startTestServer({ data: IN_MEMORY })
  const { code } = (await memory.call('POST', '/api/v1/stages', {})).body as { code: string }
  const feed = memory.socket('/ws/events')
  await feed.message('snapshot')
  const phone = memory.socket(`/ws/join/${code}`, {})
  await phone.opened()
  phone.say({ type: 'join', name: 'Bo' })
  await feed.until(() => feed.texts.some(({ kind }) => kind === 'camera.created'))
  phone.say({ type: 'leave' })
  await feed.until(() => feed.texts.some(({ kind }) => kind === 'camera.removed'))
  expect(feed.texts.filter(({ type, id }) => type === 'event' && id !== undefined)).toEqual([])
  expect((await memory.call('GET', '/api/v1/events/log')).body).toEqual({ events: [], next: null })
  await memory.close()
})
