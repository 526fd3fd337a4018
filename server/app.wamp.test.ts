import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { procedures } from '../shared/contract/index.ts'
import type { Dict } from '../shared/wamp/messages.ts'
import * as M from '../shared/wamp/messages.ts'
import type { SerializerName } from '../shared/wamp/serializer.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'
import { BARE_ROLES, rawSocketWire, TestPeer, webSocketWire } from './testing/wamp.ts'

const SERIALIZERS: readonly SerializerName[] = ['json', 'msgpack', 'cbor']
const PUBLIC = 'cameras.example'
const realm = 'porthole'

let server: TestServer
let data: string
const peers: TestPeer[] = []
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'porthole-wamp-'))
  server = await startTestServer({ data })
})
afterEach(() => {
  for (const peer of peers.splice(0)) peer.cut()
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true })
})

async function socket(headers: Record<string, string> = {}, serializer: SerializerName = 'json'): Promise<TestPeer> {
  const peer = new TestPeer(await webSocketWire(server.url, serializer, headers))
  peers.push(peer)
  return peer
}
const owner = async (serializer?: SerializerName) => (await socket({ cookie: server.cookie }, serializer)).join({ realm })

async function refused(peer: TestPeer, to: string, details: Dict = {}) {
  peer.send(M.HELLO, to, { roles: BARE_ROLES, ...details })
  const [, , reason] = await peer.hear(M.ABORT)
  await peer.closed()
  return reason
}

describe('realm1', () => {
  it('lets who is on this machine do everything, and has nothing of the cameras', async () => {
    const [a, b] = [await (await socket()).join({ realm: 'realm1' }), await (await socket()).join({ realm: 'realm1' })]
    expect(a.welcome).toMatchObject({ authrole: 'anonymous', authmethod: 'anonymous' })
    await b.subscribe('', { match: 'prefix' })
    await a.publish('com.example.topic', ['hello'])
    expect((await b.hear(M.EVENT, ([, , , details]) => (details as Dict).topic === 'com.example.topic'))[4]).toEqual(['hello'])
    expect(await a.result('wamp.session.count')).toBe(2)
    expect((await a.ask(M.CALL, {}, 'porthole.camera.list'))[4]).toBe('wamp.error.no_such_procedure')
    await server.call('POST', '/api/v1/cameras', { id: 'unseen', name: 'Unseen', source: { kind: 'browser' } })
    await a.publish('com.example.end')
    const topics = (await b.rest(M.EVENT)).map(([, , , details]) => (details as Dict).topic as string)
    expect(topics.filter((topic) => topic.startsWith('porthole.'))).toEqual([])
    expect(topics).toContain('com.example.end')
  })

  it.each<[string, Record<string, string>]>([
    ['who comes through a proxy', { 'x-forwarded-for': '127.0.0.1' }],
    ['who comes through another proxy', { forwarded: 'for=127.0.0.1' }],
    ['who comes through a tunnel', { 'cf-connecting-ip': '127.0.0.1' }],
  ])('is not there for %s', async (_, headers) => {
    expect(await refused(await socket(headers), 'realm1')).toBe('wamp.error.no_such_realm')
    expect(await refused(await socket(headers), 'nowhere')).toBe('wamp.error.no_such_realm')
  })

  it('is not there where a proxy may stand before the server and say nothing', async () => {
    const named = await startTestServer({ args: ['--public-url', `http://${PUBLIC}`] })
    for (const headers of [{}, { host: PUBLIC }]) {
      const peer = new TestPeer(await webSocketWire(named.url, 'json', headers))
      expect(await refused(peer, 'realm1')).toBe('wamp.error.no_such_realm')
    }
    await named.close()
  })

  it('is there over RawSocket, in the clear and in TLS, on the same port', async () => {
    const { port } = server.app.address
    const secure = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
    await once(secure, 'secureConnect')
    for (const to of [connect(port, '127.0.0.1'), secure]) {
      const peer = new TestPeer(await rawSocketWire(to, 'msgpack'))
      peers.push(peer)
      await peer.join({ realm: 'realm1' })
      await peer.subscribe('com.example.topic')
      await peer.publish('com.example.topic', ['x'.repeat(100_000)], undefined, { exclude_me: false })
      await peer.hear(M.EVENT)
    }
  })

  it('there is RawSocket to the realm of users, too', async () => {
    const peer = new TestPeer(await rawSocketWire(server.app.address.port, 'cbor'))
    peers.push(peer)
    await peer.join({ realm, authid: 'owner', ticket: PASSWORD })
    expect(await peer.result('porthole.session.get')).toMatchObject({ session: { user: 'owner', role: 'owner' } })
  })
})

