import { describe, expect, test } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import { MAX_DEPTH } from '../../../shared/wamp/values.ts'
import { REALM, type TestPeer, type Tuple } from '../../testing/wamp.ts'
import { testRouter } from '../../testing/wamp-contract.ts'
import { Audience } from './audience.ts'
import { History, MAX_HISTORY_BYTES } from './history.ts'
import { bytesOf, type KeptEvent, MAX_KEPT_EVENT_BYTES, MAX_RETAINED_BYTES, packed, Retained } from './kept-events.ts'
import type { Member } from './member.ts'

const limited = 'porthole.error.server.limit'
const LARGE = 'x'.repeat(MAX_KEPT_EVENT_BYTES - 64)
const open = async () => {
  const { connect } = testRouter()
  return [await connect().join(), await connect().join({ authid: 'bo' })] as const
}
const argsOf = (events: readonly Tuple[]) => events.map(([, , , , args]) => args)
const topicsOf = (events: readonly Tuple[]) => events.map(([, , , details]) => (details as Dict).topic)
/** Lists within each other. */
const deep = (levels: number): Tuple => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

describe('an event that is kept', () => {
  test('counts with everything that it is said with', async () => {
    const [publisher, later] = await open()
    await later.subscribe('com.large.', { match: 'prefix' })
    const retain = (topic: string, args: Tuple, kwargs?: Dict, options?: Dict) =>
      publisher.publish(`com.large.${topic}`, args, kwargs, { retain: true, ...options })
    await retain('plain', [LARGE])
    await retain('args', [LARGE, 'y'.repeat(64)])
    await retain('kwargs', [LARGE], { more: 'y'.repeat(64) })
    await retain('details', [LARGE], undefined, { ppt_scheme: 'x_mine', ppt_keyid: 'k'.repeat(64) })
    await retain('names', [LARGE], undefined, { eligible_authrole: ['guest', 'n'.repeat(64)] })
    await retain('numbers', [LARGE], undefined, { exclude: Array.from({ length: 20 }, (_, i) => i + 1) })
    expect(await later.rest(M.EVENT), 'all are told').toHaveLength(6)
    const subscription = await later.subscribe('com.large.', { match: 'prefix', get_retained: true })
    expect(topicsOf(await later.rest(M.EVENT))).toEqual(['com.large.plain'])
    expect(subscription).toBeGreaterThan(0)
  })

  test('nests so deep that it can be told within others', async () => {
    const [publisher, later] = await open()
    await later.subscribe('com.kept.one')
    const levels = MAX_DEPTH - 8 - 1
    const told = [deep(levels), deep(levels + 1)]
    for (const args of told) await publisher.publish('com.kept.one', args, undefined, { retain: true })
    await publisher.publish('com.kept.one', [], { deep: deep(levels) }, { retain: true })
    expect(await later.rest(M.EVENT), 'all are told').toHaveLength(3)
    await later.subscribe('com.kept.one', { get_retained: true })
    expect(argsOf(await later.rest(M.EVENT))).toEqual([told[0]])
    const id = await publisher.result('wamp.subscription.lookup', 'com.kept.one')
    const result = await publisher.call('wamp.subscription.get_events', [id])
    expect((result as Dict[][][])[0]?.[0]?.map(({ args }) => args)).toEqual([told[0]])
    for (const serializer of Object.values(SERIALIZERS))
      serializer.decode(serializer.encode({ type: M.RESULT, request: 1, details: {}, args: result[0] as Tuple }))
  })

  test('is for names of at most 256 characters', async () => {
    const [publisher] = await open()
    for (const list of ['exclude_authid', 'exclude_authrole', 'eligible_authid', 'eligible_authrole']) {
      const publish = (characters: number) => publisher.publish('com.example.topic', [], undefined, { [list]: ['n'.repeat(characters)] })
      await publish(256)
      await expect(publish(257)).rejects.toThrow('wamp.error.invalid_argument')
    }
  })
})

/** As large as they may be, and told apart by number; their bytes are the same in memory. */
const bytes = packed({ details: {}, args: [LARGE] }) as Uint8Array
const event = (publication: number, topic: string, audience?: Audience): KeptEvent => ({
  at: publication,
  topic,
  publication,
  bytes,
  audience,
  mayHear: undefined,
})

