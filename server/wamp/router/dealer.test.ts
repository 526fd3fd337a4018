import { describe, expect, it } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { BARE_ROLES, fresh } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

routerContract('calls', ({ serializer, join }) => {
  it('a call reaches who registered, and its result who called; absent parts stay absent', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    const registration = await callee.register(uri)
    const said: [unknown[]?, Record<string, unknown>?][] = [[], [[]], [[1, 'two', null]], [[], { three: 3 }], [[{}], {}]]
    for (const [args, kwargs] of said) {
      const payload = kwargs ? [args, kwargs] : args ? [args] : []
      const result = caller.ask(M.CALL, {}, uri, ...payload)
      const invocation = await callee.hear(M.INVOCATION)
      expect(invocation).toEqual([M.INVOCATION, expect.any(Number), registration, {}, ...payload])
      callee.send(M.YIELD, invocation[1], {}, ...payload)
      expect((await result).slice(2)).toEqual([{}, ...payload])
    }
  })

  it('errors come with what was said, and absent parts stay absent', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    for (const payload of [[], [['why']], [[], { code: 7 }]]) {
      const answer = caller.ask(M.CALL, {}, uri)
      const [, request] = await callee.hear(M.INVOCATION)
      callee.send(M.ERROR, M.INVOCATION, request, {}, 'com.example.error', ...payload)
      expect((await answer).slice(3)).toEqual([{}, 'com.example.error', ...payload])
    }
    const answer = caller.ask(M.CALL, {}, uri)
    const [, request] = await callee.hear(M.INVOCATION)
    callee.send(M.ERROR, M.INVOCATION, request, {}, 'no uri')
    expect((await answer)[4]).toBe('wamp.error.invalid_uri')
  })

  it('null for a payload is none', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    const result = caller.ask(M.CALL, {}, uri, null, null)
    const invocation = await callee.hear(M.INVOCATION)
    expect(invocation).toHaveLength(4)
    callee.send(M.YIELD, invocation[1], {}, null)
    expect(await result).toHaveLength(3)
  })

  it('bytes go there and back', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    const bytes = serializer === 'json' ? '\0/wA=' : Uint8Array.of(255, 0)
    const result = caller.ask(M.CALL, {}, uri, [bytes])
    const [, request, , , args] = await callee.hear(M.INVOCATION)
    callee.send(M.YIELD, request, {}, args)
    const [back] = (await result)[3] as unknown[]
    expect(back instanceof Uint8Array ? Uint8Array.from(back) : back).toEqual(bytes)
  })

  it('calls of one session are answered in whatever order', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    const answers = [0, 1, 2].map((i) => caller.ask(M.CALL, {}, uri, [i]))
    const invocations = [await callee.hear(M.INVOCATION), await callee.hear(M.INVOCATION), await callee.hear(M.INVOCATION)]
    expect(invocations.map(([, , , , args]) => args)).toEqual([[0], [1], [2]])
    for (const [, request, , , args] of invocations.reverse()) callee.send(M.YIELD, request, {}, args)
    expect((await Promise.all(answers)).map(([, , , args]) => args)).toEqual([[0], [1], [2]])
  })

  it('a session calls itself', async () => {
    const peer = await join()
    const uri = fresh('procedure')
    await peer.register(uri)
    const result = peer.ask(M.CALL, {}, uri, [1])
    const [, request] = await peer.hear(M.INVOCATION)
    peer.send(M.YIELD, request, {}, [2])
    expect((await result)[3]).toEqual([2])
  })

  it('nobody there, the router’s own, and what was not registered', async () => {
    const peer = await join()
    expect((await peer.ask(M.CALL, {}, fresh('nobody')))[4]).toBe('wamp.error.no_such_procedure')
    expect((await peer.ask(M.CALL, {}, 'wamp.session.dance'))[4]).toBe('wamp.error.no_such_procedure')
    expect((await peer.ask(M.UNREGISTER, 4711))[4]).toBe('wamp.error.no_such_registration')
    const id = await peer.register(fresh('procedure'))
    expect((await (await join()).ask(M.UNREGISTER, id))[4]).toBe('wamp.error.no_such_registration')
  })

  it('a request that is not answered yet cannot be used again', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    for (let i = 0; i < 2; i++) caller.send(M.CALL, 7, {}, uri)
    expect((await caller.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
  })

  it('a time-out that is none is an error', async () => {
    const [caller, callee] = [await join(), await join()]
    const uri = fresh('procedure')
    await callee.register(uri)
    for (const timeout of [-1, 1.5, '10']) expect((await caller.ask(M.CALL, { timeout }, uri))[4]).toBe('wamp.error.invalid_argument')
    expect(await callee.rest(M.INVOCATION)).toEqual([])
  })

  it('Caller Identification: when asked, never, or always, as the realm says', async () => {
    const [caller, callee] = [await join({ authid: 'ada' }), await join()]
    const told = { caller: caller.session, caller_authid: 'ada', caller_authrole: 'staff' }
    const details = async (uri: string, options: object) => {
      await callee.register(uri)
      caller.send(M.CALL, caller.nextRequest(), options, uri)
      return (await callee.hear(M.INVOCATION))[3]
    }
    expect(await details(fresh('procedure'), {})).toEqual({})
    expect(await details(fresh('procedure'), { disclose_me: true })).toEqual(told)
    expect(await details(fresh('procedure').replace('com.example', 'com.told'), {})).toEqual(told)
    const secret = fresh('procedure').replace('com.example', 'com.secret')
    expect(await details(secret, {})).toEqual({})
    expect((await caller.ask(M.CALL, { disclose_me: true }, secret))[4]).toBe('wamp.error.option_disallowed.disclose_me')
  })

  describe('leaving', () => {
    it('a callee that leaves cancels what it was asked, at once, and its registrations are gone', async () => {
      const [caller, callee] = [await join(), await join()]
      const uri = fresh('procedure')
      await callee.register(uri)
      const answer = caller.ask(M.CALL, {}, uri)
      await callee.hear(M.INVOCATION)
      callee.cut()
      expect((await answer)[4]).toBe('wamp.error.canceled')
      expect((await caller.ask(M.CALL, {}, uri))[4]).toBe('wamp.error.no_such_procedure')
      await caller.register(uri)
    })

    it('a callee that says GOODBYE, too', async () => {
      const [caller, callee] = [await join(), await join()]
      const uri = fresh('procedure')
      await callee.register(uri)
      const answer = caller.ask(M.CALL, {}, uri)
      await callee.hear(M.INVOCATION)
      callee.send(M.GOODBYE, {}, 'wamp.close.close_realm')
      expect((await answer)[4]).toBe('wamp.error.canceled')
      expect((await caller.ask(M.CALL, {}, uri))[4]).toBe('wamp.error.no_such_procedure')
    })

    it('a caller that leaves interrupts whom it called, where that can be; a late answer goes nowhere', async () => {
      const [caller, callee, bare] = [await join(), await join(), await join({ roles: BARE_ROLES })]
      const [uri, other] = [fresh('procedure'), fresh('procedure')]
      await callee.register(uri)
      await bare.register(other)
      caller.send(M.CALL, 1, {}, uri)
      caller.send(M.CALL, 2, {}, other)
      const [, request] = await callee.hear(M.INVOCATION)
      const [, bareRequest] = await bare.hear(M.INVOCATION)
      caller.cut()
      expect(await callee.hear(M.INTERRUPT)).toEqual([M.INTERRUPT, request, { mode: 'killnowait' }])
      callee.send(M.ERROR, M.INVOCATION, request, {}, 'wamp.error.canceled')
      bare.send(M.YIELD, bareRequest, {}, [1])
      await callee.settled()
      expect(await bare.rest(M.INTERRUPT)).toEqual([])
    })
  })
})
