import { describe, expect, it, vi } from 'vitest'
import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Message, MessageType } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { FakeClock } from '../../testing/clock.ts'
import { joined, ScriptedRouter } from '../../testing/wamp-peer.ts'
import { type ClientAuth, ticketAuth } from '../auth/answers.ts'
import type { Link } from '../link.ts'
import { CallResult } from './calls.ts'
import type { InvocationDetails } from './invocations.ts'
import { JOIN_TIMEOUT_MS, type JoinOptions, joinSession } from './join.ts'

type Refuse = () => boolean
const WAYS: [string, Refuse][] = [
  ['is too large', () => false],
  [
    'cannot be said',
    () => {
      throw new RangeError('cannot be said')
    },
  ],
]

/** Refuses messages of the types, as a link to a router that takes little. */
function refuse(link: Link, refusal: Refuse, ...types: readonly MessageType[]): void {
  const send = link.send.bind(link)
  link.send = (message: Message) => (types.includes(message.type) ? refusal() : send(message))
}

function start(options: Partial<JoinOptions> = {}, refusal?: Refuse, ...types: readonly MessageType[]) {
  const [router, clock] = [new ScriptedRouter(), new FakeClock()]
  if (refusal) refuse(router.client, refusal, ...types)
  const joining = joinSession(router.client, { realm: 'r', clock, ...options })
  joining.catch(() => {})
  return { router, clock, joining }
}

const closed = (router: ScriptedRouter) => vi.waitFor(() => expect(router.isClosed).toBe(true))
const tooLarge = { name: 'ApplicationError', uri: 'wamp.error.payload_size_exceeded' }

describe('joining a router that', () => {
  const auth = [ticketAuth('ada', 'x')]
  /** A name that no text is made of. */
  const nameless = { toString: 1, valueOf: 1 }
  it.each<[string, Message | ProtocolViolation]>([
    ['names a way to sign in at length', { type: M.WELCOME, session: 1, details: { authmethod: 'y'.repeat(3000) } }],
    ['names a way to sign in by no text', { type: M.WELCOME, session: 1, details: { authmethod: nameless } }],
    ['asks for something long', { type: M.CHALLENGE, method: '\u{1f600}'.repeat(3000), extra: {} }],
    ['says no message', new ProtocolViolation('y'.repeat(3000))],
  ])('%s fails, with a short ABORT or without', async (_, said) => {
    const act = ({ router }: ReturnType<typeof start>) => {
      if (said instanceof ProtocolViolation) router.client.onViolation(said)
      else router.client.onMessage(said, 0)
    }
    const made = start({ auth })
    await made.router.hear(M.HELLO)
    act(made)
    await expect(made.joining).rejects.toMatchObject({ name: 'JoinError' })
    const { details } = await made.router.hear(M.ABORT)
    expect((details.message as string).length).toBeLessThanOrEqual(100)
    expect(details.message).not.toMatch(/\p{Surrogate}/u)
    for (const [, refusal] of WAYS) {
      const one = start({ auth }, refusal, M.ABORT)
      await one.router.hear(M.HELLO)
      act(one)
      await expect(one.joining).rejects.toMatchObject({ name: 'JoinError' })
      await closed(one.router)
    }
  })

  it('takes no HELLO, or no AUTHENTICATE, of their size fails', async () => {
    const first = start({}, () => false, M.HELLO)
    await expect(first.joining).rejects.toMatchObject({ name: 'JoinError', uri: tooLarge.uri })
    await closed(first.router)
    const second = start({ auth }, () => false, M.AUTHENTICATE)
    await second.router.hear(M.HELLO)
    second.router.say({ type: M.CHALLENGE, method: 'ticket', extra: {} })
    await expect(second.joining).rejects.toMatchObject({ name: 'JoinError', uri: tooLarge.uri })
    await closed(second.router)
  })

  it('asks four times at once gets one answer made', async () => {
    const answer = vi.fn(() => new Promise<never>(() => {}))
    const { router, joining } = start({ auth: [{ method: 'slow', answer }] })
    await router.hear(M.HELLO)
    for (let i = 0; i < 4; i++) router.say({ type: M.CHALLENGE, method: 'slow', extra: {} })
    await expect(joining).rejects.toMatchObject({ uri: 'wamp.error.protocol_violation' })
    expect(answer).toHaveBeenCalledOnce()
    await closed(router)
  })

  it('asks one by one gets a few', async () => {
    const answer = vi.fn(async () => ({ signature: 's', extra: {} }))
    const { router, joining } = start({ auth: [{ method: 'quick', answer }] })
    await router.hear(M.HELLO)
    for (let i = 0; i < 4; i++) {
      router.say({ type: M.CHALLENGE, method: 'quick', extra: {} })
      await router.hear(M.AUTHENTICATE)
    }
    router.say({ type: M.CHALLENGE, method: 'quick', extra: {} })
    await expect(joining).rejects.toMatchObject({ uri: 'wamp.error.protocol_violation' })
    expect(answer).toHaveBeenCalledTimes(4)
  })

  it('asks too late gets nothing, nor what was being made', async () => {
    let made = (_: Awaited<ReturnType<ClientAuth['answer']>>) => {}
    const answer = vi.fn(() => new Promise<Awaited<ReturnType<ClientAuth['answer']>>>((resolve) => (made = resolve)))
    const { router, joining, clock } = start({ auth: [{ method: 'slow', answer }] })
    await router.hear(M.HELLO)
    router.say({ type: M.CHALLENGE, method: 'slow', extra: {} })
    await vi.waitFor(() => expect(answer).toHaveBeenCalled())
    clock.advance(JOIN_TIMEOUT_MS)
    await expect(joining).rejects.toMatchObject({ uri: 'wamp.error.timeout' })
    made({ signature: 's', extra: {} })
    router.client.onMessage({ type: M.CHALLENGE, method: 'slow', extra: {} }, 0)
    await new Promise(setImmediate)
    expect(answer).toHaveBeenCalledOnce()
    expect(router.unheard).toEqual([])
  })
})

