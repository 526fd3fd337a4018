import { describe, expect, it } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh, type Tuple } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)

routerContract('meta procedures', ({ join }) => {
  describe('Session Meta API', () => {
    it('counts, lists and describes sessions, also by role', async () => {
      const [me, ada, bo] = [await join(), await join({ authid: 'ada' }), await join({ authid: 'bo' })]
      const all = (await me.result('wamp.session.list')) as number[]
      expect(all).toEqual(expect.arrayContaining([me.session, ada.session, bo.session]))
      expect(await me.result('wamp.session.count')).toBe(all.length)
      expect(await me.result('wamp.session.list', ['guest'])).toEqual([bo.session])
      expect(await me.result('wamp.session.count', ['guest', 'staff', 'nobody'])).toBe(2)
      expect(await me.result('wamp.session.get', ada.session)).toEqual({
        session: ada.session,
        authid: 'ada',
        authrole: 'staff',
        authmethod: 'ticket',
        authprovider: 'static',
        transport: expect.objectContaining({ type: expect.stringMatching(/^(websocket|rawsocket|internal)$/) }),
        events_lost: 0,
      })
      await expect(me.result('wamp.session.get', 1)).rejects.toThrow('wamp.error.no_such_session')
      await expect(me.result('wamp.session.count', 'guest')).rejects.toThrow('wamp.error.invalid_argument')
    })

    it('kills one, by authid, by role: never the caller itself', async () => {
      const [me, a, b, c] = [
        await join({ authid: 'ada' }),
        await join({ authid: 'ada' }),
        await join({ authid: 'bo' }),
        await join({ authid: 'bo' }),
      ]
      expect(await me.call('wamp.session.kill', [b.session])).toEqual([])
      expect(await b.hear(M.GOODBYE)).toEqual([M.GOODBYE, {}, 'wamp.close.normal'])
      await expect(me.call('wamp.session.kill', [b.session])).rejects.toThrow('wamp.error.no_such_session')
      await expect(me.call('wamp.session.kill', [me.session])).rejects.toThrow('wamp.error.no_such_session')
      await expect(me.call('wamp.session.kill', [a.session], { reason: 'no uri' })).rejects.toThrow('wamp.error.invalid_uri')
      expect(await me.result('wamp.session.kill_by_authid', 'ada')).toEqual([a.session])
      await a.hear(M.GOODBYE)
      expect(await me.result('wamp.session.kill_by_authrole', 'guest')).toBe(1)
      await c.hear(M.GOODBYE)
      expect(await me.result('wamp.session.kill_by_authrole', 'staff')).toBe(0)
    })

    it('kills all others', async () => {
      const [me, other] = [await join(), await join()]
      expect(await me.result('wamp.session.kill_all')).toBeGreaterThan(0)
      await other.hear(M.GOODBYE)
      expect(await me.result('wamp.session.list')).toEqual([me.session])
    })
  })

  describe('Subscriptions Meta API', () => {
    it('finds and describes them', async () => {
      const [me, other] = [await join(), await join()]
      const topic = fresh('topic')
      const [exact, prefix] = [await me.subscribe(topic), await other.subscribe(topic, { match: 'prefix' })]
      await other.subscribe(topic)
      const listed = (await me.result('wamp.subscription.list')) as Record<string, number[]>
      expect(Object.keys(listed).sort()).toEqual(['exact', 'prefix', 'wildcard'])
      expect([listed.exact, listed.prefix]).toEqual([expect.arrayContaining([exact]), expect.arrayContaining([prefix])])
      expect(await me.result('wamp.subscription.lookup', topic)).toBe(exact)
      expect(await me.result('wamp.subscription.lookup', topic, { match: 'prefix' })).toBe(prefix)
      expect(await me.result('wamp.subscription.lookup', topic, { match: 'wildcard' })).toBeNull()
      expect(await me.result('wamp.subscription.match', topic)).toEqual([exact, prefix])
      expect(await me.result('wamp.subscription.match', fresh('none'))).toBeNull()
      expect(await me.result('wamp.subscription.get', prefix)).toEqual({ id: prefix, uri: topic, match: 'prefix', created: ISO })
      expect(await me.result('wamp.subscription.list_subscribers', exact)).toEqual([me.session, other.session])
      expect(await me.result('wamp.subscription.count_subscribers', exact)).toBe(2)
    })

    it.each(['get', 'list_subscribers', 'count_subscribers', 'remove_subscriber'])('%s of none is an error', async (name) => {
      const me = await join()
      await expect(me.result(`wamp.subscription.${name}`, 999_999_999)).rejects.toThrow('wamp.error.no_such_subscription')
      await expect(me.result(`wamp.subscription.${name}`)).rejects.toThrow('wamp.error.no_such_subscription')
    })
  })

  describe('Registration Meta API', () => {
    it('finds and describes them', async () => {
      const [me, other] = [await join(), await join()]
      const uri = fresh('procedure')
      const exact = await me.register(uri, { invoke: 'first' })
      await other.register(uri, { invoke: 'first' })
      const prefix = await other.register(uri, { match: 'prefix' })
      const listed = (await me.result('wamp.registration.list')) as Record<string, number[]>
      expect([listed.exact, listed.prefix]).toEqual([expect.arrayContaining([exact]), expect.arrayContaining([prefix])])
      expect(await me.result('wamp.registration.lookup', uri)).toBe(exact)
      expect(await me.result('wamp.registration.lookup', uri, { match: 'prefix' })).toBe(prefix)
      expect(await me.result('wamp.registration.match', `${uri}.more`)).toBe(prefix)
      expect(await me.result('wamp.registration.match', fresh('none'))).toBeNull()
      expect(await me.result('wamp.registration.get', exact)).toEqual({ id: exact, uri, match: 'exact', invoke: 'first', created: ISO })
      expect(await me.result('wamp.registration.list_callees', exact)).toEqual([me.session, other.session])
      expect(await me.result('wamp.registration.count_callees', exact)).toBe(2)
    })

    it.each(['get', 'list_callees', 'count_callees', 'remove_callee'])('%s of none is an error', async (name) => {
      const me = await join()
      await expect(me.result(`wamp.registration.${name}`, 999_999_999)).rejects.toThrow('wamp.error.no_such_registration')
    })

    it('what asks is no URI, or no way to match', async () => {
      const me = await join()
      for (const kind of ['subscription', 'registration']) {
        await expect(me.result(`wamp.${kind}.match`, 7)).rejects.toThrow('wamp.error.invalid_argument')
        await expect(me.result(`wamp.${kind}.lookup`, 'com.example', { match: 'near' })).rejects.toThrow('wamp.error.invalid_argument')
      }
    })
  })

  it('a role without them may use none, but those about itself', async () => {
    const bo = await join({ authid: 'bo' })
    for (const uri of [
      'wamp.session.count',
      'wamp.session.kill_all',
      'wamp.subscription.list',
      'wamp.registration.list_callees',
      'wamp.session.dance',
    ])
      expect((await bo.ask(M.CALL, {}, uri))[4]).toBe('wamp.error.not_authorized')
    await bo.call('wamp.session.add_testament', [fresh('topic'), [], {}])
    await bo.call('wamp.session.flush_testaments')
  })

  describe('Testaments', () => {
    const left = async (testaments: readonly (readonly [Tuple, Dict?])[], then: 'cut' | 'goodbye' | 'kill' = 'cut') => {
      const [witness, dying] = [await join(), await join({ authid: 'ada' })]
      const topic = fresh('topic')
      await witness.subscribe(topic)
      for (const [[...more], kwargs] of testaments) await dying.call('wamp.session.add_testament', [topic, ...more], kwargs)
      const gone = await witness.subscribe('wamp.session.on_leave')
      const last = async () => {
        if (then === 'cut') dying.cut()
        else if (then === 'goodbye') dying.send(M.GOODBYE, {}, 'wamp.close.close_realm')
        else await witness.call('wamp.session.kill', [dying.session])
        await witness.hear(M.EVENT, ([, subscription, , , args]) => subscription === gone && (args as Tuple)[0] === dying.session)
        return (await witness.rest(M.EVENT)).filter(([, subscription]) => subscription !== gone).map((event) => event.slice(3))
      }
      return { witness, dying, topic, last }
    }

    it.each(['cut', 'goodbye', 'kill'] as const)(
      'are published when the session is gone by %s: detached first, in their order',
      async (then) => {
        const { last } = await left([[[['last'], { will: 1 }]], [[['first'], {}], { scope: 'detached' }], [[['bare']]], [[]]], then)
        expect(await last()).toEqual([
          [{}, ['first'], {}],
          [{}, ['last'], { will: 1 }],
          [{}, ['bare'], {}],
          [{}, [], {}],
        ])
      },
    )

    it('are published as their options say', async () => {
      const { witness, topic, last } = await left([
        [[['not ada'], {}], { publish_options: { eligible_authid: ['ada'] } }],
        [[['kept'], {}], { publish_options: { retain: true } }],
      ])
      expect(await last()).toEqual([[{}, ['kept'], {}]])
      const later = await join()
      await later.subscribe(topic, { get_retained: true })
      expect((await later.hear(M.EVENT))[4]).toEqual(['kept'])
      expect(witness.isClosed).toBe(false)
    })

    it('are taken back by scope', async () => {
      const { dying, last } = await left([[[[1], {}]], [[[2], {}], { scope: 'detached' }]])
      await dying.call('wamp.session.flush_testaments', [], { scope: 'destroyed' })
      expect(await last()).toEqual([[{}, [2], {}]])
    })

    it.each([
      ['no topic', [], {}, 'wamp.error.invalid_uri'],
      ['the router’s topic', ['wamp.session.on_join', [], {}], {}, 'wamp.error.invalid_uri'],
      ['arguments that are none', ['com.example.t', 7, {}], {}, 'wamp.error.invalid_argument'],
      ['another scope', ['com.example.t', [], {}], { scope: 'always' }, 'wamp.error.invalid_argument'],
      ['options that fail', ['com.example.t', [], {}], { publish_options: { exclude: 7 } }, 'wamp.error.invalid_argument'],
      ['what they may not publish', ['com.closed.t', [], {}], {}, 'wamp.error.not_authorized'],
    ])('%s is an error', async (_, args, kwargs, error) => {
      await expect((await join()).call('wamp.session.add_testament', args, kwargs)).rejects.toThrow(error)
    })
  })
})