describe('all that a realm keeps', () => {
  const named = (at: number) => `topic.${String(at).padStart(4, '0')}`

  test('of retained events: the oldest make room', () => {
    const retained = new Retained()
    const most = Math.floor(MAX_RETAINED_BYTES / bytesOf(event(0, named(0))))
    const kept = () => [...retained.all()].map(({ topic }) => topic)
    for (let i = 0; i < most; i++) retained.keep(event(i, named(i)))
    for (let i = 0; i < 5; i++) retained.keep(event(i, named(most - 1)))
    expect(kept(), 'what is replaced does not count').toHaveLength(most)
    retained.keep(event(0, named(most)))
    expect(kept()).toHaveLength(most)
    expect(kept()[0]).toBe(named(1))
    const names = Array.from({ length: 1000 }, (_, i) => String(i).padStart(256, 'n'))
    retained.keep(event(0, named(most), Audience.of({ eligible_authid: names }, undefined)))
    expect(kept().length, 'names count').toBeLessThan(most - 5)
  })

  test('of histories: the oldest of the fullest make room, and nobody’s else', () => {
    const history = new History(['one', 'two'].map((topic) => ({ topic, match: 'exact', limit: 10_000 })))
    history.open(1, 'one', 'exact')
    history.open(2, 'two', 'exact')
    const first = (id: number, more: Dict = {}) => history.read({} as Member, id, { limit: 1, ...more }, () => true)[0]?.publication
    const most = Math.floor(MAX_HISTORY_BYTES / bytesOf(event(0, 'one')))
    for (let i = 1; i <= most; i++) history.add(event(i, 'one'))
    expect(first(1)).toBe(1)
    history.add(event(most + 1, 'one'))
    expect([first(1), first(1, { reverse: true })]).toEqual([2, most + 1])
    for (let i = 1; i <= 3; i++) history.add(event(i, 'two'))
    expect([first(2), first(2, { reverse: true })]).toEqual([1, 3])
    expect([first(1), first(1, { reverse: true })]).toEqual([5, most + 1])
    history.add(event(most + 2, 'one'))
    expect([first(1), first(2)]).toEqual([6, 1])
  })
})

test('what is relayed of passthru is short texts', async () => {
  const [publisher, callee] = await open()
  const said = { ppt_scheme: 'x_mine', ppt_serializer: 'c'.repeat(257), ppt_cipher: { a: [1] }, ppt_keyid: 'k'.repeat(256) }
  const told = { ppt_scheme: said.ppt_scheme, ppt_keyid: said.ppt_keyid }
  await callee.subscribe('com.example.topic')
  await callee.register('com.example.procedure')
  await publisher.publish('com.example.topic', [], undefined, said)
  expect((await callee.hear(M.EVENT))[3]).toEqual(told)
  for (const type of [M.YIELD, M.ERROR]) {
    const answer = publisher.ask(M.CALL, said, 'com.example.procedure')
    const [, request, , details] = await callee.hear(M.INVOCATION)
    expect(details).toEqual(told)
    if (type === M.YIELD) callee.send(M.YIELD, request, said)
    else callee.send(M.ERROR, M.INVOCATION, request, said, 'com.example.error')
    expect((await answer)[type === M.YIELD ? 2 : 3]).toEqual(told)
  }
})

describe('get_events', () => {
  const roles = {
    reader: { permissions: [{ uri: 'com.open.', match: 'prefix', allow: ['subscribe', 'publish'] }] },
    other: { permissions: [{ uri: 'com.', match: 'prefix', allow: ['subscribe', 'publish'] }], meta: true },
  }
  const principals = Object.keys(roles).map((role) => ({ authid: role, role, ticket: role }))
  const history = ['com.hidden.topic', 'com.open.topic'].map((topic) => ({ topic, limit: 100 }))
  const joined = async () => {
    const { connect } = testRouter({ realms: { [REALM]: { principals, roles, history } } })
    const [reader, other] = [await connect().join({ authid: 'reader' }), await connect().join({ authid: 'other' })]
    const lookup = (topic: string) => other.result('wamp.subscription.lookup', topic)
    const events = async (peer: TestPeer, id: unknown, filter: Dict = {}) => {
      const [[found]] = (await peer.call('wamp.subscription.get_events', [id], filter)) as [[Dict[]]]
      return found
    }
    return { reader, other, lookup, events }
  }

  test('tells nobody what there is that they may not hear', async () => {
    const { reader, other, lookup } = await joined()
    await other.publish('com.hidden.topic', ['secret'])
    const answer = async (id: unknown) => JSON.stringify(await reader.ask(M.CALL, {}, 'wamp.subscription.get_events', [id]))
    const [refused, none] = [await answer(await lookup('com.hidden.topic')), await answer(await other.subscribe('com.hidden.without'))]
    expect(refused).toContain('wamp.error.not_authorized')
    expect(none).toContain('wamp.error.no_such_subscription')
    expect(refused + none).not.toMatch(/hidden|secret/)
  })

  test('answers half a megabyte at once, and the rest when asked again', async () => {
    const { reader, other, lookup, events } = await joined()
    const count = 20
    for (let i = 0; i < count; i++) await other.publish('com.open.topic', [LARGE, i])
    const id = await lookup('com.open.topic')
    const seen: unknown[] = []
    for (let after: Dict = {}, rounds = 0; rounds < 3; rounds++) {
      const found = await events(reader, id, after)
      expect(found.length * LARGE.length).toBeLessThanOrEqual(512 * 1024 + MAX_KEPT_EVENT_BYTES)
      seen.push(...found.map(({ args }) => (args as Tuple)[1]))
      after = { after_publication: found.at(-1)?.publication }
    }
    expect(seen).toEqual([...Array(count).keys()])
  })
})

