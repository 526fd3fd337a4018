import type { Duplex } from 'node:stream'
import { Gauge, type Registry } from 'prom-client'
import { ERRORS, wampUri } from '../../shared/protocol/errors.ts'
import { type Serializer, serializerOf } from '../../shared/wamp/serializer.ts'
import { URI } from '../../shared/wamp/uris.ts'
import { Attempts } from '../auth/attempts.ts'
import type { Checkers } from '../auth/checkers.ts'
import type { Leases } from '../auth/leases.ts'
import type { Realm as AvatarRealm } from '../auth/realm.ts'
import type { Secrets } from '../auth/secrets.ts'
import type { Clock } from '../base/clock.ts'
import type { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { StreamSocket } from '../base/socket.ts'
import { anonymousMethod, type Random } from './auth/anonymous.ts'
import { configuredMethods } from './auth/configured.ts'
import type { Decoy } from './auth/roster.ts'
import type { Peer } from './auth/types.ts'
import { userMethods } from './auth/user-methods.ts'
import { type ContractOptions, explainPortholeError, provideContract } from './contract.ts'
import { CALL_TIMEOUT_MS, historyOf, PORTHOLE_REALM, rolesOf, type WampOptions } from './options.ts'
import { RoleBasedRules } from './router/authorization.ts'
import type { Member } from './router/member.ts'
import { Realm } from './router/realm.ts'
import { Router } from './router/router.ts'
import type { RouterSession } from './router/session.ts'
import { acceptRawSocket } from './transport/accept.ts'
import { WebSocketLink } from './transport/websocket-link.ts'
import { userRules } from './user-rules.ts'

/** The realm that examples and experiments use, for this machine alone unless the configuration has one of the name. */
const LOCAL_REALM = 'realm1'
const ANONYMOUS = 'anonymous'

export interface WampParts {
  readonly options: WampOptions
  readonly checkers: Checkers
  readonly realm: AvatarRealm
  readonly secrets: Secrets
  readonly leases: Leases
  readonly decoy: Decoy
  readonly contract: ContractOptions
  readonly metrics: Registry
  readonly clock: Clock
  readonly log: Log
  /** As Math.random. */
  readonly random: () => number
  readonly randomBytes: Random
  /** Whether somebody stands before this server who may speak for others: then nobody is known to be this machine's own. */
  readonly behindProxy: boolean
}

/** The WAMP router of this server, and the ways to it. */
export class Wamp {
  readonly #router: Router
  readonly #parts: WampParts
  readonly #stopTelling: () => void

  /** @throws ConfigError that names the key and the mend */
  constructor(parts: WampParts) {
    this.#parts = parts
    const { options, contract, metrics, clock, log } = parts
    const users = this.#usersRealm()
    const configured = Object.keys(options.realms).map((name) => this.#configuredRealm(name))
    const local = parts.behindProxy || Object.hasOwn(options.realms, LOCAL_REALM) ? undefined : this.#localRealm()
    this.#router = new Router({
      realms: [users, ...configured, ...(local ? [local] : [])],
      admits: (realm, { isLoopback }) => realm !== local || isLoopback,
      onJoined: (member) => this.#lease(member),
      clock,
      log,
    })
    this.#stopTelling = provideContract(users, contract)
    observe(metrics, this.#router)
  }

  /** A WebSocket whose subprotocol is one of WAMP's. */
  acceptWebSocket(socket: StreamSocket, peer: Omit<Peer, 'transport'>): void {
    const serializer = serializerOf(socket.protocol) as Serializer
    const transport = { type: 'websocket', protocol: socket.protocol, peer: peer.address }
    const session = this.#router.attach(new WebSocketLink(socket, serializer), { ...peer, transport })
    socket.sayError = (error) => endFor(session, error)
  }

  /** A byte stream that begins with RawSocket's handshake. */
  acceptRawSocket(socket: Duplex, peer: Omit<Peer, 'transport' | 'visitor'>): void {
    acceptRawSocket(socket, this.#parts.clock, (link, serializer) => {
      const transport = { type: 'rawsocket', serializer, peer: peer.address }
      this.#router.attach(link, { ...peer, visitor: undefined, transport })
    })
  }

  async close(): Promise<void> {
    this.#stopTelling()
    await this.#router.close()
  }

  #usersRealm(): Realm {
    const { checkers, realm, secrets, options, randomBytes, clock } = this.#parts
    const { cryptosignKeys } = options
    return this.#realm(PORTHOLE_REALM, {
      methods: userMethods({ checkers, realm, secrets, cryptosignKeys, random: randomBytes, clock }),
      rules: () => userRules,
      explain: explainPortholeError,
    })
  }

  #configuredRealm(name: string): Realm {
    const { options, randomBytes, decoy, clock } = this.#parts
    const said = options.realms[name] as WampOptions['realms'][string]
    const { principals = [], anonymous, uris, callTimeoutMs } = said
    return this.#realm(name, {
      methods: configuredMethods({
        realm: name,
        principals,
        where: `wamp.realms.${name}.principals`,
        anonymous,
        random: randomBytes,
        decoy,
        attempts: new Attempts(clock),
        clock,
      }),
      rules: (ask) => new RoleBasedRules(rolesOf(said), ask),
      uris,
      history: historyOf(said),
      ...(callTimeoutMs !== undefined && { callTimeoutMs }),
    })
  }

  #localRealm(): Realm {
    // Autobahn for Python cannot ask to be disclosed, and the examples of its documentation want to know who calls.
    const everything = { uri: '', match: 'prefix', allow: ['call', 'register', 'publish', 'subscribe'], disclose: 'always' } as const
    return this.#realm(LOCAL_REALM, {
      methods: [anonymousMethod(ANONYMOUS, this.#parts.randomBytes)],
      rules: (ask) => new RoleBasedRules({ [ANONYMOUS]: { permissions: [everything], meta: true } }, ask),
    })
  }

  #realm(
    name: string,
    more: Pick<ConstructorParameters<typeof Realm>[0], 'methods' | 'rules' | 'uris' | 'history' | 'explain'> & { callTimeoutMs?: number },
  ): Realm {
    const { options, clock, random, log } = this.#parts
    return new Realm({ name, callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS, clock, random, log, ...more })
  }

  /** A session in a user's name ends when the leave is taken back that it came by, or when they become something else. */
  #lease(member: Member): () => void {
    const { visitor, authrole } = member.principal
    if (!visitor) return () => {}
    const { identity, avatar } = visitor
    return this.#parts.leases.open({
      identity,
      holds: () => avatar.role === authrole,
      end: (error) => member.kill(wampUri(error.code), ERRORS[error.code].title),
    })
  }
}

function endFor(session: RouterSession, error: PortholeError): void {
  session.close(error.code === 'server.closing' ? URI.systemShutdown : wampUri(error.code), error.message)
}

function observe(metrics: Registry, { realms }: Router): void {
  new Gauge({
    name: 'porthole_wamp_sessions',
    help: 'WAMP sessions by realm',
    labelNames: ['realm'],
    registers: [metrics],
    collect() {
      for (const { name, members } of realms.values()) this.set({ realm: name }, members.size)
    },
  })
}
