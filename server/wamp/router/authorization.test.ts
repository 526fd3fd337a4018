import { describe, expect, test } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { FakeClock } from '../../testing/clock.ts'
import { BARE_ROLES, REALM, type Tuple } from '../../testing/wamp.ts'
import { testRouter } from '../../testing/wamp-contract.ts'

const ASK = 'com.example.authorize'
const ALL = ['call', 'register', 'publish', 'subscribe']

const realmOf = (roles: object) => ({
  realms: {
    [REALM]: {
      principals: Object.keys(roles).map((role) => ({ authid: role, role, ticket: role })),
      roles,
    },
  },
})
const ASKED = realmOf({
  boss: { permissions: [{ uri: '', match: 'prefix', allow: ALL }], meta: true },
  asked: { authorizer: ASK, permissions: [{ uri: 'com.free.', match: 'prefix', allow: ALL }] },
})

async function asked() {
  const clock = new FakeClock()
  const { connect, lines, router } = testRouter(ASKED, { clock })
  const [boss, peer] = [await connect().join({ authid: 'boss' }), await connect().join({ authid: 'asked' })]
  return { clock, lines, router, connect, boss, peer }
}

describe('a role with an authorizer', () => {
  test('what no permission allows is asked, with who, what and how; what one allows is not', async () => {
    const { boss, peer } = await asked()
    const questions: unknown[] = []
    await boss.register(ASK)
    boss.serve(([, , , , args]) => {
      questions.push(args)
      return [(args as Tuple)[1] !== 'com.no']
    })
    await peer.subscribe('com.free.topic')
    expect(questions).toEqual([])
    await peer.subscribe('com.yes', { match: 'prefix' })
    await peer.register('com.yes', { invoke: 'first' })
    await peer.publish('com.yes', [1])
    expect((await peer.ask(M.CALL, {}, 'com.no'))[4]).toBe('wamp.error.not_authorized')
    const who = expect.objectContaining({ session: peer.session, authid: 'asked', authrole: 'asked' })
    expect(questions).toEqual([
      [who, 'com.yes', 'subscribe', { match: 'prefix' }],
      [who, 'com.yes', 'register', { match: 'exact', invoke: 'first' }],
      [who, 'com.yes', 'publish', { match: 'exact', acknowledge: true }],
      [who, 'com.no', 'call', { match: 'exact' }],
    ])
  })

  test.each<[string, unknown, boolean]>([
    ['true', true, true],
    ['allow', { allow: true }, true],
    ['false', false, false],
    ['a refusal', { allow: false }, false],
    ['a text', 'yes', false],
    ['one', 1, false],
    ['nothing', undefined, false],
    ['an empty dictionary', {}, false],
  ])('%s', async (_, said, isAllowed) => {
    const { boss, peer } = await asked()
    await boss.register(ASK)
    boss.serve(() => (said === undefined ? [] : [said]))
    expect((await peer.ask(M.SUBSCRIBE, {}, 'com.topic'))[0]).toBe(isAllowed ? M.SUBSCRIBED : M.ERROR)
  })

  test('what was said before goodbye is done before it', async () => {
    const { boss, peer } = await asked()
    await boss.register(ASK)
    boss.serve(() => [true])
    await boss.subscribe('com.topic')
    peer.send(M.PUBLISH, 1, {}, 'com.topic', ['last words'])
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    await peer.hear(M.GOODBYE)
    expect((await boss.hear(M.EVENT))[4]).toEqual(['last words'])
  })

  test('an answer discloses, and is remembered, where it says so: for one session, action and URI', async () => {
    const { boss, peer, connect } = await asked()
    await boss.register(ASK)
    await boss.subscribe('com.topic')
    let questions = 0
    let answer: Dict = { allow: true, disclose: true, cache: true }
    boss.serve(() => {
      questions++
      return [answer]
    })
    for (let i = 0; i < 3; i++) await peer.publish('com.topic')
    expect(questions).toBe(1)
    expect((await boss.hear(M.EVENT))[3]).toMatchObject({ publisher: peer.session })
    answer = { allow: false }
    await peer.publish('com.topic')
    for (let i = 2; i < 4; i++) {
      expect((await peer.ask(M.SUBSCRIBE, {}, 'com.topic'))[4]).toBe('wamp.error.not_authorized')
      expect(questions).toBe(i)
    }
    const other = await connect().join({ authid: 'asked' })
    expect((await other.ask(M.PUBLISH, { acknowledge: true }, 'com.topic'))[4]).toBe('wamp.error.not_authorized')
    expect(questions).toBe(4)
  })

  test('messages keep their order while it is asked; answers do not wait', async () => {
    const { boss, peer } = await asked()
    await peer.register('com.free.work')
    const registration = await boss.register(ASK)
    peer.send(M.SUBSCRIBE, 71, {}, 'com.first')
    peer.send(M.SUBSCRIBE, 72, {}, 'com.free.second')
    peer.send(M.UNSUBSCRIBE, 73, 4711)
    peer.send(M.SUBSCRIBE, 74, {}, 'com.third')
    const [, question] = await boss.hear(M.INVOCATION, ([, , id]) => id === registration)
    const result = boss.ask(M.CALL, {}, 'com.free.work')
    const [, work] = await peer.hear(M.INVOCATION)
    peer.send(M.YIELD, work, {}, ['done'])
    expect((await result)[3]).toEqual(['done'])
    expect(peer.heard.filter(([type]) => type === M.SUBSCRIBED)).toEqual([])
    boss.send(M.YIELD, question, {}, [true])
    const [, second] = await boss.hear(M.INVOCATION)
    boss.send(M.YIELD, second, {}, [false])
    await peer.hear(M.ERROR, ([, , request]) => request === 74)
    expect(peer.heard.slice(-4).map(([type, a, b]) => [type, type === M.ERROR ? b : a])).toEqual([
      [M.SUBSCRIBED, 71],
      [M.SUBSCRIBED, 72],
      [M.ERROR, 73],
      [M.ERROR, 74],
    ])
  })

  test('it may ask a session that waits for its own answer', async () => {
    const { connect } = testRouter(realmOf({ own: { authorizer: ASK, permissions: [{ uri: ASK, allow: ['register'] }] } }))
    const peer = await connect().join({ authid: 'own' })
    await peer.register(ASK)
    peer.serve(() => [true])
    await peer.subscribe('com.topic')
  })

  test.each([
    ['nobody registered it', 'none'],
    ['it fails', 'error'],
    ['it leaves', 'leave'],
    ['it does not answer in five seconds', 'silent'],
  ])('when %s, what was asked is wamp.error.authorization_failed, and the session goes on', async (_, how) => {
    const { boss, peer, clock, router } = await asked()
    if (how !== 'none') await boss.register(ASK)
    const answer = peer.ask(M.SUBSCRIBE, {}, 'com.topic')
    if (how !== 'none') {
      const [, request] = await boss.hear(M.INVOCATION)
      if (how === 'error') boss.send(M.ERROR, M.INVOCATION, request, {}, 'com.example.broken')
      else if (how === 'leave') boss.cut()
      else {
        clock.advance(5000)
        expect(await boss.hear(M.INTERRUPT)).toEqual([M.INTERRUPT, request, { mode: 'killnowait' }])
        const member = router.realms.get(REALM)?.members.get(boss.session)
        expect(member?.invocations.size, 'nothing is waited for').toBe(0)
      }
    }
    expect((await answer)[4]).toBe('wamp.error.authorization_failed')
    await peer.subscribe('com.free.topic')
  })

  test('who leaves while it is asked gets nothing, and breaks nothing', async () => {
    const { boss, peer, lines } = await asked()
    await boss.register(ASK)
    peer.send(M.SUBSCRIBE, 1, {}, 'com.topic')
    peer.send(M.SUBSCRIBE, 2, {}, 'com.free.topic')
    const [, request] = await boss.hear(M.INVOCATION)
    peer.cut()
    await peer.closed()
    boss.send(M.YIELD, request, {}, [true])
    await boss.settled()
    expect(await boss.result('wamp.subscription.list')).toEqual({ exact: [], prefix: [], wildcard: [] })
    expect(lines.filter(({ level }) => (level as number) >= 40)).toEqual([])
  })

  test('a violation behind it ends the session in its turn', async () => {
    const { boss, peer } = await asked()
    await boss.register(ASK)
    peer.send(M.SUBSCRIBE, 1, {}, 'com.topic')
    peer.send(M.WELCOME, 1, {})
    const [, request] = await boss.hear(M.INVOCATION)
    boss.send(M.YIELD, request, {}, [true])
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
    expect(peer.heard.at(-2)?.[0]).toBe(M.SUBSCRIBED)
  })
})

