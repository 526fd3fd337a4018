import { Duplex } from 'node:stream'
import { Encoder } from '@msgpack/msgpack'
import * as cborg from 'cborg'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeMessage, ProtocolViolation } from '../../../shared/wamp/decode.ts'
import * as M from '../../../shared/wamp/messages.ts'
import type { SerializerName } from '../../../shared/wamp/serializer.ts'
import { isUri } from '../../../shared/wamp/uris.ts'
import { isWithin, MAX_DEPTH, mapped, settled, unicode } from '../../../shared/wamp/values.ts'
import { FakeClock } from '../../testing/clock.ts'
import { ALL_ROLES, BARE_ROLES, localWire, REALM, rawSocketWire, TestPeer, type Tuple } from '../../testing/wamp.ts'
import { CONTRACT_CONFIGURATION, HERE, testRouter } from '../../testing/wamp-contract.ts'
import { damaged, nearMessage } from '../../testing/wamp-fuzz.ts'
import { type Link, linkPair } from '../link.ts'
import { acceptRawSocket } from '../transport/accept.ts'

/** The same messages each time; others by PORTHOLE_SEED. */
const SEED = Number(process.env.PORTHOLE_SEED ?? 20_261_128)
const RUNS = 250
/** Milliseconds for one property. */
const MAX_MS = 60_000

const SERIALIZERS: readonly SerializerName[] = ['json', 'msgpack', 'cbor']
const STATES = ['before HELLO', 'while signing in', 'joined', 'joined, without meta API', 'leaving'] as const
type State = (typeof STATES)[number]

const open = CONTRACT_CONFIGURATION.realms[REALM]
/** What the witnesses offer is not for others to take over. */
const witness = { uri: 'com.witness.', match: 'prefix', allow: ['call', 'publish', 'subscribe'] }
const guarded = ({ permissions, ...role }: { permissions: object[] }) => ({ ...role, permissions: [...permissions, witness] })
const configuration = {
  realms: {
    ...CONTRACT_CONFIGURATION.realms,
    [REALM]: {
      ...open,
      principals: [...open.principals, { authid: 'witness', role: 'witness', ticket: 'witness' }],
      roles: {
        anyone: guarded(open.roles.anyone),
        staff: guarded(open.roles.staff),
        guest: guarded(open.roles.guest),
        witness: { permissions: [{ uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] }], meta: true },
      },
    },
  },
}

const clock = new FakeClock()
const { router, connect, lines } = testRouter(configuration, { clock })
const caller = connect()
const callee = connect()
/** One of each serializer, who hear everything. */
const hearers: TestPeer[] = []
let round = 0
/** How often each type of message came back. */
const met = new Map<unknown, number>()

/** Two ends of a stream within this process. */
function streams(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (i) =>
      new Duplex({
        read() {},
        write(chunk, _, done) {
          ends[1 - i]?.push(chunk)
          done()
        },
        final(done) {
          ends[1 - i]?.push(null)
          done()
        },
        destroy(error, done) {
          ends[1 - i]?.destroy()
          done(error)
        },
      }),
  )
  return ends as [Duplex, Duplex]
}

async function rawPeer(serializer: SerializerName): Promise<{ peer: TestPeer; stream: Duplex }> {
  const [near, stream] = streams()
  acceptRawSocket(near, clock, (link) => router.attach(link, HERE))
  return { peer: new TestPeer(await rawSocketWire(stream as never, serializer)), stream }
}

beforeAll(async () => {
  await Promise.all([caller.join({ authid: 'witness' }), callee.join({ authid: 'witness' })])
  callee.serve(([, , , , args]) => args as Tuple)
  await callee.register('com.witness.procedure')
  for (const serializer of SERIALIZERS) {
    const { peer } = await rawPeer(serializer)
    hearers.push(await peer.join({ authid: 'witness', roles: BARE_ROLES }))
    await peer.subscribe('', { match: 'prefix' })
  }
})

/** Everybody else still gets their events and results. */
async function othersGoOn(): Promise<void> {
  round++
  expect(await caller.result('com.witness.procedure', round)).toBe(round)
  await caller.publish('com.witness.topic', ['probe', round])
  for (const hearer of hearers) {
    expect(hearer.heard.filter(([type]) => typeof type !== 'number')).toEqual([])
    await hearer.hear(M.EVENT, ([, , , , args]) => (args as Tuple | undefined)?.[0] === 'probe' && (args as Tuple)[1] === round)
    await hearer.rest(M.EVENT)
    hearer.heard.length = 0
  }
  for (const peer of [caller, callee]) peer.heard.length = 0
  expect(lines.filter(({ level }) => (level as number) >= 50)).toEqual([])
  lines.length = 0
}

const FROM_A_ROUTER = new Set<unknown>([
  ...[M.WELCOME, M.ABORT, M.CHALLENGE, M.GOODBYE, M.ERROR, M.PUBLISHED, M.SUBSCRIBED, M.UNSUBSCRIBED, M.EVENT],
  ...[M.RESULT, M.REGISTERED, M.UNREGISTERED, M.INVOCATION, M.INTERRUPT],
])
/** What came back is what a router says: reasons are URIs, and nothing follows ABORT. */
function isSound(heard: readonly Tuple[]): void {
  for (const [at, tuple] of heard.entries()) {
    met.set(tuple[0], (met.get(tuple[0]) ?? 0) + 1)
    expect(FROM_A_ROUTER.has(tuple[0]), String(tuple[0])).toBe(true)
    if (tuple[0] === M.ABORT) expect(at, 'after ABORT').toBe(heard.length - 1)
    if (tuple[0] === M.ABORT || tuple[0] === M.GOODBYE) expect(isUri(tuple[2] as string, 'loose')).toBe(true)
    if (tuple[0] === M.ERROR) expect(isUri(tuple[4] as string, 'loose')).toBe(true)
    if (tuple[0] === M.ERROR) expect(tuple[4]).not.toBe('wamp.error.runtime_error')
    if (tuple[0] === M.ABORT) expect(tuple[2]).not.toBe('wamp.error.runtime_error')
  }
}

