import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dict } from '../shared/wamp/messages.ts'
import * as M from '../shared/wamp/messages.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'
import { BARE_ROLES, TestPeer, webSocketWire } from './testing/wamp.ts'

const realm = 'porthole'
const FIRST = 'the first password'

let server: TestServer
const peers: TestPeer[] = []
beforeEach(async () => {
  server = await startTestServer()
  for (const id of ['door', 'garden']) await server.call('POST', '/api/v1/cameras', { id, name: id, source: { kind: 'browser' } })
})
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.cut()
  await server.close()
})

const connect = async (headers: Record<string, string> = {}) => {
  const peer = new TestPeer(await webSocketWire(server.url, 'json', headers))
  peers.push(peer)
  return peer
}
const addUser = (name: string, role: string) => server.call('POST', '/api/v1/users', { name, role, password: FIRST })
const byTicket = async (authid: string, ticket: string) => (await connect()).join({ realm, authid, ticket })
/** By the dashboard's cookie. */
const byCookie = async (user: string, password = FIRST) => (await connect({ cookie: await server.signIn(user, password) })).join({ realm })
const topicOf = ([, , , details]: readonly unknown[]) => (details as Dict).topic as string

describe('who may join', () => {
  it.each<[string, Dict, string]>([
    ['a stranger', {}, 'wamp.error.authentication_required'],
    ['a stranger who says so', { authmethods: ['anonymous'] }, 'wamp.error.authentication_required'],
    ['a stranger with a name', { authid: 'owner' }, 'wamp.error.authentication_required'],
    ['a stranger without a cookie', { authmethods: ['cookie'] }, 'wamp.error.no_matching_auth_method'],
  ])('not %s', async (_, details, reason) => {
    const peer = await connect()
    peer.send(M.HELLO, realm, { roles: BARE_ROLES, ...details })
    expect((await peer.hear(M.ABORT))[2]).toBe(reason)
    await peer.closed()
  })

  it.each([
    ['a wrong password', 'owner', 'wrong'],
    ['somebody who is not there', 'nobody', PASSWORD],
  ])('not %s', async (_, authid, ticket) => {
    const peer = await connect()
    peer.send(M.HELLO, realm, { roles: BARE_ROLES, authmethods: ['ticket'], authid })
    await peer.hear(M.CHALLENGE)
    peer.send(M.AUTHENTICATE, ticket, {})
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.authentication_denied')
  })

  it('the owner by ticket, by cookie, and by key, which is no key to users', async () => {
    const { key } = (await server.call('POST', '/api/v1/keys', { name: 'k' })).body as { key: string }
    for (const peer of [await byTicket('owner', PASSWORD), await byCookie('owner', PASSWORD), await byTicket('owner', key)])
      expect(peer.welcome).toMatchObject({ authid: 'owner', authrole: 'owner', authprovider: 'users' })
    const answer = await (await byTicket('owner', key)).ask(M.CALL, {}, 'porthole.user.create', [], { name: 'eve', role: 'owner' })
    expect(answer[4]).toBe('porthole.error.auth.role')
  })

  it('nobody by the key of a camera', async () => {
    const { key } = (await server.call('POST', '/api/v1/cameras/door/keys', {})).body as { key: string }
    const peer = await connect()
    peer.send(M.HELLO, realm, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'owner' })
    await peer.hear(M.CHALLENGE)
    peer.send(M.AUTHENTICATE, key, {})
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.authentication_denied')
  })
})

describe('what a role may', () => {
  it('a viewer calls what is for viewers, about their cameras, and offers nothing', async () => {
    await addUser('ada', 'viewer')
    await server.call('PUT', '/api/v1/cameras/door/grants/ada', {})
    const ada = await byTicket('ada', FIRST)
    const error = async (name: string, kwargs: Dict = {}) => (await ada.ask(M.CALL, {}, name, [], kwargs))[4]
    expect(await ada.result('porthole.camera.list')).toMatchObject({ cameras: [{ id: 'door' }] })
    expect(await error('porthole.camera.get', { id: 'garden' })).toBe('porthole.error.camera.unknown')
    expect(await error('porthole.camera.picture', { id: 'garden' })).toBe('porthole.error.camera.unknown')
    expect(await error('porthole.camera.create', { name: 'Mine', source: { kind: 'browser' } })).toBe('porthole.error.auth.role')
    expect(await error('porthole.user.list')).toBe('porthole.error.auth.role')
    expect((await ada.ask(M.REGISTER, {}, 'com.example.mine'))[4]).toBe('wamp.error.not_authorized')
    expect((await ada.ask(M.PUBLISH, { acknowledge: true }, 'com.example.mine'))[4]).toBe('wamp.error.not_authorized')
    await ada.subscribe('com.example.mine')
  })

  it('an operator offers what is not the contract’s, by whatever pattern', async () => {
    await addUser('op', 'operator')
    const [op, owner] = [await byTicket('op', FIRST), await byTicket('owner', PASSWORD)]
    op.serve(() => ['mine'])
    await op.register('com.example.', { match: 'prefix' })
    expect(await owner.result('com.example.mine')).toBe('mine')
    await op.publish('com.example.mine')
    for (const uri of ['porthole', 'porthole.camera.door.status', 'porthole.mine']) {
      expect((await op.ask(M.REGISTER, {}, uri))[4]).toBe('wamp.error.not_authorized')
      expect((await op.ask(M.REGISTER, { match: 'prefix' }, uri))[4]).toBe('wamp.error.not_authorized')
      expect((await op.ask(M.PUBLISH, { acknowledge: true }, uri))[4]).toBe('wamp.error.not_authorized')
      expect((await owner.ask(M.PUBLISH, { acknowledge: true }, uri))[4]).toBe('wamp.error.not_authorized')
    }
    await op.register('port', { match: 'prefix' })
    await op.register('..', { match: 'wildcard' })
    for (const uri of ['porthole.mine.too', 'porthole.camera.dance', 'wamp.session.dance'])
      expect((await owner.ask(M.CALL, {}, uri))[4], uri).toBe('wamp.error.no_such_procedure')
    expect(await owner.result('porter.s.lodge')).toBe('mine')
  })

  it('only owners use the meta API', async () => {
    for (const role of ['viewer', 'operator']) {
      await addUser(role, role)
      const peer = await byTicket(role, FIRST)
      expect((await peer.ask(M.CALL, {}, 'wamp.session.list'))[4]).toBe('wamp.error.not_authorized')
      expect((await peer.ask(M.SUBSCRIBE, {}, 'wamp.session.on_join'))[4]).toBe('wamp.error.not_authorized')
    }
    const owner = await byTicket('owner', PASSWORD)
    await owner.subscribe('wamp.session.on_join')
    expect(await owner.result('wamp.session.count')).toBe(3)
  })
})

