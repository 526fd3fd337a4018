import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SettingsDocument, SettingsOutcome } from '../shared/model/settings.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

const source = { kind: 'browser' } as const
let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer({ file: { webhooks: { allow: ['127.0.0.1'] } } })
  other = await startTestServer({ file: { webhooks: { allow: ['127.0.0.1'] } } })
})
afterAll(async () => {
  await server.close()
  await other.close()
})

const exported = async (from: TestServer) => (await from.call('GET', '/api/v1/settings')).body as SettingsDocument
const look = (into: TestServer, document: unknown, plan?: string) =>
  into.call('POST', '/api/v1/settings/import', { document, ...(plan !== undefined && { plan }) })
const outcomeOf = async (into: TestServer, document: unknown, plan?: string) => (await look(into, document, plan)).body as SettingsOutcome
const brief = ({ changes }: SettingsOutcome) => changes.map(({ kind, id, action }) => `${action} ${kind} ${id}`)

describe('settings', () => {
  it('go from one server to another, without secrets, after a look at what would change', async () => {
    await server.call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: PASSWORD })
    await server.call('POST', '/api/v1/users', { name: 'bo', role: 'viewer' })
    await server.call('POST', '/api/v1/cameras', { id: 'door', name: 'Door', source })
    await server.call('POST', '/api/v1/cameras', { id: 'day', name: 'Day', source: { kind: 'upload' }, expiresIn: 86_400 })
    await server.call('PUT', '/api/v1/cameras/door/grants/bo', {})
    const { secret } = (await server.call('POST', '/api/v1/webhooks', { url: 'http://127.0.0.1:9/', kinds: ['camera.status'] })).body as {
      secret: string
    }
    const { key } = (await server.call('POST', '/api/v1/cameras/door/keys', {})).body as { key: string }
    const { token } = (await server.call('POST', '/api/v1/shares', { camera: 'door', passcode: 'very secret' })).body as { token: string }
    const document = await exported(server)
    for (const hidden of [secret.slice(6), key, token, 'very secret', PASSWORD, 'argon2'])
      expect(JSON.stringify(document)).not.toContain(hidden)

    const planned = await outcomeOf(other, document)
    expect(planned).toMatchObject({ applied: false, unchanged: 1 })
    const webhook = document.webhooks?.[0]?.id
    const expected = [
      'create user ada',
      'create user bo',
      'create camera day',
      'create camera door',
      'create grant door bo',
      `create webhook ${webhook}`,
    ]
    expect(brief(planned).sort()).toEqual(expected.sort())
    // Nothing was done.
    expect(((await exported(other)) as SettingsDocument).cameras).toEqual([])
    expect(await outcomeOf(other, document, planned.plan)).toMatchObject({ applied: true, plan: planned.plan })
    const there = await exported(other)
    expect({ ...there, exportedAt: '' }).toEqual({
      ...document,
      exportedAt: '',
      webhooks: document.webhooks?.map((entry) => ({ ...entry, active: false })),
    })
    expect((await other.call('GET', '/api/v1/users')).body).toMatchObject({ users: [{ name: 'ada', hasPassword: false }, {}, {}] })
    // It is so already; that the webhook is off stays so, whatever the document says.
    expect(await outcomeOf(other, document)).toMatchObject({ changes: [], unchanged: 7 })
  })

  it('are not changed by a plan that is not the one that was looked at', async () => {
    const document = { porthole: 1, cameras: [{ id: 'new', name: 'New', owner: 'owner', source }] }
    const { plan } = await outcomeOf(other, document)
    await other.call('POST', '/api/v1/cameras', { id: 'new', name: 'Somebody else was faster', source })
    expect(await look(other, document, plan)).toMatchObject({ status: 409, body: { code: 'settings.plan' } })
    expect(await look(other, document, 'guessed')).toMatchObject({ status: 409 })
    const again = await outcomeOf(other, document)
    expect(again.changes).toMatchObject([{ action: 'update', detail: 'name: Somebody else was faster → New' }])
    expect(await outcomeOf(other, document, again.plan)).toMatchObject({ applied: true })
    expect((await other.call('GET', '/api/v1/cameras/new')).body).toMatchObject({ name: 'New' })
  })

  it('take a plan for its own document alone', async () => {
    const document = (expiresAt: string | null) => ({
      porthole: 1,
      cameras: [{ id: 'planned', name: 'x', owner: 'owner', source, expiresAt }],
    })
    const { plan } = await outcomeOf(other, document(null))
    expect(await look(other, document('2999-01-01T00:00:00Z'), plan)).toMatchObject({ status: 409, body: { code: 'settings.plan' } })
  })

  it('make two change places, of whom one was the last owner; what the old owner of a camera has open ends', async () => {
    const third = await startTestServer()
    await third.call('POST', '/api/v1/users', { name: 'ada', role: 'operator', password: PASSWORD })
    const cookie = await third.signIn('ada', PASSWORD)
    await third.call('POST', '/api/v1/cameras', { id: 'hers', name: 'Hers', source }, { cookie })
    const viewer = third.socket('/ws/live/hers', { cookie })
    await viewer.message('state')
    const camera = { id: 'hers', name: 'Hers', owner: 'owner', source }
    const document = { porthole: 1, users: [{ name: 'ada', role: 'operator' }], cameras: [camera] }
    await outcomeOf(third, document, (await outcomeOf(third, document)).plan)
    expect(await viewer.ended()).toMatchObject({ code: 4407 })
    const swap = {
      porthole: 1,
      users: [
        { name: 'owner', role: 'operator' },
        { name: 'ada', role: 'owner' },
      ],
    }
    const { changes } = await outcomeOf(third, swap, (await outcomeOf(third, swap)).plan)
    expect(changes.map(({ id, failed }) => [id, failed])).toEqual([
      ['ada', undefined],
      ['owner', undefined],
    ])
    await third.close()
  })

  it('say what conflicts, and do the rest', async () => {
    await other.call('POST', '/api/v1/cameras', { id: 'gone', name: 'Gone', source })
    await other.call('DELETE', '/api/v1/cameras/gone')
    const camera = (id: string, change = {}) => ({ id, name: id, owner: 'owner', source, ...change })
    const document = {
      porthole: 1,
      users: [{ name: 'owner', role: 'viewer' }],
      cameras: [
        camera('gone'),
        camera('late', { expiresAt: '2001-01-01T00:00:00Z' }),
        camera('orphan', { owner: 'nobody' }),
        camera('new', { source: { kind: 'upload' } }),
        camera('fine', { grants: ['nobody'] }),
      ],
      webhooks: [
        { id: 'aa', url: 'http://10.0.0.1/', user: 'owner', cameras: null, kinds: null, active: true },
        { id: 'bb', url: 'http://127.0.0.1/', user: 'owner', cameras: null, kinds: ['camera.nothing'], active: true },
      ],
    }
    const { changes, plan } = await outcomeOf(other, document)
    expect(changes.map(({ id, action, detail }) => [id, action, detail])).toEqual([
      ['owner', 'conflict', 'is the last owner'],
      ['gone', 'conflict', expect.stringContaining('never used again')],
      ['late', 'conflict', 'has expired'],
      ['orphan', 'conflict', 'there is no user nobody'],
      ['new', 'conflict', 'is fed by browser, not by upload'],
      ['fine', 'create', 'fine (browser), of owner'],
      ['fine nobody', 'conflict', 'there is no user nobody'],
      ['aa', 'conflict', expect.stringContaining('internal address')],
      ['bb', 'conflict', 'there is no kind camera.nothing'],
    ])
    expect((await outcomeOf(other, document, plan)).applied).toBe(true)
    expect((await other.call('GET', '/api/v1/cameras/fine')).status).toBe(200)
    expect((await other.call('GET', '/api/v1/session')).body).toMatchObject({ session: { role: 'owner' } })
  })

  it('tell how they go on to who accepts it', async () => {
    const document = { porthole: 1, cameras: ['p1', 'p2', 'p3'].map((id) => ({ id, name: id, owner: 'owner', source })) }
    const { plan } = await outcomeOf(other, document)
    const ask = async (body: object) => {
      const answer = await other.call('POST', '/api/v1/settings/import', body, { accept: 'text/event-stream' })
      expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      return (answer.body as string).trim().split('\n\n')
    }
    expect((await ask({ document, plan })).map((event) => event.split('\n')[0])).toEqual([
      ...Array(3).fill('event: progress'),
      'event: result',
    ])
    expect((await ask({ document, plan: 'old' })).at(-1)).toMatch(/^event: error\ndata: .*"settings\.plan"/)
  })

  it('leave others their turn while they are imported', async () => {
    const cameras = Array.from({ length: 200 }, (_, i) => ({ id: `many-${i}`, name: 'x', owner: 'owner', source }))
    const { plan } = await outcomeOf(other, { porthole: 1, cameras })
    let turns = 0
    const turn = () => {
      turns++
      waiting = setImmediate(turn)
    }
    let waiting = setImmediate(turn)
    await look(other, { porthole: 1, cameras }, plan)
    clearImmediate(waiting)
    expect(turns).toBeGreaterThan(cameras.length)
  })

  it('are refused when they are none', async () => {
    for (const bad of [
      {},
      { porthole: 2 },
      { porthole: 1, camera: [] },
      { porthole: 1, cameras: [{ id: 'A', name: 'x', owner: 'owner', source }] },
      { porthole: 1, cameras: [{ id: 'x', name: 'x', owner: 'owner', source: { kind: 'magic' } }] },
      { porthole: 1, users: [{ name: 'x', role: 'owner', password: 'hidden' }] },
      { porthole: 1, users: Array(2).fill({ name: 'x', role: 'owner' }) },
    ])
      expect(await look(other, bad), JSON.stringify(bad)).toMatchObject({ status: 400, body: { code: 'request.invalid' } })
    expect(await look(other, { porthole: 1, cameras: [], x: 'x'.repeat(9_000_000) })).toMatchObject({ status: 413 })
  })

  it('are for owners, and changed by no key', async () => {
    const { key } = (await other.call('POST', '/api/v1/keys', { name: 'x' })).body as { key: string }
    const headers = { cookie: '', authorization: `Bearer ${key}` }
    expect((await other.call('GET', '/api/v1/settings', undefined, headers)).status).toBe(200)
    expect((await other.call('POST', '/api/v1/settings/import', { document: { porthole: 1 } }, headers)).body).toMatchObject({
      code: 'auth.role',
    })
  })
})
