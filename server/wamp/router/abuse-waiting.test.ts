import { describe, expect, test } from 'vitest'
import { decodeMessage } from '../../../shared/wamp/decode.ts'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import { REALM, type TestPeer, type Tuple } from '../../testing/wamp.ts'
import { testRouter } from '../../testing/wamp-contract.ts'
import type { Link } from '../link.ts'
import { MAX_SENT_BYTES } from '../transport/websocket-link.ts'
import type { LocalCall } from './local.ts'
import { MAX_AT_ONCE } from './local-turns.ts'
import { MAX_BACKLOG_BYTES } from './member.ts'

const ASK = 'com.example.authorize'
const everything = { uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] }
const ROLES = {
  boss: { permissions: [everything], meta: true },
  asked: { authorizer: ASK },
  own: { authorizer: ASK, permissions: [{ uri: ASK, allow: ['register'] }] },
}
const ASKED = {
  realms: { [REALM]: { principals: Object.keys(ROLES).map((role) => ({ authid: role, role, ticket: role })), roles: ROLES } },
}
/** Messages, and bytes of them, that may wait for an authorizer. */
const MAX_WAITING = 256
const MAX_WAITING_BYTES = 256 * 1024

/** A session whose connection notes when it is read and when not, and takes messages of as many bytes as are told. */
async function watched(configuration?: unknown, authid?: string) {
  const { connect, connectSlow, router } = testRouter(configuration)
  const made = connectSlow()
  const link = made.link as Link & { backlog: number }
  const reading: string[] = []
  Object.assign(link, { pause: () => reading.push('paused'), resume: () => reading.push('resumed') })
  const peer = await made.peer.join(authid === undefined ? {} : { authid })
  const say = (bytes: number, ...tuple: Tuple) => link.onMessage(decodeMessage(tuple), bytes)
  return { connect, router, peer, link, reading, say }
}
async function withAuthorizer() {
  const made = await watched(ASKED, 'asked')
  const boss = await made.connect().join({ authid: 'boss' })
  await boss.register(ASK)
  const answer = async () => boss.send(M.YIELD, (await boss.hear(M.INVOCATION))[1], {}, [true])
  return { ...made, boss, answer }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('what waits for an authorizer', () => {
  test('is bounded in bytes: over that nothing is read, until less waits', async () => {
    const { peer, say, reading, answer } = await withAuthorizer()
    say(100, M.SUBSCRIBE, 71, {}, 'com.first')
    say(MAX_WAITING_BYTES, M.SUBSCRIBE, 72, {}, 'com.second')
    expect(reading).toEqual([])
    say(1, M.SUBSCRIBE, 73, {}, 'com.third')
    expect(reading).toEqual(['paused'])
    await answer()
    await expect.poll(() => reading).toEqual(['paused', 'resumed'])
    for (let i = 0; i < 2; i++) await answer()
    await peer.hear(M.SUBSCRIBED, ([, request]) => request === 73)
  })

  test('is bounded in number', async () => {
    const { say, reading, answer } = await withAuthorizer()
    for (let i = 0; i <= MAX_WAITING; i++) say(10, M.SUBSCRIBE, i + 1, {}, `com.topic${i}`)
    expect(reading).toEqual([])
    say(10, M.UNSUBSCRIBE, 1000, 1)
    expect(reading).toEqual(['paused'])
    await answer()
    await expect.poll(() => reading).toEqual(['paused', 'resumed'])
  })

  test('is forgotten with the session: its connection is read on', async () => {
    const { peer, boss, say, reading } = await withAuthorizer()
    say(100, M.SUBSCRIBE, 71, {}, 'com.first')
    say(MAX_WAITING_BYTES + 1, M.SUBSCRIBE, 72, {}, 'com.second')
    expect(reading).toEqual(['paused'])
    await boss.call('wamp.session.kill', [peer.session])
    await peer.hear(M.GOODBYE)
    expect(reading).toEqual(['paused', 'resumed'])
    peer.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
    await peer.closed()
  })

  test('lets a session’s own answers pass while it is read', async () => {
    const { peer, say, reading } = await watched(ASKED, 'own')
    await peer.register(ASK)
    peer.serve(() => [true])
    say(100, M.SUBSCRIBE, 71, {}, 'com.first')
    say(MAX_WAITING_BYTES - 1, M.SUBSCRIBE, 72, {}, 'com.second')
    for (const request of [71, 72]) expect((await peer.hear(M.SUBSCRIBED))[1]).toBe(request)
    expect(reading).toEqual([])
  })

  test('at most sixteen questions of one session are open, and others’ are asked', async () => {
    const { peer, boss, connect, answer } = await withAuthorizer()
    const testaments = Array.from({ length: 16 }, (_, i) => peer.call('wamp.session.add_testament', [`com.left${i}`]))
    expect((await peer.ask(M.SUBSCRIBE, {}, 'com.topic'))[4]).toBe('porthole.error.server.limit')
    expect(boss.heard.filter(([type]) => type === M.INVOCATION)).toHaveLength(16)
    const other = (await connect().join({ authid: 'asked' })).subscribe('com.topic')
    for (let i = 0; i < 17; i++) await answer()
    await Promise.all([...testaments, other])
    const again = peer.subscribe('com.topic')
    await answer()
    await again
  })

  test('it is told simple options alone', async () => {
    const { peer, boss } = await withAuthorizer()
    const simple = { flag: true, count: 7, text: 'x'.repeat(256) }
    const more = { long: 'x'.repeat(257), list: [1], dict: { a: 1 }, bytes: Uint8Array.of(1), none: null, ['k'.repeat(257)]: 1 }
    const subscribed = peer.subscribe('com.topic', { ...more, ...simple })
    const [, request, , , args] = await boss.hear(M.INVOCATION)
    expect((args as Tuple)[3]).toEqual({ ...simple, match: 'exact' })
    boss.send(M.YIELD, request, {}, [true])
    await subscribed
  })
})

describe('a progressive call whose other side does not read', () => {
  const URI = 'com.example.progress'

  test('ends with an error and INTERRUPT, and its callee goes on', async () => {
    const { peer: callee, link, connect } = await watched()
    const caller = await connect().join()
    await callee.register(URI)
    const part = (i: number, progress = true) => caller.send(M.CALL, 71, { progress }, URI, [i])
    part(0)
    const [, invocation] = await callee.hear(M.INVOCATION)
    link.backlog = MAX_BACKLOG_BYTES / 4 + 1
    part(1)
    part(2)
    part(3, false)
    expect((await caller.hear(M.ERROR)).slice(1, 5)).toEqual([M.CALL, 71, {}, 'wamp.error.unavailable'])
    expect(await callee.rest(M.INVOCATION)).toEqual([])
    expect(await callee.rest(M.INTERRUPT)).toEqual([[M.INTERRUPT, invocation, { mode: 'killnowait' }]])
    expect(await caller.rest(M.ERROR), 'once').toEqual([])
    link.backlog = 0
    callee.serve(() => ['goes on'])
    expect(await caller.result(URI)).toBe('goes on')
  })

  test('never ends its callee, however large the parts and however many the calls', async () => {
    const { peer: callee, link, connect } = await watched()
    const caller = await connect().join()
    await callee.register(URI)
    const send = link.send.bind(link)
    link.send = (message) => {
      link.backlog += SERIALIZERS.json.encode(message).length
      return send(message)
    }
    const requests = Array.from({ length: 20 }, (_, i) => 100 + i)
    const part = (request: number, bytes: number) => caller.send(M.CALL, request, { progress: true }, URI, ['x'.repeat(bytes)])
    for (const request of requests) part(request, 1)
    await caller.settled()
    // As much as may wait before no more passes, and then the largest that a link sends.
    part(100, MAX_BACKLOG_BYTES / 4 - link.backlog - 200)
    part(100, MAX_SENT_BYTES - 200)
    for (const request of requests) part(request, 1)
    for (let i = 0; i < requests.length; i++) await caller.hear(M.ERROR)
    await settle()
    expect(callee.heard.filter(([type]) => type === M.GOODBYE)).toEqual([])
    link.backlog = 0
    await callee.settled()
  })

  test('results, too: the caller goes on', async () => {
    const { peer: caller, link, connect } = await watched()
    const callee = await connect().join()
    await callee.register(URI)
    caller.send(M.CALL, 71, { receive_progress: true }, URI)
    const [, request] = await callee.hear(M.INVOCATION)
    callee.send(M.YIELD, request, { progress: true }, [0])
    await caller.hear(M.RESULT)
    link.backlog = MAX_BACKLOG_BYTES / 4 + 1
    for (let i = 1; i < 4; i++) callee.send(M.YIELD, request, { progress: true }, [i])
    expect((await caller.hear(M.ERROR)).slice(1, 5)).toEqual([M.CALL, 71, {}, 'wamp.error.unavailable'])
    expect(await callee.hear(M.INTERRUPT)).toEqual([M.INTERRUPT, request, { mode: 'killnowait' }])
    callee.send(M.YIELD, request, {}, ['late'])
    await callee.settled()
    expect(await caller.rest(M.RESULT)).toEqual([])
  })
})

describe('calls that the router answers itself', () => {
  const URI = 'com.example.local'
  const MAX_TURNS_WAITING = 64

  async function local() {
    const made = await watched()
    const calls: { readonly call: LocalCall; readonly done: () => void }[] = []
    made.router.realms
      .get(REALM)
      ?.dealer.provide(URI, (call) => new Promise((resolve) => calls.push({ call, done: () => resolve({ args: call.args }) })))
    const ask = (peer: TestPeer, count: number) => {
      for (let i = 0; i < count; i++) peer.send(M.CALL, peer.nextRequest(), {}, URI, [i])
    }
    const finish = async (count: number) => {
      for (let at = 0; at < count; at++) {
        while (at >= calls.length) await settle()
        calls[at]?.done()
      }
    }
    return { ...made, calls, ask, finish }
  }

  test('sixteen of a session at once, and the rest in turn; over 64 that wait it is not read', async () => {
    const { peer, connect, calls, ask, finish, reading } = await local()
    ask(peer, MAX_AT_ONCE + MAX_TURNS_WAITING)
    await peer.settled()
    expect(calls).toHaveLength(MAX_AT_ONCE)
    expect(reading).toEqual([])
    ask(peer, 1)
    await peer.settled()
    expect(reading).toEqual(['paused'])
    const other = await connect().join()
    ask(other, 1)
    await expect.poll(() => calls).toHaveLength(MAX_AT_ONCE + 1)
    await finish(MAX_AT_ONCE + MAX_TURNS_WAITING + 2)
    await peer.hear(M.RESULT, ([, , , args]) => (args as Tuple)[0] === 79)
    expect(reading).toEqual(['paused', 'resumed'])
    const mine = calls.filter(({ call }) => call.caller.id === peer.session).map(({ call }) => call.args[0])
    expect(mine).toEqual([...Array(80).keys(), 0])
  })

  test('others’ are answered in between, however quick they are', async () => {
    const { say, router, connect } = await watched()
    const other = await connect().join()
    const order: unknown[] = []
    router.realms.get(REALM)?.dealer.provide(URI, ({ caller }): Dict => {
      order.push(caller.id)
      return {}
    })
    for (let i = 0; i < 60; i++) say(20, M.CALL, i + 1, {}, URI)
    await settle()
    await other.call(URI)
    await expect.poll(() => order).toHaveLength(61)
    expect(order.indexOf(other.session)).toBeLessThan(50)
  })

  test('what waits for its turn can be canceled', async () => {
    const { peer, calls, ask, finish } = await local()
    ask(peer, 20)
    const request = peer.nextRequest() - 2
    peer.send(M.CANCEL, request, {})
    expect((await peer.hear(M.ERROR)).slice(1, 5)).toEqual([M.CALL, request, {}, 'wamp.error.canceled'])
    await finish(19)
    expect(calls).toHaveLength(19)
    expect(await peer.rest(M.RESULT)).toHaveLength(19)
  })
})