describe('permissions of a role', () => {
  const roles = {
    caller: { permissions: [{ uri: '', match: 'prefix', allow: ['call', 'publish'] }], meta: true },
    callee: {
      permissions: [
        { uri: 'com.shop.', match: 'prefix', allow: ['register', 'subscribe'] },
        { uri: 'com.shop.till', allow: [] },
        { uri: 'com.one', allow: ['register'] },
        { uri: 'com..any', match: 'wildcard', allow: ['register'] },
      ],
    },
  }

  test('the one that fits best counts, and without one nothing is allowed', async () => {
    const peer = await testRouter(realmOf(roles)).connect().join({ authid: 'callee' })
    const may = async (type: number, uri: string) => (await peer.ask(type, { acknowledge: true }, uri))[4] === undefined
    expect(await may(M.REGISTER, 'com.shop.door')).toBe(true)
    expect(await may(M.REGISTER, 'com.shop.till')).toBe(false)
    expect(await may(M.REGISTER, 'com.x.any')).toBe(true)
    expect(await may(M.SUBSCRIBE, 'com.x.any')).toBe(false)
    expect(await may(M.PUBLISH, 'com.shop.door')).toBe(false)
    expect(await may(M.REGISTER, 'org.else')).toBe(false)
  })

  test('a pattern answers and hears only what could be registered or subscribed by itself', async () => {
    const { connect } = testRouter(realmOf(roles))
    const [caller, callee] = [await connect().join({ authid: 'caller' }), await connect().join({ authid: 'callee', roles: BARE_ROLES })]
    callee.serve(() => ['mine'])
    await callee.register('com.shop.', { match: 'prefix' })
    // Leave for one procedure is none for what begins like it.
    expect((await callee.ask(M.REGISTER, { match: 'prefix' }, 'com.one'))[4]).toBe('wamp.error.not_authorized')
    await callee.register('com.one')
    await callee.subscribe('com.shop.', { match: 'prefix' })
    const answer = async (uri: string) => (await caller.ask(M.CALL, {}, uri))[4] ?? 'answered'
    expect(await answer('com.shop.door')).toBe('answered')
    expect(await answer('com.one')).toBe('answered')
    for (const uri of ['com.shop.till', 'com.one.more', 'com.oneself']) expect(await answer(uri), uri).toBe('wamp.error.no_such_procedure')
    await caller.publish('com.shop.till')
    await caller.publish('com.shop.door')
    expect((await callee.rest(M.EVENT)).map(([, , , details]) => details)).toEqual([{ topic: 'com.shop.door' }])
  })
})