async function bring(peer: TestPeer, state: State): Promise<void> {
  peer.serve(([, , , , args]) => (args as Tuple) ?? [])
  if (state === 'while signing in') {
    peer.send(M.HELLO, REALM, { roles: ALL_ROLES, authmethods: ['ticket'], authid: 'ada' })
    await peer.hear(M.CHALLENGE)
  } else if (state !== 'before HELLO') await peer.join(state === 'joined, without meta API' ? { authid: 'bo' } : {})
  if (state === 'leaving') {
    await caller.call('wamp.session.kill', [peer.session])
    await peer.hear(M.GOODBYE)
  }
}

describe.each(STATES)('%s', (state) => {
  test(
    'messages of all kinds, already decoded, throw nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(nearMessage, { minLength: 1, maxLength: 20 }), async (tuples) => {
          const [near, far] = linkPair()
          router.attach(far, HERE)
          const peer = new TestPeer(localWire(near))
          await bring(peer, state)
          for (const tuple of tuples) {
            deliver(far, ofOwn(peer, tuple))
            await Promise.resolve()
          }
          await othersGoOn()
          near.close()
          await peer.closed()
          isSound(peer.heard)
        }),
        { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true, endOnFailure: true },
      )
    },
    MAX_MS + 10_000,
  )

  test.each(SERIALIZERS)(
    'bytes of all kinds, over RawSocket in %s, throw nothing',
    async (serializer) => {
      const whole = nearMessage.map((tuple) => encoded(serializer, tuple)).filter((bytes) => bytes !== undefined)
      const bytes = fc.oneof(
        { weight: 8, arbitrary: whole },
        { weight: 3, arbitrary: whole.chain(damaged) },
        fc.uint8Array({ maxLength: 40 }),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.array(whole, { minLength: 1, maxLength: 20 }), fc.array(bytes, { minLength: 1, maxLength: 20 })),
          fc.option(fc.uint8Array({ maxLength: 12 }), { freq: 6 }),
          async (all, unframed) => {
            const { peer, stream } = await rawPeer(serializer)
            await bring(peer, state)
            for (const each of all) peer.sendRaw(each)
            if (unframed) stream.write(unframed)
            await othersGoOn()
            peer.cut()
            await peer.closed()
            isSound(peer.heard)
          },
        ),
        { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true, endOnFailure: true },
      )
    },
    MAX_MS + 10_000,
  )
})

afterAll(async () => {
  const often = Object.fromEntries([...met].map(([type, times]) => [M.NAMES[type as M.MessageType], times]))
  const { PUBLISHED, SUBSCRIBED, UNSUBSCRIBED, EVENT, RESULT, REGISTERED, UNREGISTERED, INVOCATION, ERROR, ABORT } = M
  const answers = [PUBLISHED, SUBSCRIBED, UNSUBSCRIBED, EVENT, RESULT, REGISTERED, UNREGISTERED, INVOCATION, ERROR, ABORT] as const
  for (const type of answers) expect(often, `by the seed ${SEED}`).toHaveProperty(M.NAMES[type])
  await caller.settled()
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  const realm = router.realms.get(REALM)
  expect(realm?.members.size, 'nobody is left but the witnesses').toBe(2 + SERIALIZERS.length)
  expect([...(realm?.dealer.callees.registrations.index.all() ?? [])].map(({ uri }) => uri)).toEqual(['com.witness.procedure'])
})

/** What is given back was granted, mostly: identifiers of a router are not known beforehand. */
function ofOwn({ heard }: TestPeer, tuple: Tuple): Tuple {
  const [type, request, id] = tuple
  const granted = heard.filter(([answer]) => answer === (type === M.UNSUBSCRIBE ? M.SUBSCRIBED : type === M.UNREGISTER ? M.REGISTERED : 0))
  return typeof id === 'number' && granted.length > 0 ? [type, request, granted[id % granted.length]?.[2] ?? id] : tuple
}

/** As a transport hands it on. */
function deliver(link: Link, tuple: Tuple): void {
  let message: M.Message
  try {
    if (!isWithin(tuple, MAX_DEPTH)) throw new ProtocolViolation('too deep')
    const copy = mapped(tuple, (leaf) => leaf)
    message = decodeMessage(settled(copy, (leaf) => (typeof leaf === 'string' ? unicode(leaf) : leaf)))
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error
    return link.onViolation(error)
  }
  link.onMessage(message, 0)
}

/** @returns undefined for what a serializer cannot say */
function encoded(serializer: SerializerName, tuple: Tuple): Uint8Array | undefined {
  try {
    if (serializer === 'cbor') return cborg.encode(tuple)
    if (serializer === 'msgpack') return new Encoder({ useBigInt64: true, maxDepth: 100 }).encode(tuple)
    return Buffer.from(JSON.stringify(tuple, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
  } catch {
    return undefined
  }
}
