import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { configuration, SECRET, SEED, TICKET } from '../e2e/peers/wamp/realm.ts'
import type { SerializerName } from '../shared/wamp/serializer.ts'
import { startTestServer, type TestServer } from './testing/server.ts'
import { type ClientAuth, craAuth, cryptosignAuth, scramAuth, ticketAuth } from './wamp/auth/answers.ts'
import { ApplicationError } from './wamp/client/application-error.ts'
import { CallResult } from './wamp/client/calls.ts'
import { Component } from './wamp/client/component.ts'
import { connect } from './wamp/client/connect.ts'
import { joinSession } from './wamp/client/join.ts'
import type { Session } from './wamp/client/session.ts'

// Our client and our router, on a real port.

const REALM = 'tests'
const TRANSPORTS = ['ws', 'wss', 'rs', 'rss'].flatMap((scheme) =>
  (['cbor', 'msgpack', 'json'] as const).map((serializer) => ({ scheme, serializer })),
)

let server: TestServer
const open: Session[] = []
const urlOf = (scheme: string) => `${scheme}://127.0.0.1:${server.app.address.port}${scheme.startsWith('ws') ? '/ws' : ''}`

async function join(scheme = 'ws', serializer: SerializerName = 'cbor', auth: ClientAuth[] = []): Promise<Session> {
  const link = await connect({ url: urlOf(scheme), serializers: [serializer], tls: { rejectUnauthorized: false } })
  const session = await joinSession(link, { realm: REALM, auth })
  open.push(session)
  return session
}

beforeAll(async () => {
  server = await startTestServer({ file: await configuration() })
})
afterAll(async () => {
  await Promise.all(open.map((session) => session.leave()))
  await server.close()
})

describe.each(TRANSPORTS)('sessions over $scheme in $serializer', ({ scheme, serializer }) => {
  it('call, publish, and give back', async () => {
    const [callee, caller] = [await join(scheme, serializer), await join(scheme, serializer)]
    const registration = await callee.register('com.echo', (args, kwargs) => new CallResult(args, kwargs))
    const values = [1, 2 ** 40, -1.5, 'ü', null, true, { a: [1] }]
    expect(await caller.callResult('com.echo', values, { b: 2 })).toMatchObject({ args: values, kwargs: { b: 2 } })
    const bytes = await caller.call<Uint8Array>('com.echo', [Uint8Array.of(0, 1, 255)])
    expect([...bytes]).toEqual([0, 1, 255])

    const heard = vi.fn()
    const subscription = await caller.subscribe('com.t', heard, { match: 'prefix' })
    expect(await callee.publish('com.t.a', [1], { k: 2 }, { acknowledge: true, discloseMe: true })).toEqual(expect.any(Number))
    await vi.waitFor(() =>
      expect(heard).toHaveBeenCalledWith([1], { k: 2 }, expect.objectContaining({ topic: 'com.t.a', publisher: callee.id })),
    )
    await caller.unsubscribe(subscription)
    await callee.publish('com.t.a', [2], {}, { acknowledge: true })
    await callee.unregister(registration)
    await expect(caller.call('com.echo')).rejects.toMatchObject({ uri: 'wamp.error.no_such_procedure' })
    expect(heard).toHaveBeenCalledTimes(1)
  })
})

