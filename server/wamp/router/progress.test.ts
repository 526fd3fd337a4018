import { describe, expect, it } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { ALL_ROLES, BARE_ROLES, fresh, type JoinWish, type TestPeer } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

/** As ALL_ROLES, without some features of one role. */
const without = (role: 'caller' | 'callee', ...features: string[]): JoinWish => ({
  roles: {
    ...ALL_ROLES,
    [role]: { features: Object.fromEntries(Object.entries(ALL_ROLES[role].features).filter(([name]) => !features.includes(name))) },
  },
})

routerContract('progress and canceling', ({ join }) => {
  const pair = async (calleeWish: JoinWish = {}, callerWish: JoinWish = {}) => {
    const [caller, callee] = [await join(callerWish), await join(calleeWish)]
    const uri = fresh('procedure')
    await callee.register(uri)
    return { caller, callee, uri }
  }
  const called = async (caller: TestPeer, callee: TestPeer, uri: string, options = {}) => {
    const request = caller.nextRequest()
    caller.send(M.CALL, request, options, uri)
    const invocation = await callee.hear(M.INVOCATION)
    return { request, invocation: invocation[1] as number, details: invocation[3] }
  }

  describe('Progressive Call Results', () => {
    it('come in their order before the last', async () => {
      const { caller, callee, uri } = await pair()
      const { request, invocation, details } = await called(caller, callee, uri, { receive_progress: true })
      expect(details).toEqual({ receive_progress: true })
      for (let i = 0; i < 3; i++) callee.send(M.YIELD, invocation, { progress: true }, [i])
      callee.send(M.YIELD, invocation, {}, ['end'])
      callee.send(M.YIELD, invocation, { progress: true }, ['late'])
      await callee.settled()
      expect(await caller.rest(M.RESULT)).toEqual([
        ...[0, 1, 2].map((i) => [M.RESULT, request, { progress: true }, [i]]),
        [M.RESULT, request, {}, ['end']],
      ])
    })

    it('who does not ask for them hears the last alone', async () => {
      const { caller, callee, uri } = await pair()
      const { request, invocation, details } = await called(caller, callee, uri)
      expect(details).toEqual({})
      callee.send(M.YIELD, invocation, { progress: true }, [1])
      callee.send(M.YIELD, invocation, {}, [2])
      await callee.settled()
      expect(await caller.rest(M.RESULT)).toEqual([[M.RESULT, request, {}, [2]]])
    })
  })

  describe('Progressive Call Invocations', () => {
    it('all parts go to one callee under one request, with the first one’s options', async () => {
      const { caller, callee, uri } = await pair()
      const told = { caller: caller.session, caller_authid: caller.welcome.authid, caller_authrole: 'anyone' }
      const call = caller.nextRequest()
      caller.send(M.CALL, call, { progress: true, disclose_me: true }, uri, [0])
      caller.send(M.CALL, call, { progress: true }, uri, [1])
      caller.send(M.CALL, call, {}, uri, [2])
      const parts = [await callee.hear(M.INVOCATION), await callee.hear(M.INVOCATION), await callee.hear(M.INVOCATION)]
      const request = parts[0]?.[1]
      expect(parts.map((part) => part.slice(1))).toEqual([
        [request, parts[0]?.[2], { ...told, progress: true }, [0]],
        [request, parts[0]?.[2], { ...told, progress: true }, [1]],
        [request, parts[0]?.[2], told, [2]],
      ])
      callee.send(M.YIELD, request, {}, ['sum'])
      expect(await caller.hear(M.RESULT)).toEqual([M.RESULT, call, {}, ['sum']])
    })

    it('parts that come after the answer go nowhere', async () => {
      const { caller, callee, uri } = await pair()
      const call = caller.nextRequest()
      caller.send(M.CALL, call, { progress: true }, uri)
      const [, request] = await callee.hear(M.INVOCATION)
      callee.send(M.YIELD, request, {}, ['enough'])
      await caller.hear(M.RESULT)
      caller.send(M.CALL, call, { progress: true }, uri)
      caller.send(M.CALL, call, {}, uri)
      expect(await caller.rest(M.ERROR)).toEqual([])
      expect(await callee.rest(M.INVOCATION)).toEqual([])
    })

    it('parts of what was refused go nowhere, and it is refused once', async () => {
      const { caller, callee, uri } = await pair(without('callee', 'progressive_call_invocations'))
      const none = fresh('nobody')
      for (const [request, procedure] of [
        [71, uri],
        [72, none],
        [73, 'wamp.session.count'],
        [74, 'com.closed.door'],
      ] as const) {
        caller.send(M.CALL, request, { progress: true }, procedure)
        caller.send(M.CALL, request, { progress: true }, procedure)
        caller.send(M.CALL, request, {}, procedure)
      }
      const errors = await caller.rest(M.ERROR)
      expect(errors.map(([, , request, , error]) => [request, error])).toEqual([
        [71, 'wamp.error.feature_not_supported'],
        [72, 'wamp.error.no_such_procedure'],
        [73, 'wamp.error.feature_not_supported'],
        [74, 'wamp.error.not_authorized'],
      ])
      expect(await callee.rest(M.INVOCATION)).toEqual([])
      expect(await caller.rest(M.RESULT)).toEqual([])
    })

    it('ABORT for a caller that did not announce them', async () => {
      const { caller, uri } = await pair({}, { roles: BARE_ROLES })
      caller.send(M.CALL, 1, { progress: true }, uri)
      expect((await caller.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
    })
  })

  describe('Call Canceling', () => {
    it('skip, and no mode: the caller is told, the callee is not, and its answer goes nowhere', async () => {
      for (const options of [{}, { mode: 'skip' }]) {
        const { caller, callee, uri } = await pair()
        const { request, invocation } = await called(caller, callee, uri)
        caller.send(M.CANCEL, request, options)
        expect((await caller.hear(M.ERROR)).slice(0, 5)).toEqual([M.ERROR, M.CALL, request, {}, 'wamp.error.canceled'])
        callee.send(M.YIELD, invocation, {})
        expect(await callee.rest(M.INTERRUPT)).toEqual([])
        expect(await caller.rest(M.RESULT)).toEqual([])
      }
    })

    it('kill: the caller waits for what the callee says', async () => {
      const { caller, callee, uri } = await pair()
      const { request, invocation } = await called(caller, callee, uri)
      caller.send(M.CANCEL, request, { mode: 'kill' })
      expect(await callee.hear(M.INTERRUPT)).toEqual([M.INTERRUPT, invocation, { mode: 'kill' }])
      expect(await caller.rest(M.ERROR)).toEqual([])
      callee.send(M.ERROR, M.INVOCATION, invocation, {}, 'wamp.error.canceled', ['undone'])
      expect(await caller.hear(M.ERROR)).toEqual([M.ERROR, M.CALL, request, {}, 'wamp.error.canceled', ['undone']])
    })

    it('killnowait: the caller is told at once, and the callee interrupted', async () => {
      const { caller, callee, uri } = await pair()
      const { request, invocation } = await called(caller, callee, uri)
      caller.send(M.CANCEL, request, { mode: 'killnowait' })
      expect((await caller.hear(M.ERROR))[4]).toBe('wamp.error.canceled')
      expect(await callee.hear(M.INTERRUPT)).toEqual([M.INTERRUPT, invocation, { mode: 'killnowait' }])
      callee.send(M.ERROR, M.INVOCATION, invocation, {}, 'wamp.error.canceled')
      await callee.settled()
      expect(await caller.rest(M.ERROR)).toEqual([])
    })

    it.each(['skip', 'kill', 'killnowait'])('%s of a callee that cannot be interrupted is skip', async (mode) => {
      const { caller, callee, uri } = await pair(without('callee', 'call_canceling'))
      const { request, invocation } = await called(caller, callee, uri)
      caller.send(M.CANCEL, request, { mode })
      expect((await caller.hear(M.ERROR))[4]).toBe('wamp.error.canceled')
      callee.send(M.YIELD, invocation, {})
      expect(await callee.rest(M.INTERRUPT)).toEqual([])
      expect(await caller.rest(M.RESULT)).toEqual([])
    })

    it('what is answered already, or never was asked, is no error', async () => {
      const { caller, callee, uri } = await pair()
      const { request, invocation } = await called(caller, callee, uri)
      callee.send(M.YIELD, invocation, {})
      await caller.hear(M.RESULT)
      caller.send(M.CANCEL, request, { mode: 'kill' })
      caller.send(M.CANCEL, 4711, {})
      await caller.settled()
      expect(await callee.rest(M.INTERRUPT)).toEqual([])
    })

    it('a callee that spells it cancelling is interrupted, too', async () => {
      const { caller, callee, uri } = await pair({ roles: { callee: { features: { call_cancelling: true } }, caller: {} } })
      const { request } = await called(caller, callee, uri)
      caller.send(M.CANCEL, request, { mode: 'kill' })
      await callee.hear(M.INTERRUPT)
    })
  })

  it('Call Timeouts: a callee that announced them is told', async () => {
    const { caller, callee, uri } = await pair()
    expect((await called(caller, callee, uri, { timeout: 60_000 })).details).toEqual({ timeout: 60_000 })
    const bare = await pair(without('callee', 'call_timeout'))
    expect((await called(bare.caller, bare.callee, bare.uri, { timeout: 60_000 })).details).toEqual({})
  })
})
