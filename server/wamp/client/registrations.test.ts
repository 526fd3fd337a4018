import { describe, expect, it, vi } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { joined, type ScriptedRouter } from '../../testing/wamp-peer.ts'
import { ApplicationError } from './application-error.ts'
import { CallResult } from './calls.ts'
import { type InvocationDetails, type InvocationHandler, MAX_RUNNING_INVOCATIONS } from './invocations.ts'
import type { RegisterOptions } from './registrations.ts'

async function registered(handler: InvocationHandler, options?: RegisterOptions) {
  const made = await joined()
  const registering = made.session.register('com.p', handler, options)
  const sent = await made.router.hear(M.REGISTER)
  made.router.say({ type: M.REGISTERED, request: sent.request, registration: 30 })
  return { ...made, sent, registration: await registering }
}

const invoke = (router: ScriptedRouter, request: number, payload: M.Payload = {}, details = {}) =>
  router.say({ type: M.INVOCATION, request, registration: 30, details, ...payload })

describe('a procedure', () => {
  it.each<[string, unknown, M.Payload]>([
    ['nothing', undefined, {}],
    ['a value', 5, { args: [5] }],
    ['a list, as one value', [1, 2], { args: [[1, 2]] }],
    ['null', null, { args: [null] }],
    ['several values', new CallResult([1, 2], { a: 3 }), { args: [1, 2], kwargs: { a: 3 } }],
    ['a promise', Promise.resolve('later'), { args: ['later'] }],
  ])('returns %s', async (_, value, payload) => {
    const { router } = await registered(() => value)
    invoke(router, 1)
    expect(await router.hear(M.YIELD)).toEqual({ type: M.YIELD, request: 1, options: {}, ...payload })
  })

  it('gets its arguments, and learns who called what', async () => {
    const handler = vi.fn((_args: M.Args, _kwargs: M.Dict, details: InvocationDetails) => details.procedure)
    const { router, sent } = await registered(handler, { match: 'prefix', invoke: 'roundrobin', concurrency: 2, forceReregister: true })
    expect(sent).toMatchObject({
      procedure: 'com.p',
      options: { match: 'prefix', invoke: 'roundrobin', concurrency: 2, force_reregister: true },
    })
    invoke(router, 1, { args: [1], kwargs: { a: 2 } }, { procedure: 'com.p.q', caller: 9, caller_authid: 'ada' })
    expect(await router.hear(M.YIELD)).toMatchObject({ args: ['com.p.q'] })
    const details = { procedure: 'com.p.q', caller: 9, callerAuthid: 'ada', callerAuthrole: undefined, wantsProgress: false }
    expect(handler).toHaveBeenCalledWith([1], { a: 2 }, expect.objectContaining(details))
  })

  it('is called at once after REGISTERED, in order', async () => {
    const { session, router } = await joined()
    const order: unknown[] = []
    void session.register('com.p', async ([n]) => order.push(n))
    await router.hear(M.REGISTER)
    router.say({ type: M.REGISTERED, request: 1, registration: 30 })
    for (let i = 1; i <= 3; i++) invoke(router, i, { args: [i] })
    await router.hear(M.YIELD)
    await router.hear(M.YIELD)
    expect(order).toEqual([1, 2, 3])
  })

  it('fails with its ApplicationError, of any installation', async () => {
    const foreign = Object.assign(new Error('x'), { uri: 'com.cold', args: [1], kwargs: {} })
    const errors = [new ApplicationError('com.broken', ['the lens'], { a: 1 }), foreign]
    const { router, reported } = await registered(() => {
      throw errors.shift()
    })
    invoke(router, 1)
    expect(await router.hear(M.ERROR)).toEqual({
      ...{ type: M.ERROR, of: M.INVOCATION, request: 1, details: {}, error: 'com.broken', args: ['the lens'], kwargs: { a: 1 } },
    })
    invoke(router, 2)
    expect(await router.hear(M.ERROR)).toMatchObject({ request: 2, error: 'com.cold', args: [1] })
    expect(reported).toEqual([])
  })

  it('fails with the message of another error, and its author sees all of it', async () => {
    const error = new Error('no film')
    const { router, reported } = await registered(async () => {
      throw error
    })
    invoke(router, 1)
    const answer = await router.hear(M.ERROR)
    expect(answer).toEqual({
      type: M.ERROR,
      of: M.INVOCATION,
      request: 1,
      details: {},
      error: 'wamp.error.runtime_error',
      args: ['no film'],
    })
    expect(reported).toEqual([error])
  })

  it('fails when what it returns cannot be sent', async () => {
    const { router } = await registered(() => 'cyclic')
    vi.spyOn(router.client, 'send').mockImplementationOnce(() => {
      throw new TypeError('cannot be sent')
    })
    invoke(router, 1)
    expect(await router.hear(M.ERROR)).toMatchObject({ error: 'wamp.error.runtime_error', args: ['cannot be sent'] })
  })

  it('sends results on the way where they are wanted, and none behind the last', async () => {
    let late = () => {}
    const { router } = await registered(async (_args, _kwargs, { progress, wantsProgress }) => {
      progress([1])
      progress([], { b: 2 })
      late = () => progress([3])
      return wantsProgress
    })
    invoke(router, 1, {}, { receive_progress: true })
    expect(await router.hear(M.YIELD)).toMatchObject({ options: { progress: true }, args: [1] })
    expect(await router.hear(M.YIELD)).toMatchObject({ options: { progress: true }, kwargs: { b: 2 } })
    expect(await router.hear(M.YIELD)).toMatchObject({ options: {}, args: [true] })
    late()
    invoke(router, 2)
    expect(await router.hear(M.YIELD)).toMatchObject({ request: 2, options: {}, args: [false] })
  })

  it('is told of an interruption, whose caller is answered at once', async () => {
    let signal: AbortSignal | undefined
    const { router, session } = await registered((_args, _kwargs, details) => {
      signal = details.signal
      return new Promise((resolve) => details.signal.addEventListener('abort', () => resolve('too late')))
    })
    invoke(router, 1)
    router.say({ type: M.INTERRUPT, request: 1, options: { mode: 'kill' } })
    expect(await router.hear(M.ERROR)).toMatchObject({ of: M.INVOCATION, request: 1, error: 'wamp.error.canceled' })
    expect(signal?.reason).toMatchObject({ uri: 'wamp.error.canceled' })
    router.say({ type: M.INTERRUPT, request: 1, options: {} })
    invoke(router, 2)
    router.say({ type: M.INTERRUPT, request: 2, options: { reason: 'wamp.error.timeout' } })
    expect(await router.hear(M.ERROR)).toMatchObject({ request: 2, error: 'wamp.error.timeout' })
    expect(session.isOver).toBe(false)
    expect(router.unheard).toEqual([])
  })

  it('is told of the end of its session', async () => {
    let signal: AbortSignal | undefined
    const { router, session } = await registered((_args, _kwargs, details) => {
      signal = details.signal
      return new Promise(() => {})
    })
    invoke(router, 1)
    router.close()
    await session.ended
    expect(signal?.aborted).toBe(true)
  })

  it('runs only so often at once', async () => {
    const { router } = await registered(() => new Promise(() => {}))
    for (let i = 1; i <= MAX_RUNNING_INVOCATIONS + 1; i++) invoke(router, i)
    expect(await router.hear(M.ERROR)).toMatchObject({ request: MAX_RUNNING_INVOCATIONS + 1, error: 'wamp.error.unavailable' })
  })

  it('is taken back by either side', async () => {
    const onRevoked = vi.fn()
    const { router, session, registration } = await registered(() => 1, { onRevoked })
    const unregistering = session.unregister(registration)
    expect(registration.isActive).toBe(false)
    expect(await router.hear(M.UNREGISTER)).toMatchObject({ registration: 30 })
    invoke(router, 1)
    await router.hear(M.YIELD)
    router.say({ type: M.UNREGISTERED, request: 2 })
    await unregistering
    await registration.unregister()

    const again = session.register('com.p', () => 1, { onRevoked })
    await router.hear(M.REGISTER)
    router.say({ type: M.REGISTERED, request: 3, registration: 31 })
    const second = await again
    expect(second.isActive).toBe(true)
    router.say({ type: M.UNREGISTERED, request: 0, details: { registration: 31, reason: 'com.taken' } })
    await vi.waitFor(() => expect(onRevoked.mock.calls).toEqual([['com.taken']]))
    expect(second.isActive).toBe(false)
    await second.unregister()
    expect(router.unheard).toEqual([])
  })

  it('may be refused', async () => {
    const { session, router } = await joined()
    const registering = session.register('com.p', () => 1)
    await router.hear(M.REGISTER)
    router.say({ type: M.ERROR, of: M.REGISTER, request: 1, details: {}, error: 'wamp.error.procedure_already_exists' })
    await expect(registering).rejects.toMatchObject({ uri: 'wamp.error.procedure_already_exists' })
  })
})
