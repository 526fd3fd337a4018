import { describe, expect, it, vi } from 'vitest'
import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { FakeClock } from '../../testing/clock.ts'
import { joined, ScriptedRouter } from '../../testing/wamp-peer.ts'
import { type ClientAuth, ticketAuth } from '../auth/answers.ts'
import { JOIN_TIMEOUT_MS, type JoinOptions, joinSession } from './join.ts'

function start(options: Partial<JoinOptions> = {}) {
  const [router, clock] = [new ScriptedRouter(), new FakeClock()]
  const joining = joinSession(router.client, { realm: 'com.garden', clock, ...options })
  joining.catch(() => {})
  return { router, clock, joining }
}

describe('joining a realm', () => {
  it('says what it can do, and is who the router says', async () => {
    const { router, joining } = start({ agent: 'test', authextra: { x: 1 } })
    const { realm, details } = await router.welcome(42, { authid: 'ada', authrole: 'viewer' })
    expect(realm).toBe('com.garden')
    expect(details).toMatchObject({ agent: 'test', authextra: { x: 1 }, roles: { caller: { features: { call_canceling: true } } } })
    expect(details).not.toHaveProperty('authmethods')
    const session = await joining
    expect(session).toMatchObject({ id: 42, realm: 'com.garden', authid: 'ada', authrole: 'viewer', isOver: false })
  })

  it('signs in by the way that the router chooses', async () => {
    const verify = vi.fn()
    const other: ClientAuth = { method: 'scram', authextra: () => ({ nonce: 'n' }), answer: vi.fn(), verify }
    const { router, joining } = start({ auth: [other, ticketAuth('ada', 'secret')] })
    const { details } = await router.hear(M.HELLO)
    expect(details).toMatchObject({ authmethods: ['scram', 'ticket'], authid: 'ada', authextra: { nonce: 'n' } })
    router.say({ type: M.CHALLENGE, method: 'ticket', extra: {} })
    expect(await router.hear(M.AUTHENTICATE)).toMatchObject({ signature: 'secret' })
    router.say({ type: M.WELCOME, session: 1, details: { authmethod: 'ticket' } })
    expect((await joining).id).toBe(1)
    expect(verify).not.toHaveBeenCalled()
  })

  it('refuses a router that does not prove who it is', async () => {
    const verify = () => {
      throw new Error('wrong')
    }
    const { router, joining } = start({ auth: [{ method: 'scram', answer: async () => ({ signature: 's', extra: {} }), verify }] })
    await router.hear(M.HELLO)
    router.say({ type: M.CHALLENGE, method: 'scram', extra: {} })
    await router.hear(M.AUTHENTICATE)
    router.say({ type: M.WELCOME, session: 1, details: {} })
    await expect(joining).rejects.toMatchObject({ name: 'JoinError', uri: 'wamp.error.authentication_failed' })
    expect(await router.hear(M.ABORT)).toMatchObject({ reason: 'wamp.error.authentication_failed' })
  })

  it.each([{ authmethod: 'anonymous' }, {}])('refuses a router that asks nothing instead (%j)', async (details) => {
    const verify = () => {
      throw new Error('not proven')
    }
    const { router, joining } = start({ auth: [{ method: 'scram', answer: vi.fn(), verify }] })
    await router.welcome(1, details)
    await expect(joining).rejects.toMatchObject({ uri: 'wamp.error.authentication_failed' })
  })

  it.each<[string, (router: ScriptedRouter) => void, string, string | undefined]>([
    [
      'is refused',
      (router) => router.say({ type: M.ABORT, details: { message: 'none such' }, reason: 'wamp.error.no_such_realm' }),
      'wamp.error.no_such_realm',
      undefined,
    ],
    [
      'is asked for what it did not offer',
      (router) => router.say({ type: M.CHALLENGE, method: 'wampcra', extra: {} }),
      'wamp.error.no_matching_auth_method',
      'wamp.error.no_matching_auth_method',
    ],
    [
      'hears what comes after WELCOME alone',
      (router) => router.say({ type: M.EVENT, subscription: 1, publication: 1, details: {} }),
      'wamp.error.protocol_violation',
      'wamp.error.protocol_violation',
    ],
    [
      'hears what is no message',
      (router) => router.client.onViolation(new ProtocolViolation('no JSON')),
      'wamp.error.protocol_violation',
      'wamp.error.protocol_violation',
    ],
    ['loses the connection', (router) => router.close(), 'wamp.error.network_failure', undefined],
  ])('tells why when it %s', async (_, act, uri, abort) => {
    const { router, joining } = start()
    await router.hear(M.HELLO)
    act(router)
    await expect(joining).rejects.toMatchObject({ name: 'JoinError', uri })
    if (abort !== undefined) expect(await router.hear(M.ABORT)).toMatchObject({ reason: abort })
    await vi.waitFor(() => expect(router.isClosed).toBe(true))
  })

  it('is given up in time, or when it is told to', async () => {
    const late = start()
    await late.router.hear(M.HELLO)
    late.clock.advance(JOIN_TIMEOUT_MS)
    await expect(late.joining).rejects.toMatchObject({ uri: 'wamp.error.timeout' })

    const stop = new AbortController()
    const stopped = start({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(stopped.joining).rejects.toThrow('enough')
    await expect(start({ signal: stop.signal }).joining).rejects.toThrow('enough')
  })
})

describe('leaving', () => {
  it('waits for the goodbye of the router, and asks nothing any more', async () => {
    const { session, router } = await joined()
    const pending = session.call('com.x')
    await router.hear(M.CALL)
    const left = session.leave('com.done', 'bye')
    await expect(pending).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'com.done' })
    expect(await router.hear(M.GOODBYE)).toMatchObject({ reason: 'com.done', details: { message: 'bye' } })
    router.say({ type: M.RESULT, request: 1, details: {} })
    router.say({ type: M.GOODBYE, details: {}, reason: 'wamp.close.goodbye_and_out' })
    await left
    await session.leave()
    expect(await session.ended).toEqual({ reason: 'com.done', message: 'bye', by: 'client', wasClean: true })
    await session.disconnected
    await expect(session.publish('com.t')).rejects.toThrow('com.done')
    await expect(session.subscribe('com.t', () => {})).rejects.toThrow('com.done')
    expect(router.unheard).toEqual([])
  })

  it('waits no longer than it may', async () => {
    const { session, router, clock } = await joined()
    const left = session.leave()
    await router.hear(M.GOODBYE)
    clock.advance(1000)
    await left
    expect(await session.ended).toMatchObject({ by: 'client', wasClean: false })
  })

  it('answers the goodbye of the router', async () => {
    const { session, router } = await joined()
    router.say({ type: M.GOODBYE, details: { message: 'restart' }, reason: 'wamp.close.system_shutdown' })
    expect(await router.hear(M.GOODBYE)).toMatchObject({ reason: 'wamp.close.goodbye_and_out' })
    expect(await session.ended).toEqual({ reason: 'wamp.close.system_shutdown', message: 'restart', by: 'router', wasClean: true })
  })

  it('tells when the connection is lost, or aborted', async () => {
    const lost = await joined()
    lost.router.close()
    expect(await lost.session.ended).toMatchObject({ reason: 'wamp.error.network_failure', by: 'connection' })
    const aborted = await joined()
    aborted.router.say({ type: M.ABORT, details: {}, reason: 'com.broken' })
    expect(await aborted.session.ended).toMatchObject({ reason: 'com.broken', by: 'router', wasClean: false })
  })

  it.each<[string, M.Message]>([
    ['an answer to nothing', { type: M.SUBSCRIBED, request: 9, subscription: 1 }],
    ['an error of nothing', { type: M.ERROR, of: M.CALL, request: 9, details: {}, error: 'com.x' }],
    ['an event of nothing', { type: M.EVENT, subscription: 9, publication: 1, details: {} }],
    ['a call of nothing', { type: M.INVOCATION, request: 1, registration: 9, details: {} }],
    ['another WELCOME', { type: M.WELCOME, session: 8, details: {} }],
    ['what only clients say', { type: M.CALL, request: 1, options: {}, procedure: 'com.x' }],
    ['a revocation of nothing', { type: M.UNREGISTERED, request: 0, details: { registration: 4 } }],
  ])('ends the session for %s', async (_, message) => {
    const { session, router } = await joined()
    router.say(message)
    expect(await router.hear(M.ABORT)).toMatchObject({ reason: 'wamp.error.protocol_violation' })
    expect(await session.ended).toMatchObject({ reason: 'wamp.error.protocol_violation', by: 'violation' })
  })
})