describe('the contract', () => {
  it('has each of its procedures', async () => {
    const peer = await owner()
    for (const name of Object.keys(procedures)) {
      // What no input has: each refuses it, and none does anything.
      const [, , , , error, , kwargs] = await peer.ask(M.CALL, {}, name, [{ '': 'no field' }])
      expect([name, error, (kwargs as Dict | undefined)?.code]).toEqual([name, 'porthole.error.request.invalid', 'request.invalid'])
    }
    expect((await peer.ask(M.CALL, {}, 'porthole.camera.dance'))[4]).toBe('wamp.error.no_such_procedure')
  })

  it.each(SERIALIZERS)('over %s answers what REST answers', async (serializer) => {
    const peer = await owner(serializer)
    const id = `door-${serializer}`
    const input = { id, name: 'Door', source: { kind: 'browser' } }
    const made = await peer.call('porthole.camera.create', [], input)
    const { body } = await server.call('GET', `/api/v1/cameras/${id}`)
    expect(made).toStrictEqual([[body]])
    expect(await peer.call('porthole.camera.get', [{ id }]), 'as one dictionary').toStrictEqual([[body]])
    for (const [name, path] of [
      ['porthole.camera.list', '/cameras'],
      ['porthole.user.list', '/users'],
      ['porthole.key.list', '/keys'],
      ['porthole.share.list', '/shares'],
      ['porthole.webhook.list', '/webhooks'],
    ] as const)
      expect(await peer.call(name), name).toStrictEqual([[(await server.call('GET', `/api/v1${path}`)).body]])
    expect(await peer.call('porthole.grant.delete', [], { id, user: 'owner' }), 'nothing is nothing').toEqual([])
  })

  it.each<[string, unknown[], Dict | undefined, string]>([
    ['a field that is missing', [], { name: 'x' }, 'porthole.error.request.invalid'],
    ['a field of another kind', [], { id: 7 }, 'porthole.error.request.invalid'],
    ['a field that is none', [], { id: 'unseen', color: 'red' }, 'porthole.error.request.invalid'],
    ['two dictionaries', [{}, {}], undefined, 'porthole.error.request.invalid'],
    ['both ways at once', [{ id: 'unseen' }], { id: 'unseen' }, 'porthole.error.request.invalid'],
    ['no dictionary', ['unseen'], undefined, 'porthole.error.request.invalid'],
    ['a camera that is not there', [], { id: 'nobody' }, 'porthole.error.camera.unknown'],
  ])('%s is an error', async (_, args, kwargs, error) => {
    const answer = await (await owner()).ask(M.CALL, {}, 'porthole.camera.get', ...(kwargs ? [args, kwargs] : [args]))
    expect(answer[4]).toBe(error)
    expect((answer[5] as string[])[0]).toMatch(/\w/)
  })

  it('values that JSON does not have are an error of the caller’s', async () => {
    const peer = await owner('cbor')
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, Uint8Array.of(1), null])
      for (const kwargs of [{ id: odd }, { name: odd, source: { kind: odd } }, { limit: odd }])
        for (const name of ['porthole.camera.get', 'porthole.camera.create', 'porthole.camera.list'])
          expect((await peer.ask(M.CALL, {}, name, [], kwargs))[4]).toBe('porthole.error.request.invalid')
  })

  it('a picture is bytes, or why there is none', async () => {
    const peer = await owner('cbor')
    await server.call('POST', '/api/v1/cameras', { id: 'pictures', name: 'P', source: { kind: 'upload' } })
    expect((await peer.ask(M.CALL, {}, 'porthole.camera.picture', [], { id: 'pictures' }))[4]).toBe('porthole.error.camera.offline')
    expect((await peer.ask(M.CALL, {}, 'porthole.camera.picture', [], { id: 'nobody' }))[4]).toBe('porthole.error.camera.unknown')
    expect((await peer.ask(M.CALL, {}, 'porthole.camera.picture', [], {}))[4]).toBe('porthole.error.request.invalid')
  })

  it('tells its topics, with their number and time', async () => {
    const peer = await owner()
    await peer.subscribe('porthole.camera.', { match: 'prefix' })
    await server.call('POST', '/api/v1/cameras', { id: 'told', name: 'Told', source: { kind: 'browser' } })
    const [, , , details, args] = await peer.hear(M.EVENT)
    expect(details).toEqual({
      topic: 'porthole.camera.told.created',
      _event_id: expect.any(Number),
      _event_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(args).toMatchObject([{ id: 'told', name: 'Told' }])
    await server.call('DELETE', '/api/v1/cameras/told')
    await peer.hear(M.EVENT, ([, , , said]) => (said as Dict).topic === 'porthole.camera.told.removed')
  })
})

it('counts sessions by realm', async () => {
  await owner()
  const metrics = async () => String((await server.call('GET', '/metrics')).body)
  await expect.poll(metrics).toContain('porthole_wamp_sessions{realm="porthole"} 1')
  expect(await metrics()).toContain('porthole_wamp_sessions{realm="realm1"} 0')
})

it('says goodbye when it closes', async () => {
  const other = await startTestServer()
  const peer = new TestPeer(await webSocketWire(other.url, 'json', { cookie: other.cookie }))
  const raw = new TestPeer(await rawSocketWire(other.app.address.port, 'json'))
  await Promise.all([peer.join({ realm }), raw.join({ realm: 'realm1' })])
  const closing = other.close()
  for (const each of [peer, raw]) {
    expect((await each.hear(M.GOODBYE))[2]).toBe('wamp.close.system_shutdown')
    each.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
    await each.closed()
  }
  await closing
})

it('logged nothing as an error', () => {
  expect(server.lines.filter(({ level }) => (level as number) >= 50)).toEqual([])
})
