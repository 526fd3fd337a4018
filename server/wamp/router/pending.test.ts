import { describe, expect, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { FakeClock } from '../../testing/clock.ts'
import { BARE_ROLES, REALM } from '../../testing/wamp.ts'
import { CONTRACT_CONFIGURATION, testRouter } from '../../testing/wamp-contract.ts'
import { CALL_TIMEOUT_MS } from '../options.ts'

const URI = 'com.example.slow'

async function called(options: object, { roles, configuration }: { roles?: object; configuration?: unknown } = {}) {
  const clock = new FakeClock()
  const { connect, router } = testRouter(configuration, { clock })
  const [caller, callee] = [await connect().join(), await connect().join(roles ? { roles: { ...roles } } : {})]
  await callee.register(URI)
  const request = caller.nextRequest()
  caller.send(M.CALL, request, options, URI)
  const [, invocation] = await callee.hear(M.INVOCATION)
  const pass = async (ms: number) => {
    clock.advance(ms)
    return (await caller.rest(M.ERROR)).map(([, , of, , error]) => [of, error])
  }
  return { caller, callee, request, invocation, pass, clock, router }
}

describe('Call Timeouts', () => {
  test('a call that takes too long is an error, its callee is interrupted, and its answer goes nowhere', async () => {
    const { caller, callee, request, invocation, pass } = await called({ timeout: 100 })
    expect(await pass(99)).toEqual([])
    expect(await pass(1)).toEqual([[request, 'wamp.error.timeout']])
    expect(await callee.rest(M.INTERRUPT)).toEqual([[M.INTERRUPT, invocation, { mode: 'killnowait' }]])
    callee.send(M.YIELD, invocation, {}, ['late'])
    await callee.settled()
    expect(await caller.rest(M.RESULT)).toEqual([])
    expect(await pass(CALL_TIMEOUT_MS * 2)).toEqual([])
  })

  test('a callee that cannot be interrupted is not', async () => {
    const { callee, request, pass } = await called({ timeout: 100 }, { roles: BARE_ROLES })
    expect(await pass(100)).toEqual([[request, 'wamp.error.timeout']])
    expect(await callee.rest(M.INTERRUPT)).toEqual([])
  })

  test('what is answered in time is not late', async () => {
    const { caller, callee, invocation, pass } = await called({ timeout: 100 })
    callee.send(M.YIELD, invocation, {})
    await caller.hear(M.RESULT)
    expect(await pass(1000)).toEqual([])
  })

  test('each progressive result begins it anew', async () => {
    const { caller, callee, request, invocation, pass } = await called({ timeout: 100, receive_progress: true })
    for (let i = 0; i < 3; i++) {
      expect(await pass(80)).toEqual([])
      callee.send(M.YIELD, invocation, { progress: true }, [i])
      await caller.hear(M.RESULT)
    }
    expect(await pass(100)).toEqual([[request, 'wamp.error.timeout']])
  })

  test.each([
    [{}, 'no time-out'],
    [{ timeout: 0 }, 'none at all'],
    [{ timeout: null }, 'null'],
  ])('%j (%s) is the realm’s, which is looked at each second', async (options, _) => {
    const { request, pass } = await called(options)
    expect(await pass(CALL_TIMEOUT_MS - 1)).toEqual([])
    expect(await pass(1001)).toEqual([[request, 'wamp.error.timeout']])
  })

  test('the realm’s begins anew with progress, too, and passes who was called later', async () => {
    const { caller, callee, request, invocation, pass } = await called({ receive_progress: true })
    await pass(CALL_TIMEOUT_MS - 5000)
    const later = caller.nextRequest()
    caller.send(M.CALL, later, {}, URI)
    callee.send(M.YIELD, invocation, { progress: true })
    await caller.hear(M.RESULT)
    expect(await pass(6000)).toEqual([])
    expect(await pass(CALL_TIMEOUT_MS - 4000)).toEqual([
      [later, 'wamp.error.timeout'],
      [request, 'wamp.error.timeout'],
    ])
  })

  test('a realm of its own time-out, and one without any', async () => {
    const of = (callTimeoutMs: number) => ({ realms: { [REALM]: { ...CONTRACT_CONFIGURATION.realms[REALM], callTimeoutMs } } })
    const short = await called({}, { configuration: of(2000) })
    expect(await short.pass(1999)).toEqual([])
    expect(await short.pass(1001)).toEqual([[short.request, 'wamp.error.timeout']])
    const none = await called({}, { configuration: of(0) })
    expect(await none.pass(100 * CALL_TIMEOUT_MS)).toEqual([])
    expect(await none.caller.result('wamp.session.count')).toBe(2)
  })

  test('nothing is left of a call that took too long', async () => {
    const { pass, router } = await called({ timeout: 100 })
    await pass(100)
    for (const { calls, invocations } of router.realms.get(REALM)?.members.values() ?? [])
      expect([calls.size, invocations.size]).toEqual([0, 0])
  })
})

describe('deadlines of a connection', () => {
  const open = () => {
    const clock = new FakeClock()
    return { clock, ...testRouter(undefined, { clock }) }
  }

  test('who does not say HELLO in ten seconds is told, and cut', async () => {
    const { connect, clock } = open()
    const peer = connect()
    clock.advance(9999)
    expect(peer.heard).toEqual([])
    clock.advance(1)
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.timeout')
    await peer.closed()
  })

  test('who does not answer the challenge in them, too', async () => {
    const { connect, clock } = open()
    const peer = connect()
    clock.advance(9000)
    peer.send(M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'ada' })
    await peer.hear(M.CHALLENGE)
    clock.advance(1000)
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.timeout')
  })

  test('a session may be silent for ever; after its GOODBYE there are ten seconds again', async () => {
    const { connect, clock } = open()
    const peer = await connect().join()
    clock.advance(86_400_000)
    await peer.settled()
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    await peer.hear(M.GOODBYE)
    clock.advance(9999)
    await peer.join()
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    await peer.hear(M.GOODBYE)
    clock.advance(10_000)
    await peer.hear(M.ABORT)
    await peer.closed()
  })

  test('who does not answer GOODBYE is cut after a second', async () => {
    const { connect, clock } = open()
    const [peer, killer] = [await connect().join(), await connect().join()]
    await killer.call('wamp.session.kill', [peer.session])
    await peer.hear(M.GOODBYE)
    clock.advance(999)
    await killer.settled()
    expect(peer.isClosed).toBe(false)
    clock.advance(1)
    await peer.closed()
  })

  test('a router that closes says GOODBYE, waits for the answer, and takes nobody more', async () => {
    const { connect, clock, router } = open()
    const [polite, silent, early] = [await connect().join(), await connect().join(), connect()]
    let closed = false
    const closing = router.close().then(() => {
      closed = true
    })
    for (const peer of [polite, silent]) expect((await peer.hear(M.GOODBYE))[2]).toBe('wamp.close.system_shutdown')
    expect((await early.hear(M.ABORT))[2]).toBe('wamp.close.system_shutdown')
    polite.send(M.GOODBYE, {}, 'wamp.close.goodbye_and_out')
    await Promise.all([polite.closed(), early.closed()])
    expect(closed).toBe(false)
    clock.advance(1000)
    await closing
    expect((await connect().hear(M.ABORT))[2]).toBe('wamp.close.system_shutdown')
  })
})
