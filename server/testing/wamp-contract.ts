import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import type { SerializerName } from '../../shared/wamp/serializer.ts'
import { Attempts } from '../auth/attempts.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { configuredMethods } from '../wamp/auth/configured.ts'
import type { Peer } from '../wamp/auth/types.ts'
import { linkPair } from '../wamp/link.ts'
import { CALL_TIMEOUT_MS, historyOf, type RealmOptions, rolesOf, wampOptions } from '../wamp/options.ts'
import { RoleBasedRules } from '../wamp/router/authorization.ts'
import { Realm } from '../wamp/router/realm.ts'
import { Router } from '../wamp/router/router.ts'
import { startTestServer, type TestServer } from './server.ts'
import { type JoinWish, localWire, REALM, rawSocketWire, TestPeer, webSocketWire } from './wamp.ts'

/** A realm whose URIs are strict. */
export const STRICT = 'com.example.strict'
/** Whatever is kept there: three events of all topics below, five of one. */
export const HISTORY_LIMIT = 3

const everything = { uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'] }
const permissions = [
  everything,
  { ...everything, uri: 'com.secret.', disclose: 'never' },
  { ...everything, uri: 'com.told.', disclose: 'always' },
  { ...everything, uri: 'com.closed.', allow: [] },
]
const principals = [
  { authid: 'ada', role: 'staff', ticket: 'ada' },
  { authid: 'bo', role: 'guest', ticket: 'bo' },
]
const roles = { anyone: { permissions, meta: true }, staff: { permissions, meta: true }, guest: { permissions } }

/** As the configuration file has it. */
export const CONTRACT_CONFIGURATION = {
  realms: {
    [REALM]: {
      anonymous: 'anyone',
      principals,
      roles,
      history: [
        { topic: 'com.kept.', match: 'prefix', limit: HISTORY_LIMIT },
        { topic: 'com.kept.one', limit: 5 },
      ],
    },
    [STRICT]: { uris: 'strict', anonymous: 'anyone', roles },
  },
}

export interface TestRouter {
  readonly router: Router
  /** Lines of the log, parsed. */
  readonly lines: Record<string, unknown>[]
  connect(peer?: Partial<Peer>): TestPeer
  /** With the router's end of its connection: what waits there is as a test says. */
  connectSlow(): { readonly peer: TestPeer; readonly link: { backlog: number } }
}

export const HERE: Peer = { address: '127.0.0.1', isLoopback: true, visitor: undefined, transport: { type: 'internal' } }

/** A router of configured realms, within this process. */
export function testRouter(
  configuration: unknown = CONTRACT_CONFIGURATION,
  { clock = systemClock, random = Math.random }: { clock?: Clock; random?: () => number } = {},
): TestRouter {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  const { realms: said, callTimeoutMs } = wampOptions(configuration)
  const realms = Object.entries(said).map(([name, options]) => realmOf(name, options, callTimeoutMs ?? CALL_TIMEOUT_MS))
  function realmOf(name: string, options: RealmOptions, timeoutMs: number): Realm {
    const { principals = [], anonymous, uris } = options
    const [where, decoy, attempts] = ['principals', () => Buffer.alloc(32, 7), new Attempts(clock)] as const
    return new Realm({
      name,
      uris,
      methods: configuredMethods({ realm: name, principals, where, anonymous, random: randomBytes, decoy, attempts, clock }),
      rules: (ask) => new RoleBasedRules(rolesOf(options), ask),
      history: historyOf(options),
      callTimeoutMs: options.callTimeoutMs ?? timeoutMs,
      clock,
      random,
      log,
    })
  }
  const router = new Router({ realms, clock, log })
  return {
    router,
    lines,
    connect(peer = {}) {
      const [near, far] = linkPair()
      router.attach(far, { ...HERE, ...peer })
      return new TestPeer(localWire(near))
    },
    connectSlow() {
      const [near, link] = linkPair()
      router.attach(link, HERE)
      return { peer: new TestPeer(localWire(near)), link: link as { backlog: number } }
    },
  }
}

const SERIALIZERS: readonly SerializerName[] = ['json', 'msgpack', 'cbor']

/** Opens a connection. */
export type Open = () => Promise<TestPeer>

export interface Transport {
  /** undefined: there is none, within this process. */
  readonly serializer: SerializerName | undefined
  connect: Open
  /** A session of the open realm. */
  join(wish?: JoinWish): Promise<TestPeer>
  /** Lines of the log. */
  lines(): Record<string, unknown>[]
}

/** The same tests over each transport and serializer, against the whole server; and within this process. */
export function routerContract(subject: string, define: (over: Transport) => void): void {
  describe(subject, () => {
    let server: TestServer
    beforeAll(async () => {
      server = await startTestServer({ file: { wamp: CONTRACT_CONFIGURATION } })
    })
    afterAll(() => server.close())

    const over = (name: string, serializer: SerializerName | undefined, open: Open, lines: () => Record<string, unknown>[]) =>
      describe(name, () => {
        const peers: TestPeer[] = []
        afterEach(async () => {
          for (const peer of peers) peer.cut()
          await Promise.all(peers.splice(0).map((peer) => peer.closed()))
        })
        const connect = async () => {
          const peer = await open()
          peers.push(peer)
          return peer
        }
        define({ serializer, connect, join: async (wish) => (await connect()).join(wish), lines })
      })

    for (const serializer of SERIALIZERS) {
      const open = async () => new TestPeer(await webSocketWire(server.url, serializer))
      over(`WebSocket, ${serializer}`, serializer, open, () => server.lines)
    }
    for (const serializer of SERIALIZERS) {
      const open = async () => new TestPeer(await rawSocketWire(server.app.address.port, serializer))
      over(`RawSocket, ${serializer}`, serializer, open, () => server.lines)
    }
    const { connect, lines } = testRouter()
    over(
      'in process',
      undefined,
      async () => connect(),
      () => lines,
    )
  })
}
