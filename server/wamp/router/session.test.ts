import { describe, expect, it, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { ALL_ROLES, BARE_ROLES, fresh, REALM } from '../../testing/wamp.ts'
import { routerContract, testRouter } from '../../testing/wamp-contract.ts'

routerContract('sessions', ({ connect, join }) => {
  const aborted = async (...first: readonly unknown[]) => {
    const peer = await connect()
    peer.send(...first)
    const [, details, reason] = await peer.hear(M.ABORT)
    await peer.closed()
    return { reason, message: (details as { message?: string }).message }
  }

  describe('Session Establishment', () => {
    it('WELCOME tells who they are and what the router does', async () => {
      const { session, welcome } = await join({ authid: 'ada' })
      expect(Number.isSafeInteger(session) && session > 0).toBe(true)
      expect(welcome).toMatchObject({
        realm: REALM,
        authid: 'ada',
        authrole: 'staff',
        authmethod: 'ticket',
        authprovider: 'static',
        roles: { broker: { features: { event_history: true } }, dealer: { features: { call_canceling: true } } },
      })
    })

    it('two sessions have different identifiers, and anonymous ones different authids', async () => {
      const [a, b] = [await join(), await join()]
      expect(a.session).not.toBe(b.session)
      expect(a.welcome.authid).not.toBe(b.welcome.authid)
    })

    it.each([
      ['a realm that is not there', [M.HELLO, 'com.example.nowhere', { roles: BARE_ROLES }], 'wamp.error.no_such_realm'],
      ['a realm that is no URI', [M.HELLO, 'no uri', { roles: BARE_ROLES }], 'wamp.error.no_such_realm'],
      ['no roles', [M.HELLO, REALM, {}], 'wamp.error.protocol_violation'],
      ['a role that is none', [M.HELLO, REALM, { roles: { broker: {} } }], 'wamp.error.protocol_violation'],
      ['methods that are no list', [M.HELLO, REALM, { roles: BARE_ROLES, authmethods: 'ticket' }], 'wamp.error.protocol_violation'],
      ['an authid that is no string', [M.HELLO, REALM, { roles: BARE_ROLES, authid: 7 }], 'wamp.error.protocol_violation'],
      ['an unknown method', [M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['magic'] }], 'wamp.error.no_matching_auth_method'],
      ['another message before', [M.SUBSCRIBE, 1, {}, 'com.example.topic'], 'wamp.error.protocol_violation'],
      ['GOODBYE before', [M.GOODBYE, {}, 'wamp.close.close_realm'], 'wamp.error.protocol_violation'],
      ['a message of routers', [M.WELCOME, 1, {}], 'wamp.error.protocol_violation'],
    ])('ABORT for %s', async (_, first, reason) => {
      const { reason: said, message } = await aborted(...first)
      expect(said).toBe(reason)
      expect(message).toMatch(/\w/)
    })

    it.each([
      ['a second HELLO', [M.HELLO, REALM, { roles: BARE_ROLES }]],
      ['AUTHENTICATE when nobody asked', [M.AUTHENTICATE, 'x', {}]],
      ['a message of routers', [M.EVENT, 1, 1, {}]],
      ['RESULT', [M.RESULT, 1, {}]],
      ['an answer to what never was asked', [M.YIELD, 1, {}]],
      ['an error of what never was asked', [M.ERROR, M.INVOCATION, 1, {}, 'com.example.error']],
      ['an error of no invocation', [M.ERROR, M.CALL, 1, {}, 'com.example.error']],
      ['CANCEL in a way that is none', [M.CALL, 1, {}, 'com.example.slow']],
    ])('ABORT ends a session for %s', async (name, message) => {
      const [peer, witness] = [await join(), await join()]
      if (name.startsWith('CANCEL')) {
        await witness.register('com.example.slow')
        peer.send(...message)
        await witness.hear(M.INVOCATION)
        peer.send(M.CANCEL, 1, { mode: 'gently' })
      } else peer.send(...message)
      expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
      await peer.closed()
      await witness.settled()
    })

    it('what else comes while signing in ends it', async () => {
      const peer = await connect()
      peer.send(M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'ada' })
      expect((await peer.hear(M.CHALLENGE))[1]).toBe('ticket')
      peer.send(M.SUBSCRIBE, 1, {}, 'com.example.topic')
      expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
      await peer.closed()
    })

    it('a client may give up with ABORT', async () => {
      const peer = await connect()
      peer.send(M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'ada' })
      await peer.hear(M.CHALLENGE)
      peer.send(M.ABORT, {}, 'wamp.error.no_auth_method')
      await peer.closed()
      expect(peer.heard).toHaveLength(1)
    })
  })

  describe('Session Closing', () => {
    it('GOODBYE is answered, and HELLO opens another session on the same connection', async () => {
      const [peer, other] = [await join(), await join()]
      const topic = fresh('topic')
      await peer.subscribe(topic)
      const before = peer.session
      peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
      expect(await peer.hear(M.GOODBYE)).toEqual([M.GOODBYE, {}, 'wamp.close.goodbye_and_out'])
      await peer.join({ authid: 'bo', roles: ALL_ROLES })
      expect(peer.session).not.toBe(before)
      expect(peer.welcome.authid).toBe('bo')
      await other.publish(topic)
      expect(await peer.rest(M.EVENT), 'what the former session subscribed').toEqual([])
    })

    it('a killed session hears GOODBYE, and no more; it closes when it answers', async () => {
      const [killer, victim] = [await join(), await join()]
      const topic = fresh('topic')
      await victim.subscribe(topic)
      await killer.call('wamp.session.kill', [victim.session], { reason: 'com.example.enough', message: 'enough' })
      await killer.publish(topic)
      expect(await victim.hear(M.GOODBYE)).toEqual([M.GOODBYE, { message: 'enough' }, 'com.example.enough'])
      expect(victim.isClosed).toBe(false)
      victim.send(M.PUBLISH, 1, {}, topic)
      victim.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
      await victim.closed()
      expect(victim.heard.filter(([type]) => type === M.EVENT || type === M.ABORT)).toEqual([])
    })

    it('who goes without a word has left', async () => {
      const [peer, witness] = [await join(), await join()]
      const left = await witness.subscribe('wamp.session.on_leave')
      peer.cut()
      const [, , , , args] = await witness.hear(
        M.EVENT,
        ([, subscription, , , said]) => subscription === left && said?.[0 as never] === peer.session,
      )
      expect(args).toEqual([peer.session, peer.welcome.authid, 'anyone'])
    })
  })
})

test('a wrong ticket is ABORT, once', async () => {
  const peer = testRouter().connect()
  peer.send(M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'ada' })
  await peer.hear(M.CHALLENGE)
  peer.send(M.AUTHENTICATE, 'bo', {})
  peer.send(M.AUTHENTICATE, 'ada', {})
  await peer.closed()
  expect(peer.heard.slice(1)).toEqual([[M.ABORT, { message: expect.any(String) }, expect.stringMatching(/^wamp\.error\./)]])
})
