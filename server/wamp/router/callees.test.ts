import { describe, expect, it } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { fresh, type TestPeer } from '../../testing/wamp.ts'
import { routerContract } from '../../testing/wamp-contract.ts'

routerContract('registrations', ({ join }) => {
  /** Callees answer which of them it was, and how they were asked. */
  const serve = (callees: readonly TestPeer[]) => {
    for (const [i, callee] of callees.entries()) callee.serve(([, , registration, details]) => [i, details, registration])
  }
  const asked = async (caller: TestPeer, uri: string) => {
    const [[at, details, registration]] = (await caller.call(uri)) as [[number, Dict, number]]
    return { at, details, registration }
  }

  it('one procedure has one callee, unless it is shared', async () => {
    const [a, b] = [await join(), await join()]
    const uri = fresh('procedure')
    await a.register(uri)
    for (const peer of [a, b]) expect((await peer.ask(M.REGISTER, {}, uri))[4]).toBe('wamp.error.procedure_already_exists')
    expect((await b.ask(M.REGISTER, { invoke: 'first' }, uri))[4]).toBe('wamp.error.procedure_exists_with_different_invocation_policy')
    expect((await b.ask(M.REGISTER, { invoke: 'all' }, uri))[4]).toBe('wamp.error.option_not_allowed')
    expect((await b.ask(M.REGISTER, { match: 'suffix' }, uri))[4]).toBe('wamp.error.option_not_allowed')
    expect((await b.ask(M.REGISTER, {}, 'wamp.session.count'))[4]).toBe('wamp.error.invalid_uri')
  })

  it('is free again once it is given back', async () => {
    const [a, b] = [await join(), await join()]
    const uri = fresh('procedure')
    expect(await a.ask(M.UNREGISTER, await a.register(uri))).toEqual([M.UNREGISTERED, 2])
    expect((await a.ask(M.CALL, {}, uri))[4]).toBe('wamp.error.no_such_procedure')
    await b.register(uri)
  })

  it('Pattern-based Registrations: what fits best is asked, and told the procedure', async () => {
    const [caller, callee] = [await join(), await join()]
    serve([callee])
    const base = fresh('tree')
    const ids: Record<string, number> = {}
    for (const [name, uri, match] of [
      ['exact', `${base}.a.b`, 'exact'],
      ['long', `${base}.a`, 'prefix'],
      ['short', base, 'prefix'],
      ['wild', `${base.replace('example', '')}.a.b.c`, 'wildcard'],
    ] as const)
      ids[name] = await callee.register(uri, { match })
    const best = async (uri: string) => {
      const { registration, details } = await asked(caller, uri)
      return [Object.keys(ids).find((name) => ids[name] === registration), details.procedure]
    }
    expect(await best(`${base}.a.b`)).toEqual(['exact', undefined])
    expect(await best(`${base}.a.b.c`)).toEqual(['long', `${base}.a.b.c`])
    expect(await best(`${base}.x`)).toEqual(['short', `${base}.x`])
    expect(await best(`${base.replace('example', 'other')}.a.b.c`)).toEqual(['wild', `${base.replace('example', 'other')}.a.b.c`])
    expect((await caller.ask(M.CALL, {}, `${base.replace('example', 'other')}.a.b`))[4]).toBe('wamp.error.no_such_procedure')
  })

  it('no pattern answers for the router', async () => {
    const [caller, callee] = [await join(), await join()]
    for (const [uri, match] of [
      ['', 'prefix'],
      ['..', 'wildcard'],
    ] as const) {
      const id = await callee.register(uri, { match })
      expect((await caller.ask(M.CALL, {}, 'wamp.session.dance'))[4]).toBe('wamp.error.no_such_procedure')
      await callee.ask(M.UNREGISTER, id)
    }
  })

  it('no pattern answers what its role may not register', async () => {
    const [caller, callee] = [await join(), await join()]
    serve([callee])
    const id = await callee.register('com.', { match: 'prefix' })
    const { registration } = await asked(caller, fresh('procedure'))
    expect(registration).toBe(id)
    // com.closed. is nobody's to register.
    await expect(asked(await join({ authid: 'ada' }), 'com.closed.door')).rejects.toThrow('wamp.error.not_authorized')
    await callee.ask(M.UNREGISTER, id)
  })

  describe('Shared Registration', () => {
    const shared = async (invoke: string) => {
      const caller = await join()
      const callees = [await join(), await join(), await join()]
      serve(callees)
      const uri = fresh('procedure')
      const ids = []
      for (const callee of callees) ids.push(await callee.register(uri, { invoke }))
      expect(new Set(ids).size, 'one registration').toBe(1)
      expect((await callees[0]?.ask(M.REGISTER, { invoke }, uri))?.[4]).toBe('wamp.error.procedure_already_exists')
      const order = async (calls: number) => {
        const said: number[] = []
        for (let i = 0; i < calls; i++) said.push((await asked(caller, uri)).at)
        return said
      }
      return { callees, order, id: ids[0] as number }
    }

    it('first, and the next when the first is gone', async () => {
      const { callees, order, id } = await shared('first')
      expect(await order(3)).toEqual([0, 0, 0])
      await callees[0]?.ask(M.UNREGISTER, id)
      expect(await order(2)).toEqual([1, 1])
    })

    it('last', async () => {
      const { callees, order, id } = await shared('last')
      expect(await order(3)).toEqual([2, 2, 2])
      await callees[2]?.ask(M.UNREGISTER, id)
      expect(await order(2)).toEqual([1, 1])
    })

    it('roundrobin', async () => {
      const { callees, order, id } = await shared('roundrobin')
      expect(await order(7)).toEqual([0, 1, 2, 0, 1, 2, 0])
      await callees[1]?.ask(M.UNREGISTER, id)
      expect(new Set(await order(4))).toEqual(new Set([0, 2]))
    })

    it('random', async () => {
      const { order } = await shared('random')
      // That one of three never comes in 40 calls: once in ten million.
      expect(new Set(await order(40))).toEqual(new Set([0, 1, 2]))
    })
  })

  describe('Registration Revocation', () => {
    it('force_reregister takes it over, and tells who had it', async () => {
      const [caller, a, b] = [await join(), await join(), await join()]
      serve([a, b])
      const uri = fresh('procedure')
      const id = await a.register(uri)
      const other = await b.register(uri, { force_reregister: true })
      expect(other).not.toBe(id)
      expect(await a.hear(M.UNREGISTERED)).toEqual([M.UNREGISTERED, 0, { registration: id, reason: expect.any(String) }])
      expect((await asked(caller, uri)).at).toBe(1)
      expect((await a.ask(M.UNREGISTER, id))[4]).toBe('wamp.error.no_such_registration')
    })

    it('force_reregister of nothing is a registration, also of another policy', async () => {
      const [a, b] = [await join(), await join()]
      const uri = fresh('procedure')
      await a.register(uri, { force_reregister: true, invoke: 'first' })
      await b.register(uri, { force_reregister: true, invoke: 'last' })
      await a.register(uri, { invoke: 'last' })
      expect(await a.rest(M.UNREGISTERED)).toHaveLength(1)
    })

    it('a callee is taken out by the meta API; what it was asked it may still answer', async () => {
      const [caller, callee, bare] = [await join(), await join(), await join({ roles: { callee: {}, caller: {} } })]
      const uri = fresh('procedure')
      const id = await callee.register(uri, { invoke: 'first' })
      await bare.register(uri, { invoke: 'first' })
      const result = caller.ask(M.CALL, {}, uri)
      const [, request] = await callee.hear(M.INVOCATION)
      await caller.call('wamp.registration.remove_callee', [id, callee.session], { reason: 'com.example.why' })
      await caller.call('wamp.registration.remove_callee', [id, bare.session])
      expect(await callee.hear(M.UNREGISTERED)).toEqual([M.UNREGISTERED, 0, { registration: id, reason: 'com.example.why' }])
      expect(await bare.rest(M.UNREGISTERED), 'who did not announce it is not told').toEqual([])
      callee.send(M.YIELD, request, {}, ['late'])
      expect((await result)[3]).toEqual(['late'])
      expect((await caller.ask(M.CALL, {}, uri))[4]).toBe('wamp.error.no_such_procedure')
    })
  })
})