describe('a testament', () => {
  const add = (peer: TestPeer, topic: string, kwargs: Dict = {}, ...args: Tuple) =>
    peer.call('wamp.session.add_testament', [topic, args], kwargs)

  test('is of at most 64 KiB, and all of a session’s of 256', async () => {
    const [peer, other] = await open()
    await expect(add(peer, 'com.t', {}, 'x'.repeat(MAX_KEPT_EVENT_BYTES))).rejects.toThrow(limited)
    const publish_options = { eligible_authid: Array.from({ length: 300 }, (_, i) => String(i).padStart(256, 'n')) }
    await expect(add(peer, 'com.t', { publish_options })).rejects.toThrow(limited)
    for (let i = 0; i < 4; i++) await add(peer, 'com.t', { scope: i % 2 ? 'detached' : 'destroyed' }, LARGE)
    await expect(add(peer, 'com.t', {}, LARGE)).rejects.toThrow(limited)
    await add(other, 'com.t', {}, LARGE)
    await peer.call('wamp.session.flush_testaments', [], { scope: 'detached' })
    for (let i = 0; i < 2; i++) await add(peer, 'com.t', {}, LARGE)
    await expect(add(peer, 'com.t', {}, LARGE)).rejects.toThrow(limited)
  })

  test('tells who left it where that is always told, and never where never', async () => {
    const [witness, peer] = await open()
    await witness.subscribe('com.', { match: 'prefix' })
    for (const [topic, disclose_me] of [
      ['com.told.t', false],
      ['com.secret.t', true],
      ['com.example.t', true],
      ['com.example.t', false],
    ] as const)
      await add(peer, topic, { publish_options: { disclose_me } })
    peer.cut()
    const who = { publisher: peer.session, publisher_authid: 'bo', publisher_authrole: 'guest' }
    await peer.closed()
    expect((await witness.rest(M.EVENT)).map(([, , , details]) => details)).toEqual([
      { topic: 'com.told.t', ...who },
      { topic: 'com.secret.t' },
      { topic: 'com.example.t', ...who },
      { topic: 'com.example.t' },
    ])
  })

  test('is published if its session still might, however many there are, in their order', async () => {
    const permissions = [{ uri: '', match: 'prefix', allow: ['register', 'subscribe'] }]
    const roles = { boss: { permissions }, asked: { authorizer: 'com.example.authorize' } }
    const who = Object.keys(roles).map((role) => ({ authid: role, role, ticket: role }))
    const { connect } = testRouter({ realms: { [REALM]: { principals: who, roles } } })
    const [boss, peer] = [await connect().join({ authid: 'boss' }), await connect().join({ authid: 'asked' })]
    let withdrawn = ''
    boss.serve(([, , , , args]) => [(args as Tuple)[1] !== withdrawn])
    await boss.register('com.example.authorize')
    await boss.subscribe('com.', { match: 'prefix' })
    const topics = Array.from({ length: 30 }, (_, i) => `com.t${i}`)
    for (const topic of topics) await add(peer, topic)
    withdrawn = 'com.t3'
    peer.cut()
    await boss.hear(M.EVENT, ([, , , details]) => (details as Dict).topic === topics.at(-1))
    const heard = boss.heard.filter(([type]) => type === M.EVENT)
    expect(topicsOf(heard)).toEqual(topics.filter((topic) => topic !== withdrawn))
  })
})
