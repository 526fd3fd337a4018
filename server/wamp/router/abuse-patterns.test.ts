import { describe, expect, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import type { Match } from '../../../shared/wamp/uris.ts'
import { REALM, type TestPeer } from '../../testing/wamp.ts'
import { testRouter } from '../../testing/wamp-contract.ts'
import { MAX_COMPONENTS, MAX_LENGTHS, MAX_SHAPES } from './pattern-index.ts'

const ALL = ['call', 'register', 'publish', 'subscribe']
const everything = { uri: '', match: 'prefix', allow: ALL }
const ASK = 'com.example.authorize'
const ASK_ANOTHER = 'com.example.second'
const NONE = 'wamp.error.no_such_procedure'

/** A session of each role. */
async function joined<R extends string>(roles: Record<R, object>): Promise<Record<R, TestPeer>> {
  const names = Object.keys(roles) as R[]
  const principals = names.map((role) => ({ authid: role, role, ticket: role }))
  const { connect } = testRouter({ realms: { [REALM]: { principals, roles } } })
  const peers = await Promise.all(names.map(async (authid) => [authid, await connect().join({ authid })] as const))
  return Object.fromEntries(peers) as Record<R, TestPeer>
}
/** An error's URI, or undefined. */
const errorOf = async (answer: Promise<readonly unknown[]>) => (await answer)[4]

describe('a pattern needs leave for the whole of it', () => {
  const roles = {
    some: {
      permissions: [
        { uri: 'com.exact.one', allow: ALL },
        { uri: 'com.shop.', match: 'prefix', allow: ALL },
        { uri: 'com..any', match: 'wildcard', allow: ALL },
      ],
    },
  }
  test.each<[string, Match, boolean]>([
    ['com.exact.one', 'exact', true],
    ['com.exact.one', 'prefix', false],
    ['com.exact.one', 'wildcard', false],
    ['com.exact.one.', 'prefix', false],
    ['com.shop.', 'prefix', true],
    ['com.shop.door', 'prefix', true],
    ['com.shop', 'prefix', false],
    ['com.shop..lock', 'wildcard', true],
    ['com..lock', 'wildcard', false],
    ['.shop.door', 'wildcard', false],
    ['..', 'wildcard', false],
    ['', 'prefix', false],
    ['com..any', 'wildcard', true],
    ['com.x.any', 'exact', true],
    ['com.x.any', 'prefix', false],
    ['com..', 'wildcard', false],
  ])('%s, %s: %s', async (uri, match, isAllowed) => {
    const { some } = await joined(roles)
    for (const type of [M.SUBSCRIBE, M.REGISTER])
      expect(await errorOf(some.ask(type, { match }, uri))).toBe(isAllowed ? undefined : 'wamp.error.not_authorized')
  })
})

describe('the procedure of an authorizer', () => {
  const roles = {
    boss: { permissions: [everything], meta: true },
    asked: { authorizer: ASK },
    other: { authorizer: ASK_ANOTHER },
  }
  const PATTERNS = [
    ['', 'prefix'],
    ['com.example.', 'prefix'],
    ['..', 'wildcard'],
    ['com.example.', 'wildcard'],
  ] as const

  test('is asked where it is registered itself, and by no pattern of anybody', async () => {
    const { boss, asked } = await joined(roles)
    boss.serve(() => [true])
    for (const [uri, match] of PATTERNS) await boss.register(uri, { match })
    expect(await errorOf(asked.ask(M.SUBSCRIBE, {}, 'com.topic'))).toBe('wamp.error.authorization_failed')
    expect(boss.heard.filter(([type]) => type === M.INVOCATION)).toEqual([])
    await boss.register(ASK)
    await asked.subscribe('com.topic')
  })

  test('is never answered, of whatever role it is, by who was let in by one alone', async () => {
    const { boss, asked } = await joined(roles)
    boss.serve(() => [true])
    asked.serve(() => ['mine'])
    const authorizer = await boss.register(ASK)
    for (const [uri, match] of PATTERNS) await asked.register(uri, { match })
    expect(await errorOf(asked.ask(M.REGISTER, { force_reregister: true }, ASK))).toBe('wamp.error.not_authorized')
    await boss.ask(M.UNREGISTER, authorizer)
    expect(await boss.result('com.example.door')).toBe('mine')
    for (const uri of [ASK, ASK_ANOTHER]) expect(await errorOf(boss.ask(M.CALL, {}, uri)), uri).toBe(NONE)
  })
})

describe('what is denied to a callee', () => {
  const roles = {
    caller: { permissions: [everything] },
    some: {
      permissions: [
        { uri: 'com.', match: 'prefix', allow: ['register'] },
        { uri: 'com.shop.till', allow: [] },
      ],
    },
    all: { permissions: [everything] },
  }

  test('goes to the next pattern whose callee may answer it, or to nobody', async () => {
    const { caller, some, all } = await joined(roles)
    some.serve(() => ['some'])
    all.serve(() => ['all'])
    await some.register('com.shop.', { match: 'prefix' })
    await some.register('com..till', { match: 'wildcard' })
    expect(await errorOf(caller.ask(M.CALL, {}, 'com.shop.till'))).toBe(NONE)
    await all.register('com.', { match: 'prefix' })
    expect(await caller.result('com.shop.till')).toBe('all')
    expect(await caller.result('com.shop.door')).toBe('some')
  })

  test.each(['first', 'last', 'roundrobin', 'random'])('goes to the others who share a pattern by %s', async (invoke) => {
    const { caller, some, all } = await joined(roles)
    some.serve(() => ['some'])
    all.serve(() => ['all'])
    for (const callee of invoke === 'last' ? [all, some] : [some, all]) await callee.register('com.', { match: 'prefix', invoke })
    for (let i = 0; i < 6; i++) expect(await caller.result('com.shop.till')).toBe('all')
  })
})

describe.each([
  ['subscriptions', M.SUBSCRIBE, M.UNSUBSCRIBE],
  ['registrations', M.REGISTER, M.UNREGISTER],
])('kinds of patterns of %s', (_, type, back) => {
  const open = async (match: Match) => {
    const { connect } = testRouter()
    const peer = await connect().join()
    const granted = async (uri: string, by = peer) => {
      const answer = await by.ask(type, { match }, uri)
      return answer[0] === M.ERROR ? answer[4] : 'granted'
    }
    return { peer, granted, other: await connect().join() }
  }
  const limited = 'porthole.error.server.limit'

  test('shapes of wildcards are limited for a number of components, and one that goes makes room', async () => {
    const { peer, granted, other } = await open('wildcard')
    const wild = (shape: number, name = 'x', components = 8) =>
      Array.from({ length: components }, (_unused, at) => (shape & (1 << at) ? name : '')).join('.')
    const ids: unknown[] = []
    for (let shape = 0; shape < MAX_SHAPES; shape++) ids.push((await peer.ask(type, { match: 'wildcard' }, wild(shape)))[2])
    expect(await granted(wild(MAX_SHAPES))).toBe(limited)
    expect(await granted(wild(MAX_SHAPES), other), 'whoever asks').toBe(limited)
    expect(await granted(wild(3, 'y'))).toBe('granted')
    expect(await granted(wild(MAX_SHAPES, 'x', 9))).toBe('granted')
    await peer.ask(back, ids[5] as number)
    expect(await granted(wild(MAX_SHAPES))).toBe('granted')
    expect(await granted(wild(MAX_SHAPES + 1))).toBe(limited)
  })

  test('components of a wildcard are limited', async () => {
    const { granted } = await open('wildcard')
    expect(await granted(`a${'.'.repeat(MAX_COMPONENTS - 1)}`)).toBe('granted')
    expect(await granted(`a${'.'.repeat(MAX_COMPONENTS)}`)).toBe(limited)
  })

  test('lengths of prefixes are limited, and one that goes makes room', async () => {
    const { peer, granted } = await open('prefix')
    const ids: unknown[] = []
    for (let length = 1; length <= MAX_LENGTHS; length++) ids.push((await peer.ask(type, { match: 'prefix' }, 'x'.repeat(length)))[2])
    const longer = 'x'.repeat(MAX_LENGTHS + 1)
    expect(await granted(longer)).toBe(limited)
    expect(await granted('y')).toBe('granted')
    await peer.ask(back, ids[0] as number)
    expect(await granted(longer), 'another has that length').toBe(limited)
    await peer.ask(back, ids[1] as number)
    expect(await granted(longer)).toBe('granted')
  })
})

test('force_reregister takes from others only where one may end them', async () => {
  const { connect } = testRouter()
  const join = (authid: string) => connect().join({ authid })
  const [ada, bo, again] = [await join('ada'), await join('bo'), await join('bo')]
  const force = (peer: TestPeer, uri: string) => errorOf(peer.ask(M.REGISTER, { force_reregister: true }, uri))
  await ada.register('com.example.hers')
  expect(await force(bo, 'com.example.hers')).toBe('wamp.error.procedure_already_exists')
  for (const peer of [bo, ada]) await peer.register('com.example.shared', { invoke: 'first' })
  expect(await force(again, 'com.example.shared')).toBe('wamp.error.procedure_already_exists')
  expect(await ada.rest(M.UNREGISTERED)).toEqual([])
  await bo.register('com.example.his')
  expect(await force(again, 'com.example.his'), 'their own').toBeUndefined()
  expect(await bo.rest(M.UNREGISTERED)).toHaveLength(1)
  expect(await force(ada, 'com.example.his'), 'with the meta API').toBeUndefined()
  expect(await again.rest(M.UNREGISTERED)).toHaveLength(1)
})
