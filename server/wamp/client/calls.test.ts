import { describe, expect, it, vi } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { joined } from '../../testing/wamp-peer.ts'
import { ApplicationError } from './application-error.ts'
import { CallResult } from './calls.ts'
import { MAX_PENDING_REQUESTS } from './requests.ts'

const result = (request: number, payload: M.Payload = {}, details = {}) => ({ type: M.RESULT, request, details, ...payload }) as const

describe('a call', () => {
  it.each<[string, M.Payload, unknown]>([
    ['nothing as undefined', {}, undefined],
    ['one value as itself', { args: [5] }, 5],
    ['a list as itself', { args: [[1, 2]] }, [1, 2]],
    ['several values as they are', { args: [1, 2] }, new CallResult([1, 2], {}, {})],
    ['named values as they are', { args: [1], kwargs: { a: 1 } }, new CallResult([1], { a: 1 }, {})],
  ])('returns %s', async (_, payload, value) => {
    const { session, router } = await joined()
    const calling = session.call('com.add', [2, 3], { round: true })
    expect(await router.hear(M.CALL)).toEqual({
      ...{ type: M.CALL, request: 1, options: {}, procedure: 'com.add', args: [2, 3], kwargs: { round: true } },
    })
    router.say(result(1, payload))
    expect(await calling).toEqual(value)
  })

  it('returns the same form where it is asked for, counts its requests, and takes answers in any order', async () => {
    const { session, router } = await joined()
    const [first, second] = [session.callResult('com.a'), session.callResult('com.b', [], {}, { discloseMe: true })]
    expect((await router.hear(M.CALL)).request).toBe(1)
    expect(await router.hear(M.CALL)).toMatchObject({ request: 2, options: { disclose_me: true } })
    router.say(result(2, { args: [2] }, { x: 1 }))
    router.say(result(1))
    expect(await second).toEqual(new CallResult([2], {}, { x: 1 }))
    expect(await first).toEqual(new CallResult())
  })

  it('fails with the error of the callee, or of the router', async () => {
    const { session, router } = await joined()
    const calling = session.call('com.a')
    await router.hear(M.CALL)
    router.say({ type: M.ERROR, of: M.CALL, request: 1, details: {}, error: 'com.broken', args: ['the lens', 7], kwargs: { a: 1 } })
    const error = await calling.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApplicationError)
    expect(error).toMatchObject({ uri: 'com.broken', args: ['the lens', 7], kwargs: { a: 1 }, message: 'com.broken: the lens' })
  })

  it('fails when the session ends, with a typed error', async () => {
    const { session, router } = await joined()
    const calling = session.call('com.a')
    await router.hear(M.CALL)
    router.close()
    await expect(calling).rejects.toMatchObject({ name: 'SessionEndedError', reason: 'wamp.error.network_failure' })
  })

  it('gets results on the way', async () => {
    const { session, router } = await joined()
    const onProgress = vi.fn()
    const calling = session.call('com.a', [], {}, { onProgress })
    expect((await router.hear(M.CALL)).options).toEqual({ receive_progress: true })
    router.say(result(1, { args: [1] }, { progress: true }))
    router.say(result(1, { kwargs: { b: 2 } }, { progress: true }))
    router.say(result(1, { args: ['done'] }))
    expect(await calling).toBe('done')
    expect(onProgress.mock.calls).toEqual([
      [[1], {}],
      [[], { b: 2 }],
    ])
  })

  it('is canceled when its listener of progress throws', async () => {
    const { session, router } = await joined()
    const onProgress = () => {
      throw new Error('full')
    }
    const calling = session.call('com.a', [], {}, { onProgress })
    await router.hear(M.CALL)
    router.say(result(1, {}, { progress: true }))
    await expect(calling).rejects.toThrow('full')
    await router.hear(M.CANCEL)
    router.say(result(1, {}, { progress: true }))
    router.say(result(1))
    expect(await settled(session)).toBe(false)
  })

  it.each(['skip', 'killnowait'] as const)('is canceled by its signal at once (%s), and what was on its way is taken', async (mode) => {
    const { session, router } = await joined()
    const stop = new AbortController()
    const calling = session.call('com.a', [], {}, { signal: stop.signal, cancelMode: mode })
    await router.hear(M.CALL)
    stop.abort(new Error('enough'))
    await expect(calling).rejects.toThrow('enough')
    expect(await router.hear(M.CANCEL)).toMatchObject({ request: 1, options: { mode } })
    router.say(result(1))
    expect(await settled(session)).toBe(false)
  })

  it('waits for the callee when it is killed', async () => {
    const { session, router } = await joined()
    const call = async (answer: M.Message) => {
      const stop = new AbortController()
      const calling = session.call('com.a', [], {}, { signal: stop.signal, cancelMode: 'kill' })
      const { request } = await router.hear(M.CALL)
      stop.abort(new Error('enough'))
      expect((await router.hear(M.CANCEL)).options).toEqual({ mode: 'kill' })
      router.say({ ...answer, request } as M.Message)
      return calling
    }
    const error = { type: M.ERROR, of: M.CALL, request: 0, details: {} } as const
    await expect(call({ ...error, error: 'wamp.error.canceled' })).rejects.toThrow('enough')
    await expect(call({ ...error, error: 'com.half_done' })).rejects.toMatchObject({ uri: 'com.half_done' })
    expect(await call(result(0, { args: ['in time'] }))).toBe('in time')
  })

  it('is not made when its signal has aborted already', async () => {
    const { session, router } = await joined()
    await expect(session.call('com.a', [], {}, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    expect(router.unheard).toEqual([])
  })

  it('has its time measured by the router where that can, else here', async () => {
    const able = await joined({}, { roles: { dealer: { features: { call_timeout: true } } } })
    able.session.call('com.a', [], {}, { timeoutMs: 250 }).catch(() => {})
    expect((await able.router.hear(M.CALL)).options).toEqual({ timeout: 250 })

    const { session, router, clock } = await joined()
    const calling = session.call('com.a', [], {}, { timeoutMs: 250 })
    expect((await router.hear(M.CALL)).options).toEqual({})
    clock.advance(250)
    await expect(calling).rejects.toMatchObject({ uri: 'wamp.error.timeout' })
    await router.hear(M.CANCEL)
  })

  it('fails without a gap in the ids when its arguments cannot be sent, or too many wait', async () => {
    const { session, router } = await joined()
    const send = vi.spyOn(router.client, 'send').mockImplementationOnce(() => {
      throw new TypeError('cyclic')
    })
    await expect(session.call('com.a', [1])).rejects.toThrow('cyclic')
    send.mockRestore()
    for (let i = 0; i < MAX_PENDING_REQUESTS; i++) session.call('com.a').catch(() => {})
    await expect(session.call('com.a')).rejects.toMatchObject({ name: 'TooManyRequestsError' })
    expect((await router.hear(M.CALL)).request).toBe(1)
  })
})

/** Whether the session ended by what was said to it so far. */
async function settled(session: { isOver: boolean }): Promise<boolean> {
  await new Promise(setImmediate)
  return session.isOver
}
