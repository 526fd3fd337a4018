import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeMessage, ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Dict, Message } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import { MAX_ID } from '../../../shared/wamp/uris.ts'
import { FakeClock } from '../../testing/clock.ts'
import { craAuth, scramAuth, ticketAuth } from '../auth/answers.ts'
import type { Link } from '../link.ts'
import { ApplicationError } from './application-error.ts'
import { MAX_RUNNING_INVOCATIONS } from './invocations.ts'
import { JOIN_TIMEOUT_MS, joinSession } from './join.ts'
import type { Session } from './session.ts'

/** The same messages each time; others by PORTHOLE_SEED. */
const SEED = Number(process.env.PORTHOLE_SEED ?? 20_261_129)
const RUNS = 500
/** Milliseconds for one property. */
const MAX_MS = 60_000

/** A client's end whose router takes messages of so many bytes. */
class TightLink implements Link {
  onMessage: Link['onMessage'] = () => {}
  onViolation: Link['onViolation'] = () => {}
  onClose = () => {}
  readonly backlog = 0
  readonly sent: Message[] = []
  isClosed = false
  routerTakes: number

  constructor(routerTakes: number) {
    this.routerTakes = routerTakes
  }

  send(message: Message): boolean {
    if (Buffer.byteLength(SERIALIZERS.json.encode(message) as string) > this.routerTakes) return false
    this.sent.push(message)
    return true
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => this.onClose())
  }

  /** As a transport hands a message on. */
  deliver(tuple: readonly unknown[]): void {
    if (this.isClosed) return
    let message: Message
    try {
      message = decodeMessage(tuple)
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      return this.onViolation(error)
    }
    this.onMessage(message, 0)
  }
}

const nameless: unknown = { toString: 1, valueOf: 1 }
const odd = fc.oneof(
  fc.constantFrom<unknown>(nameless, [nameless], null, '', -1, 1.5, MAX_ID, MAX_ID + 1, 2n ** 64n, Number.NaN, '\ud800', new Uint8Array(3)),
  fc.constantFrom<unknown>('y'.repeat(3000), 'no uri', JSON.parse('{"__proto__":{"polluted":true}}'), Object.create(null)),
  fc.anything({ maxDepth: 2 }),
)
const mostly = (likely: fc.Arbitrary<unknown>, weight = 30) => fc.oneof({ weight, arbitrary: likely }, { weight: 1, arbitrary: odd })
/** Few, so that most are of something. */
const id = mostly(fc.integer({ min: 1, max: 9 }))
const uri = mostly(fc.constantFrom('com.a', 'com.b', 'wamp.error.canceled', 'wamp.close.normal', 'x'.repeat(1024)))
const details = mostly(
  fc.dictionary(
    fc.constantFrom('progress', 'receive_progress', 'reason', 'message', 'topic', 'procedure', 'caller', 'caller_authid', 'publisher'),
    fc.oneof(fc.constant(true), odd),
    { maxKeys: 3 },
  ),
)
const revoked = mostly(fc.record({ subscription: id, registration: id, reason: uri }, { requiredKeys: [] }))
const payload = mostly(fc.array(fc.oneof(fc.integer(), odd), { maxLength: 3 }))
const dict = mostly(fc.dictionary(fc.string({ maxLength: 5 }), odd, { maxKeys: 2 }))
const of = (type: unknown, ...fields: fc.Arbitrary<unknown>[]) => fc.tuple(fc.constant(type), ...fields) as fc.Arbitrary<unknown[]>
const sound: fc.Arbitrary<unknown[]> = fc.oneof(
  of(M.RESULT, id, details, payload, dict),
  of(M.EVENT, id, id, details, payload, dict),
  { weight: 3, arbitrary: of(M.INVOCATION, mostly(fc.integer({ min: 1, max: 99 })), id, details, payload, dict) },
  of(M.INTERRUPT, id, details),
  of(M.ERROR, mostly(fc.constantFrom(M.CALL, M.PUBLISH, M.CANCEL, M.SUBSCRIBE, M.REGISTER)), id, details, uri, payload, dict),
  of(M.PUBLISHED, id, id),
  of(M.SUBSCRIBED, id, id),
  of(M.REGISTERED, id, id),
  of(M.UNSUBSCRIBED, fc.constantFrom(0, 4), revoked),
  of(M.UNREGISTERED, fc.constantFrom(0, 4), revoked),
)
const ending: fc.Arbitrary<unknown[]> = fc.oneof(
  of(M.GOODBYE, details, uri),
  of(M.ABORT, details, uri, payload),
  of(M.WELCOME, id, details),
  of(M.CHALLENGE, uri, details),
  of(odd, id, details),
  fc.array(odd),
)
const said = fc.oneof({ weight: 30, arbitrary: sound }, { weight: 1, arbitrary: ending })

const loose: unknown[] = []
const onLoose = (error: unknown) => loose.push(error)
beforeAll(() => {
  process.on('unhandledRejection', onLoose).on('uncaughtException', onLoose)
})
afterAll(() => {
  process.off('unhandledRejection', onLoose).off('uncaughtException', onLoose)
})
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function joined(routerTakes: number, reported: unknown[] = []): Promise<{ link: TightLink; session: Session; clock: FakeClock }> {
  const [link, clock] = [new TightLink(routerTakes), new FakeClock()]
  const joining = joinSession(link, { realm: 'r', clock, report: (error) => reported.push(error) })
  link.deliver([M.WELCOME, 1, { roles: {} }])
  return { link, session: await joining, clock }
}

