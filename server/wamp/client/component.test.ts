import { pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { FakeClock } from '../../testing/clock.ts'
import { ScriptedRouter } from '../../testing/wamp-peer.ts'
import { ticketAuth } from '../auth/answers.ts'
import type { Link } from '../link.ts'
import { OpenError } from '../websocket/open.ts'
import { CALLBACK_TIMEOUT_MS, Component, type ComponentCallbacks, type ComponentOptions, MAX_REFUSALS } from './component.ts'
import { connect as realConnect } from './connect.ts'
import { GaveUpError } from './giving-up.ts'
import type { Session } from './session.ts'

let started: { readonly stop: AbortController; isOver(): boolean } | undefined
afterEach(async () => {
  started?.stop.abort()
  await vi.waitFor(() => expect(started?.isOver()).toBe(true))
})

/** Runs a component against routers of scripts, one a connection. */
function start(callbacks: ComponentCallbacks, options: Partial<ComponentOptions> = {}) {
  const [clock, stop] = [new FakeClock(), new AbortController()]
  const lines: Record<string, unknown>[] = []
  const routers: ScriptedRouter[] = []
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  const component = new Component(callbacks, {
    ...{ realm: 'r', log, clock, reconnect: { initialDelayMs: 1000, factor: 2, jitter: 0 }, extra: { garden: 1 } },
    connect: async () => {
      const router = new ScriptedRouter()
      routers.push(router)
      return router.client
    },
    ...options,
  })
  let isOver = false
  const running = component.run(stop.signal).finally(() => {
    isOver = true
  })
  running.catch(() => {})
  /** The router of the n-th connection, once it was made. */
  const router = (n: number) => vi.waitFor(() => routers[n] ?? Promise.reject(new Error(`no connection ${n}`)))
  /** Lets the clock go on once the component waits. */
  const again = async (delayMs: number) => {
    await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ msg: 'connecting again later', delayMs }))
    clock.advance(delayMs)
    lines.push({})
  }
  started = { stop, isOver: () => isOver }
  return { running, stop, clock, lines, router, again }
}

const goodbye = { type: M.GOODBYE, details: {}, reason: 'wamp.close.goodbye_and_out' } as const
const refusal = (reason: string) => ({ type: M.ABORT, details: {}, reason }) as const