describe('a session with a router that takes little', () => {
  it('rejects requests that are too large, without a gap in the ids', async () => {
    const { session, router } = await joined()
    const { send } = router.client
    refuse(router.client, () => false, M.CALL, M.PUBLISH, M.REGISTER, M.SUBSCRIBE)
    await expect(session.call('com.a')).rejects.toMatchObject(tooLarge)
    await expect(session.publish('com.a')).rejects.toMatchObject(tooLarge)
    await expect(session.publish('com.a', [], {}, { acknowledge: true })).rejects.toMatchObject(tooLarge)
    await expect(session.register('com.a', () => 1)).rejects.toMatchObject(tooLarge)
    await expect(session.subscribe('com.a', () => 1)).rejects.toMatchObject(tooLarge)
    router.client.send = send
    session.call('com.a').catch(() => {})
    expect((await router.hear(M.CALL)).request).toBe(1)
  })

  async function called(handler: (details: InvocationDetails) => unknown, ...types: readonly MessageType[]) {
    const made = await joined()
    const registering = made.session.register('com.p', (_args, _kwargs, details) => handler(details))
    await made.router.hear(M.REGISTER)
    made.router.say({ type: M.REGISTERED, request: 1, registration: 30 })
    await registering
    refuse(made.router.client, () => false, ...types)
    made.router.say({ type: M.INVOCATION, request: 1, registration: 30, details: { receive_progress: true } })
    return made
  }

  it('answers ERROR for a result that is too large, of which the author hears', async () => {
    const { router, session, reported } = await called(() => new CallResult([1]), M.YIELD)
    expect(await router.hear(M.ERROR)).toMatchObject({ of: M.INVOCATION, request: 1, error: tooLarge.uri })
    expect(reported).toEqual([expect.objectContaining(tooLarge)])
    expect(session.isOver).toBe(false)
  })

  it('ends a call whose progress is too large, and throws nothing at the handler', async () => {
    let signal: AbortSignal | undefined
    const { router } = await called((details) => {
      signal = details.signal
      details.progress(['much'])
      details.progress(['more'])
      return 1
    }, M.YIELD)
    expect(await router.hear(M.ERROR)).toMatchObject({ request: 1, error: tooLarge.uri })
    await new Promise(setImmediate)
    expect(signal?.reason).toMatchObject(tooLarge)
    expect(router.unheard).toEqual([])
  })

  it('goes on when not even an ERROR can be sent', async () => {
    const { session, reported } = await called(() => 1, M.YIELD, M.ERROR)
    await new Promise(setImmediate)
    expect(reported).not.toEqual([])
    expect(session.isOver).toBe(false)
  })

  it.each(WAYS)('rejects a call that is canceled when CANCEL %s', async (_, refusal) => {
    const { session, router } = await joined()
    refuse(router.client, refusal, M.CANCEL)
    const stop = new AbortController()
    const calling = session.call('com.a', [], {}, { signal: stop.signal, cancelMode: 'kill' })
    stop.abort(new Error('enough'))
    await expect(calling).rejects.toThrow('enough')
  })

  it.each(WAYS)('ends when its last word %s', async (_, refusal) => {
    const make = async () => {
      const made = await joined()
      refuse(made.router.client, refusal, M.ABORT, M.GOODBYE)
      return made
    }
    const left = await make()
    await left.session.leave()
    expect(await left.session.ended).toMatchObject({ by: 'client', wasClean: false })
    const dismissed = await make()
    dismissed.router.say({ type: M.GOODBYE, details: {}, reason: 'com.bye' })
    expect(await dismissed.session.ended).toMatchObject({ reason: 'com.bye', by: 'router' })
    const violated = await make()
    violated.router.say({ type: M.RESULT, request: 9, details: {} })
    expect(await violated.session.ended).toMatchObject({ by: 'violation' })
    for (const { router } of [left, dismissed, violated]) await closed(router)
  })
})
