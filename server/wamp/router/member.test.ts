import { describe, expect, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { REALM } from '../../testing/wamp.ts'
import { testRouter } from '../../testing/wamp-contract.ts'
import { MAX_SUBSCRIPTIONS } from './broker.ts'
import { MAX_REGISTRATIONS } from './callees.ts'
import { MAX_CALLS } from './dealer.ts'
import { MAX_BACKLOG_BYTES, MAX_EVENT_BACKLOG_BYTES } from './member.ts'
import { MAX_TESTAMENTS } from './testaments.ts'

const TOPIC = 'com.example.topic'

async function slow() {
  const { connect, connectSlow, router } = testRouter()
  const [witness, { peer, link }] = [await connect().join(), connectSlow()]
  await peer.join()
  await peer.subscribe(TOPIC)
  return { witness, peer, link, connect, connectSlow, router }
}

describe('a session that does not read', () => {
  test('loses events and nothing else; how many is counted', async () => {
    const { witness, peer, link } = await slow()
    const lost = () => witness.result('wamp.session.get', peer.session).then((details) => (details as { events_lost: number }).events_lost)
    link.backlog = MAX_EVENT_BACKLOG_BYTES
    await witness.publish(TOPIC, ['fits'])
    link.backlog++
    for (let i = 0; i < 3; i++) await witness.publish(TOPIC, ['lost'])
    expect(await peer.result('wamp.session.count')).toBe(2)
    expect(await lost()).toBe(3)
    link.backlog = 0
    await witness.publish(TOPIC, ['again'])
    expect((await peer.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([['fits'], ['again']])
    expect(await lost()).toBe(3)
  })

  test('that it begins and ends is a meta event, once each', async () => {
    const { witness, peer, link } = await slow()
    await witness.subscribe('wamp.session.on_events_lost')
    // It would hear of itself.
    await peer.subscribe('wamp.session.on_events_lost')
    link.backlog = MAX_EVENT_BACKLOG_BYTES + 1
    for (let i = 0; i < 2; i++) await witness.publish(TOPIC)
    link.backlog = 0
    await witness.publish(TOPIC)
    expect((await witness.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([
      [peer.session, { lost: 1, losing: true }],
      [peer.session, { lost: expect.any(Number), losing: false }],
    ])
  })

  test('slows nobody else', async () => {
    const { witness, link, connect } = await slow()
    const other = await connect().join()
    await other.subscribe(TOPIC)
    link.backlog = MAX_EVENT_BACKLOG_BYTES + 1
    for (let i = 0; i < 5; i++) await witness.publish(TOPIC, [i])
    expect(await other.rest(M.EVENT)).toHaveLength(5)
  })

  test('is cut when even its answers pile up, and what it held is gone', async () => {
    const { witness, peer, link } = await slow()
    await peer.register('com.example.slow')
    link.backlog = MAX_BACKLOG_BYTES
    await peer.result('wamp.session.count')
    link.backlog++
    peer.send(M.CALL, 99, {}, 'wamp.session.count')
    expect((await peer.hear(M.GOODBYE))[2]).toBe('wamp.close.killed')
    expect(await witness.result('wamp.session.count')).toBe(1)
    expect((await witness.ask(M.CALL, {}, 'com.example.slow'))[4]).toBe('wamp.error.no_such_procedure')
    peer.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
    await peer.closed()
  })

  test('is asked nothing more: another callee is, or the caller is told', async () => {
    const { witness, peer, link, connect } = await slow()
    const other = await connect().join()
    for (const [name, callee] of [
      ['slow', peer],
      ['other', other],
    ] as const) {
      callee.serve(() => [name])
      for (const invoke of ['first', 'last', 'roundrobin', 'random']) await callee.register(`com.example.${invoke}`, { invoke })
    }
    await peer.register('com.example.single')
    link.backlog = MAX_EVENT_BACKLOG_BYTES + 1
    for (const invoke of ['first', 'last', 'roundrobin', 'random'])
      for (let i = 0; i < 3; i++) expect(await witness.result(`com.example.${invoke}`)).toBe('other')
    expect((await witness.ask(M.CALL, {}, 'com.example.single'))[4]).toBe('wamp.error.unavailable')
    link.backlog = 0
    expect(await witness.result('com.example.first')).toBe('slow')
  })
})

describe('caps of one session', () => {
  const limited = 'porthole.error.server.limit'

  test.each([
    ['subscriptions', M.SUBSCRIBE, MAX_SUBSCRIPTIONS],
    ['registrations', M.REGISTER, MAX_REGISTRATIONS],
  ])('%s', async (_, type, most) => {
    const { connect } = testRouter()
    const [peer, other] = [await connect().join(), await connect().join()]
    for (let i = 0; i < most; i++) peer.send(type, peer.nextRequest(), {}, `com.example.n${i}`)
    expect((await peer.ask(type, {}, 'com.example.more'))[4]).toBe(limited)
    expect((await other.ask(type, {}, 'com.example.more'))[0]).toBe(type + 1)
  })

  test('calls that are not answered, and those that one callee is asked', async () => {
    const { connect } = testRouter()
    const [caller, callee] = [await connect().join(), await connect().join()]
    await callee.register('com.example.slow')
    for (let i = 0; i < MAX_CALLS; i++) caller.send(M.CALL, caller.nextRequest(), {}, 'com.example.slow')
    expect((await caller.ask(M.CALL, {}, 'com.example.slow'))[4]).toBe(limited)
    const other = await connect().join()
    expect((await other.ask(M.CALL, {}, 'com.example.slow'))[4]).toBe('wamp.error.unavailable')
    callee.cut()
    await expect.poll(() => caller.heard.filter(([type]) => type === M.ERROR)).toHaveLength(MAX_CALLS + 1)
    await caller.settled()
  })

  test('testaments', async () => {
    const { connect } = testRouter()
    const peer = await connect().join()
    for (let i = 0; i < MAX_TESTAMENTS; i++) await peer.call('wamp.session.add_testament', ['com.example.t'])
    await expect(peer.call('wamp.session.add_testament', ['com.example.t'])).rejects.toThrow(limited)
    await peer.call('wamp.session.add_testament', ['com.example.t'], { scope: 'detached' })
  })
})

test('who left is in no list any more', async () => {
  const { peer, witness, router } = await slow()
  await peer.register('com.example.p')
  peer.cut()
  await peer.closed()
  await witness.settled()
  const realm = router.realms.get(REALM)
  expect([...(realm?.members.keys() ?? [])]).toEqual([witness.session])
  expect([...(realm?.dealer.callees.registrations.index.all() ?? [])]).toEqual([])
})