it('topics are heard by who may watch the camera at that moment', async () => {
  await addUser('ada', 'viewer')
  const [ada, owner] = [await byTicket('ada', FIRST), await byTicket('owner', PASSWORD)]
  for (const peer of [ada, owner]) {
    await peer.subscribe('porthole.', { match: 'prefix' })
    // Exactly one topic, which was allowed before anybody asked of its camera.
    await peer.subscribe('porthole.camera.garden.changed')
  }
  const heard = async (change: () => Promise<unknown>) => {
    await change()
    const rename = (id: string) => server.call('PATCH', `/api/v1/cameras/${id}`, { name: `${id} ${Math.random()}` })
    for (const id of ['door', 'garden']) await rename(id)
    const all = await owner.rest(M.EVENT)
    expect(all.length, 'the owner hears all').toBeGreaterThanOrEqual(3)
    return (await ada.rest(M.EVENT)).map((event) => topicOf(event) ?? 'the exact one').filter((topic) => /changed$|exact/.test(topic))
  }
  const grant = (method: string, id: string) => () =>
    server.call(method, `/api/v1/cameras/${id}/grants/ada`, method === 'PUT' ? {} : undefined)
  expect(await heard(async () => {})).toEqual([])
  expect(await heard(grant('PUT', 'door'))).toEqual(['porthole.camera.door.changed'])
  expect(await heard(grant('PUT', 'garden'))).toEqual(['porthole.camera.door.changed', 'the exact one', 'porthole.camera.garden.changed'])
  expect(await heard(grant('DELETE', 'garden'))).toEqual(['porthole.camera.door.changed'])
  expect(await heard(grant('DELETE', 'door'))).toEqual([])
  expect(ada.isClosed).toBe(false)
})

describe('a session ends at once', () => {
  const ended = async (peer: TestPeer) => {
    expect((await peer.hear(M.GOODBYE))[2]).toBe('porthole.error.auth.revoked')
    peer.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
    await peer.closed()
  }

  it.each(['ticket', 'cookie'])('by %s, when the role changes, and when the user is removed', async (how) => {
    await addUser('ada', 'operator')
    const join = () => (how === 'ticket' ? byTicket('ada', FIRST) : byCookie('ada'))
    const peer = await join()
    await peer.register('com.example.ada')
    await server.call('PATCH', '/api/v1/users/ada', { role: 'viewer' })
    await ended(peer)
    expect((await (await byTicket('owner', PASSWORD)).ask(M.CALL, {}, 'com.example.ada'))[4]).toBe('wamp.error.no_such_procedure')
    const again = await join()
    expect(again.welcome.authrole).toBe('viewer')
    await server.call('DELETE', '/api/v1/users/ada')
    await ended(again)
  })

  it.each(['ticket', 'cookie'])('by %s, when the password is another', async (how) => {
    await addUser('ada', 'viewer')
    const peer = await (how === 'ticket' ? byTicket('ada', FIRST) : byCookie('ada'))
    await server.call('PATCH', '/api/v1/users/ada', { password: 'the second password' })
    await ended(peer)
  })

  it('by cookie, when that session is signed out, and no other', async () => {
    const [cookie, other] = [await server.signIn('owner', PASSWORD), await byCookie('owner', PASSWORD)]
    const peer = await (await connect({ cookie })).join({ realm })
    await server.call('DELETE', '/api/v1/session', undefined, { cookie })
    await ended(peer)
    await other.settled()
  })

  it('by key, when the key is taken back, and no other', async () => {
    const { id, key } = (await server.call('POST', '/api/v1/keys', { name: 'k' })).body as { id: string; key: string }
    const [peer, other] = [await byTicket('owner', key), await byTicket('owner', PASSWORD)]
    await server.call('DELETE', `/api/v1/keys/${id}`)
    await ended(peer)
    await other.settled()
  })
})