describe('sessions', () => {
  it('have errors of applications go both ways, and tell what else fails', async () => {
    const [callee, caller] = [await join(), await join()]
    const failing = await callee.register('com.fail', ([uri]) => {
      if (uri !== undefined) throw new ApplicationError(uri as string, ['the lens', 7], { severity: 'high' })
      throw new Error('no film')
    })
    const error = await caller.call('com.fail', ['com.error.broken']).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApplicationError)
    expect(error).toMatchObject({ uri: 'com.error.broken', args: ['the lens', 7], kwargs: { severity: 'high' } })
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
    await expect(caller.call('com.fail')).rejects.toMatchObject({ uri: 'wamp.error.runtime_error', args: ['no film'] })
    expect(warned).toHaveBeenCalledTimes(1)
    await expect(caller.register('com.fail', () => {})).rejects.toMatchObject({ uri: 'wamp.error.procedure_already_exists' })
    await expect(caller.subscribe('a..b', () => {})).rejects.toMatchObject({ uri: 'wamp.error.invalid_uri' })
    await failing.unregister()
  })

  it.each(['skip', 'kill', 'killnowait'] as const)('have results on the way, and calls canceled (%s)', async (cancelMode) => {
    const [callee, caller] = [await join(), await join()]
    const aborted = vi.fn()
    const registration = await callee.register(`com.count.${cancelMode}`, async (_args, _kwargs, { progress, signal }) => {
      progress([1])
      progress([2])
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      aborted()
    })
    const stop = new AbortController()
    const seen: unknown[] = []
    const onProgress = ([n]: readonly unknown[]) => {
      seen.push(n)
      if (n === 2) stop.abort(new Error('enough'))
    }
    const calling = caller.call(registration.procedure, [], {}, { onProgress, signal: stop.signal, cancelMode })
    await expect(calling).rejects.toThrow('enough')
    expect(seen).toEqual([1, 2])
    if (cancelMode !== 'skip') await vi.waitFor(() => expect(aborted).toHaveBeenCalled())
    // The session is none the worse.
    expect(await caller.publish('com.t', [], {}, { acknowledge: true })).toEqual(expect.any(Number))
  })

  it('have calls end in time', async () => {
    const [callee, caller] = [await join(), await join()]
    await callee.register('com.slow', (_args, _kwargs, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)))
    await expect(caller.call('com.slow', [], {}, { timeoutMs: 20 })).rejects.toMatchObject({ uri: 'wamp.error.timeout' })
  })

  it('hear one event each, however many of a session listen', async () => {
    const [subscriber, publisher] = [await join(), await join()]
    const [first, second] = [vi.fn(), vi.fn()]
    const [one, two] = await Promise.all([subscriber.subscribe('com.shared', first), subscriber.subscribe('com.shared', second)])
    await publisher.publish('com.shared', [], {}, { acknowledge: true })
    await vi.waitFor(() => expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]))
    await one?.unsubscribe()
    await publisher.publish('com.shared', [], {}, { acknowledge: true })
    await vi.waitFor(() => expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]))
    await two?.unsubscribe()
  })

  it.each<[string, string, () => ClientAuth]>([
    ['ticket', 'joe', () => ticketAuth('joe', TICKET)],
    ['wampcra', 'cra', () => craAuth('cra', SECRET)],
    ['wampcra with a salt', 'salted', () => craAuth('salted', SECRET)],
    ['scram with argon2', 'argon2', () => scramAuth('argon2', SECRET)],
    ['scram with pbkdf2', 'pbkdf2', () => scramAuth('pbkdf2', SECRET)],
    ['cryptosign', 'crypto', () => cryptosignAuth('crypto', SEED)],
  ])('sign in by %s', async (_, authid, auth) => {
    expect(await join('ws', 'json', [auth()])).toMatchObject({ authid, authrole: 'frontend' })
  })

  it('are refused with the reason of the router', async () => {
    await expect(join('ws', 'cbor', [ticketAuth('joe', 'wrong')])).rejects.toMatchObject({ name: 'JoinError' })
    const link = await connect({ url: urlOf('ws') })
    await expect(joinSession(link, { realm: 'nowhere' })).rejects.toMatchObject({ uri: 'wamp.error.no_such_realm' })
  })
})

describe('a component', () => {
  it('offers and hears again after its connection was lost', async () => {
    const stop = new AbortController()
    const links: { close(): void }[] = []
    const heard: unknown[] = []
    const sessions: Session[] = []
    const component = new Component(
      {
        async onJoin(session) {
          await session.register('com.again', () => session.id)
          await session.subscribe('com.news', ([news]) => heard.push(news))
          sessions.push(session)
        },
      },
      {
        async connect(signal) {
          const link = await connect({ url: urlOf('ws'), signal })
          links.push(link)
          return link
        },
        ...{ realm: REALM, log: pino({ level: 'silent' }), reconnect: { initialDelayMs: 1 } },
      },
    )
    const running = component.run(stop.signal)
    const caller = await join()
    for (const n of [0, 1]) {
      await vi.waitFor(() => expect(sessions).toHaveLength(n + 1), { timeout: 5000 })
      expect(await caller.call('com.again')).toBe(sessions[n]?.id)
      await caller.publish('com.news', [n], {}, { acknowledge: true })
      await vi.waitFor(() => expect(heard).toHaveLength(n + 1))
      if (n === 0) links[0]?.close()
    }
    stop.abort()
    await running
    await expect(caller.call('com.again')).rejects.toMatchObject({ uri: 'wamp.error.no_such_procedure' })
    expect(heard).toEqual([0, 1])
  })
})