/** Requests of each kind, and handlers of each: request 4 subscribes, those from 5 on register. */
function busy(session: Session): Promise<unknown>[] {
  const handlers = [
    (args: M.Args) => args,
    async (args: M.Args) => Promise.reject(args[0]),
    (args: M.Args) => {
      throw new ApplicationError('com.a', args)
    },
    () => new Promise(() => {}),
    (args: M.Args, _: Dict, { progress }: { progress(args: M.Args): void }) => progress(args),
  ]
  return [
    session.call('com.a', [], {}, { onProgress: () => {}, timeoutMs: 1000 }),
    session.call('com.a', [], {}, { signal: AbortSignal.timeout(1), cancelMode: 'kill' }),
    session.publish('com.a', ['x'], {}, { acknowledge: true }),
    session.subscribe('com.a', (args) => Promise.reject(args[0])),
    ...handlers.map((handler, i) => session.register(`com.p${i}`, handler as never)),
  ]
}

describe('whatever a router says', () => {
  it(
    'throws nothing at the transport, and ends the session at most',
    async () => {
      const [met, ends] = [new Set<number>(), new Map<string, number>()]
      await fc.assert(
        fc.asyncProperty(
          fc.array(said, { minLength: 1, maxLength: 40 }),
          fc.constantFrom(512, 4096, 2 ** 24),
          async (tuples, routerTakes) => {
            const { link, session, clock } = await joined(2 ** 24)
            const settled = Promise.allSettled(busy(session))
            for (let i = 0; i < 6; i++) link.deliver(i === 0 ? [M.SUBSCRIBED, 4, 1] : [M.REGISTERED, 4 + i, i])
            link.routerTakes = routerTakes
            for (const [i, tuple] of tuples.entries()) {
              link.deliver(tuple)
              if (i % 3 === 0) await turn()
            }
            await turn()
            for (const { type } of link.sent) met.add(type)
            if (session.isOver) {
              const { by } = await session.ended
              ends.set(by, (ends.get(by) ?? 0) + 1)
            }
            const left = session.leave()
            clock.advance(JOIN_TIMEOUT_MS)
            await left
            await session.disconnected
            await settled
            expect(loose).toEqual([])
          },
        ),
        { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true, endOnFailure: true },
      )
      for (const type of [M.YIELD, M.ERROR, M.ABORT, M.GOODBYE]) expect(met, `by the seed ${SEED}`).toContain(type)
      for (const by of ['router', 'violation']) expect(ends.get(by), `by the seed ${SEED}`).toBeGreaterThan(0)
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
    MAX_MS + 10_000,
  )

  it(
    'ends the joining in time, one way or the other',
    async () => {
      const extra = fc.record(
        { challenge: mostly(fc.constant('x')), salt: mostly(fc.constant('c2FsdHNhbHQ=')), iterations: id, keylen: id, nonce: odd },
        { requiredKeys: [] },
      )
      const method = mostly(fc.constantFrom('ticket', 'wampcra', 'scram'), 8)
      const first = fc.oneof(
        { weight: 4, arbitrary: of(M.CHALLENGE, method, mostly(extra)) },
        of(M.WELCOME, id, mostly(fc.record({ authmethod: method, authextra: odd, roles: odd }, { requiredKeys: [] }))),
        said,
      )
      const outcomes = new Map<string, number>()
      await fc.assert(
        fc.asyncProperty(
          fc.array(first, { minLength: 1, maxLength: 6 }),
          fc.constantFrom(512, 1024, 2 ** 24),
          async (tuples, routerTakes) => {
            const [link, clock] = [new TightLink(routerTakes), new FakeClock()]
            const auth = [ticketAuth('ada', 't'.repeat(600)), craAuth('ada', 'secret'), scramAuth('ada', 'secret')]
            const joining = joinSession(link, { realm: 'r', clock, auth }).catch((error: Error) => error)
            for (const tuple of tuples) {
              link.deliver(tuple)
              await turn()
            }
            clock.advance(JOIN_TIMEOUT_MS)
            const outcome = await joining
            outcomes.set(outcome.constructor.name, (outcomes.get(outcome.constructor.name) ?? 0) + 1)
            if (outcome instanceof Error) {
              expect(outcome.name).toBe('JoinError')
              expect(link.isClosed).toBe(true)
            }
            await turn()
            expect(loose).toEqual([])
          },
        ),
        { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true, endOnFailure: true },
      )
      for (const name of ['JoinError', 'Session']) expect(outcomes.get(name), `by the seed ${SEED}`).toBeGreaterThan(0)
    },
    MAX_MS + 10_000,
  )

  it('in floods is answered, and no more runs at once than may', async () => {
    const { link, session } = await joined(2 ** 24)
    let running = 0
    const registering = session.register('com.p', (_args, _kwargs, { signal }) => {
      running++
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    link.deliver([M.REGISTERED, 1, 30])
    await registering
    for (let i = 0; i < 20_000; i++) link.deliver([M.INVOCATION, MAX_ID - i, 30, {}])
    expect(running).toBe(MAX_RUNNING_INVOCATIONS)
    expect(link.sent.filter(({ type }) => type === M.ERROR)).toHaveLength(20_000 - MAX_RUNNING_INVOCATIONS)
    link.deliver([M.RESULT, MAX_ID, {}])
    expect(await session.ended).toMatchObject({ by: 'violation' })
    await turn()
    expect(loose).toEqual([])
  })
})