describe('a component', () => {
  it('registers and subscribes again after the connection was lost', async () => {
    const onLeave = vi.fn()
    const onDisconnect = vi.fn()
    const signals: AbortSignal[] = []
    const onJoin: ComponentCallbacks['onJoin'] = async (session, { extra, signal }) => {
      signals.push(signal)
      expect(extra).toEqual({ garden: 1 })
      await session.register('com.p', () => session.id)
      await session.subscribe('com.t', () => {})
    }
    const { router, again, stop, running } = start({ onJoin, onLeave, onDisconnect }, { auth: () => [ticketAuth('ada', 't')] })
    for (const n of [0, 1]) {
      const peer = await router(n)
      expect((await peer.welcome(70 + n)).details).toMatchObject({ authid: 'ada' })
      await peer.hear(M.REGISTER)
      peer.say({ type: M.REGISTERED, request: 1, registration: 3 })
      await peer.hear(M.SUBSCRIBE)
      peer.say({ type: M.SUBSCRIBED, request: 2, subscription: 4 })
      peer.say({ type: M.INVOCATION, request: 1, registration: 3, details: {} })
      expect(await peer.hear(M.YIELD)).toMatchObject({ args: [70 + n] })
      expect(signals[n]?.aborted).toBe(false)
      if (n === 1) break
      peer.close()
      await again(1000)
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    stop.abort()
    const last = await router(1)
    await last.hear(M.GOODBYE)
    last.say(goodbye)
    await running
    expect(onLeave.mock.calls.map(([leaving]) => leaving)).toEqual([
      expect.objectContaining({ by: 'connection', reason: 'wamp.error.network_failure', wasClean: false }),
      expect.objectContaining({ by: 'client', wasClean: true }),
    ])
    expect(onDisconnect.mock.calls.map(([wasClean]) => wasClean)).toEqual([false, true])
  })

  it('goes on after the router said goodbye, and ends after its own', async () => {
    const sessions: Session[] = []
    const { router, again, running } = start({ onJoin: (session) => sessions.push(session) })
    const first = await router(0)
    await first.welcome()
    first.say({ ...goodbye, reason: 'wamp.close.system_shutdown' })
    await again(1000)
    const second = await router(1)
    await second.welcome()
    await vi.waitFor(() => expect(sessions).toHaveLength(2))
    void sessions[1]?.leave()
    await second.hear(M.GOODBYE)
    second.say(goodbye)
    await running
  })

  it('waits longer and longer for a router that is not there, and begins anew when a session lasted', async () => {
    let isThere = false
    const made: ScriptedRouter[] = []
    const connect = async (): Promise<Link> => {
      if (!isThere) throw new OpenError('unreachable', 'nobody there')
      const router = new ScriptedRouter()
      made.push(router)
      return router.client
    }
    const { again, clock, lines } = start({ onJoin: () => {} }, { connect })
    for (const delayMs of [1000, 2000]) await again(delayMs)
    isThere = true
    await again(4000)
    await vi.waitFor(() => expect(made).toHaveLength(1))
    await made[0]?.welcome()
    made[0]?.close()
    await again(8000)
    await vi.waitFor(() => expect(made).toHaveLength(2))
    await made[1]?.welcome()
    await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ msg: 'onJoin is done' }))
    clock.advance(10_000)
    made[1]?.close()
    await again(1000)
  })

  it.each<[string, (router: ScriptedRouter) => Promise<void>, RegExp]>([
    [
      'a realm that is not there',
      async (router) => {
        await router.hear(M.HELLO)
        router.say(refusal('wamp.error.no_such_realm'))
      },
      /wamp.error.no_such_realm/,
    ],
    [
      'a sign-in that is refused',
      async (router) => {
        await router.hear(M.HELLO)
        router.say(refusal('wamp.error.authentication_denied'))
      },
      /wamp.error.authentication_denied/,
    ],
    [
      'an onJoin that throws',
      async (router) => {
        await router.welcome()
        expect(await router.hear(M.GOODBYE)).toMatchObject({ details: { message: 'the component failed' } })
        router.say(goodbye)
      },
      /onJoin failed: no lens/,
    ],
  ])('gives up at once for %s, if it never worked', async (_, act, message) => {
    const onJoin = () => {
      throw new Error('no lens')
    }
    const { router, running } = start({ onJoin })
    await act(await router(0))
    await expect(running).rejects.toThrow(message)
    await expect(running).rejects.toBeInstanceOf(GaveUpError)
  })

  it('bears refusals for a while once it has worked', async () => {
    const { router, again, running } = start({ onJoin: () => {} })
    await (await router(0)).welcome()
    ;(await router(0)).close()
    for (let n = 1; n <= MAX_REFUSALS; n++) {
      await again(1000 * 2 ** (n - 1))
      const peer = await router(n)
      await peer.hear(M.HELLO)
      peer.say(refusal('wamp.error.no_such_realm'))
    }
    await expect(running).rejects.toThrow('no_such_realm')
  })

  it('gives up when it shall not connect again, or no more', async () => {
    const connect = () => Promise.reject(new OpenError('unreachable', 'nobody there'))
    await expect(start({ onJoin: () => {} }, { connect, reconnect: false }).running).rejects.toThrow('nobody there')
    const lost = start({ onJoin: () => {} }, { reconnect: false })
    await (await lost.router(0)).welcome()
    ;(await lost.router(0)).close()
    await expect(lost.running).rejects.toThrow('network_failure')
    const { again, running } = start({ onJoin: () => {} }, { connect, reconnect: { maxRetries: 1, jitter: 0 } })
    await again(1000)
    await expect(running).rejects.toThrow('nobody there')
  })

  it('gives up where the server refuses with a status that says so', async () => {
    const connect = () => Promise.reject(new OpenError('refused', 'the server refused: 403', { status: 403 }))
    await expect(start({ onJoin: () => {} }, { connect }).running).rejects.toThrow('403')
    const busy = () => Promise.reject(new OpenError('refused', 'the server refused: 503', { status: 503 }))
    await start({ onJoin: () => {} }, { connect: busy }).again(1000)
  })

  it('ends when it is told to: while it waits, connects, joins, or its callbacks go on for ever', async () => {
    const waiting = start({ onJoin: () => {} }, { connect: () => Promise.reject(new Error('no')) })
    await vi.waitFor(() => expect(waiting.lines.at(-1)).toMatchObject({ msg: 'connecting again later' }))
    waiting.stop.abort()
    await waiting.running

    const connect = (signal: AbortSignal) =>
      new Promise<Link>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const connecting = start({ onJoin: () => {} }, { connect })
    connecting.stop.abort()
    await connecting.running

    const joining = start({ onJoin: () => {} })
    await (await joining.router(0)).hear(M.HELLO)
    joining.stop.abort()
    await joining.running

    const never = () => new Promise(() => {})
    const { router, stop, clock, running, lines } = start({ onJoin: never, onLeave: never, onDisconnect: never })
    await (await router(0)).welcome()
    stop.abort()
    await (await router(0)).hear(M.GOODBYE)
    ;(await router(0)).say(goodbye)
    for (const name of ['onLeave failed', 'onDisconnect failed']) {
      await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ msg: name === 'onLeave failed' ? 'left' : 'disconnected' }))
      clock.advance(CALLBACK_TIMEOUT_MS)
      await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining({ msg: name })))
    }
    await running
  })

  it('says what cannot be a URL', async () => {
    const connect = () => realConnect({ url: 'http://localhost' })
    await expect(start({ onJoin: () => {} }, { connect }).running).rejects.toThrow('http://localhost begins with none of ws://, wss://')
  })
})
