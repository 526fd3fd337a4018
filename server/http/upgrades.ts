import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Socket } from '../../shared/contract/define.ts'
import { type SocketName, sockets } from '../../shared/contract/index.ts'
import { fault, type Schema } from '../../shared/protocol/check.ts'
import { MAX_ECHO_BYTES, MAX_FRAME_BYTES, MAX_TEXT_BYTES } from '../../shared/protocol/limits.ts'
import { SUBPROTOCOLS as WAMP_PROTOCOLS } from '../../shared/wamp/serializer.ts'
import { bareHost, isLoopbackHost } from '../base/address.ts'
import { type Clock, every } from '../base/clock.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import type { Caller, SocketHandlers } from '../base/handlers.ts'
import { type Log, loggablePath } from '../base/log.ts'
import type { StreamSocket } from '../base/socket.ts'
import { MAX_STREAM_TEXT_CHARS, STREAM_PROTOCOLS } from '../base/websocket-stream.ts'
import type { Peer } from '../wamp/auth/types.ts'
import type { Guard } from './guard.ts'
import type { Admission, Visitor } from './identity.ts'
import type { MountSockets } from './mount-module.ts'
import { headersInside, upgradeMount } from './mount-proxy.ts'
import { findMount, innerPath, type Mount } from './mounts.ts'
import type { Peers } from './peers.ts'
import { problemOf } from './problem.ts'
import { fromQuery } from './routes.ts'
import { WebSocketAdapter } from './websocket.ts'

/** Milliseconds between pings. */
const PING_MS = 30_000
/** Milliseconds that a mounted module's WebSocket has to answer the close. */
const CLOSE_MODULES_MS = 1000
/** Milliseconds in which a refused client must have read why. */
const REFUSED_MS = 2000
/** WebSockets at once. */
const MAX_SOCKETS = 20_000

/** Bytes of one message from a client, by socket. */
const MAX_MESSAGE_BYTES: Record<SocketName, number> = {
  echo: MAX_ECHO_BYTES,
  live: MAX_TEXT_BYTES,
  share: MAX_TEXT_BYTES,
  publish: MAX_FRAME_BYTES,
  events: MAX_TEXT_BYTES,
  tunnel: MAX_STREAM_TEXT_CHARS,
  stage: MAX_TEXT_BYTES,
  join: MAX_TEXT_BYTES,
}

/** Subprotocols by socket, the one preferred first. */
const SUBPROTOCOLS: Partial<Record<SocketName, readonly string[]>> = { tunnel: STREAM_PROTOCOLS }
/** Of `/ws`, where the client's order counts. */
const WS_PROTOCOLS: ReadonlySet<string> = new Set([...WAMP_PROTOCOLS, 'echo'])

export interface UpgradeOptions {
  readonly mounts: readonly Mount[]
  readonly peers: Peers
  readonly mountHandlers: ReadonlyMap<Mount, MountSockets>
  /** A request's address without the path of the public address. */
  readonly addressed: (url: string) => string
  readonly guard: Guard
  readonly admission: Admission
  readonly handlers: SocketHandlers
  /** Takes the WebSockets of `/ws` that agreed on a protocol of WAMP's. */
  readonly wamp: (socket: StreamSocket, peer: Omit<Peer, 'transport'>) => void
  readonly clock: Clock
  readonly log: Log
  readonly addressOf: (request: IncomingMessage) => string
}

/** Every WebSocket of the contract: found by path, guarded like any request, then handed to its feature. */
export class Upgrades {
  readonly #options: UpgradeOptions
  readonly #open = new Set<WebSocketAdapter>()
  /** Who asked, for the word on why they were refused. */
  readonly #visitors = new WeakMap<IncomingMessage, Visitor>()
  readonly #stopPings: () => void
  readonly #servers: Record<SocketName, WebSocketServer>
  /** Of mounted modules; it knows its open sockets itself. */
  readonly #modules = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_ECHO_BYTES })

  constructor(options: UpgradeOptions) {
    this.#options = options
    const server = (name: SocketName) =>
      new WebSocketServer({
        noServer: true,
        // Media does not compress, and a compressor could not share its output among viewers.
        perMessageDeflate: false,
        maxPayload: MAX_MESSAGE_BYTES[name],
        handleProtocols: (offered) =>
          (name === 'echo'
            ? [...offered].find((protocol) => WS_PROTOCOLS.has(protocol))
            : (SUBPROTOCOLS[name] ?? []).find((protocol) => offered.has(protocol))) ?? false,
      })
    this.#servers = Object.fromEntries((Object.keys(sockets) as SocketName[]).map((name) => [name, server(name)])) as Record<
      SocketName,
      WebSocketServer
    >
    this.#stopPings = every(options.clock, PING_MS, () => {
      for (const socket of this.#open) socket.ping()
    })
  }

  get size(): number {
    return this.#open.size
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      this.#upgrade(request, socket, head).catch((error) => this.#refuse(request, socket, error))
    })
  }

  /** Ends what is still open. Features close theirs before, with a reason. */
  async close(): Promise<void> {
    this.#stopPings()
    const closing = new PortholeError('server.closing')
    const ended = [...this.#open].map((socket) => {
      const before = socket.onClose
      return new Promise<void>((resolve) => {
        socket.onClose = () => {
          before()
          resolve()
        }
        socket.close(closing)
      })
    })
    for (const ws of this.#modules.clients) {
      ws.close(1001)
      setTimeout(() => ws.terminate(), CLOSE_MODULES_MS).unref()
    }
    for (const sockets of this.#options.mountHandlers.values()) if (typeof sockets === 'object') ended.push(sockets.close())
    await Promise.all(ended)
  }

  async #upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): Promise<void> {
    const { guard, admission, handlers, wamp, log, addressOf } = this.#options
    const target = request.url ?? '/'
    // Before anything is refused: what is logged of it is told by its path.
    request.url = this.#options.addressed(target)
    const origin = guard.foreignOrigin(request)
    const mount = findMount(this.#options.mounts, this.#options.peers.host(request) ?? '', request.url)
    const found = mount ? undefined : match((request.url ?? '/').split('?', 1)[0] as string)
    const asked: Socket | undefined = found && sockets[found.name]
    const judged = origin === undefined ? 'own' : this.#judge(mount, origin, request)
    if (judged === 'foreign' && !asked?.embeds) throw new PortholeError('origin.foreign')
    if (mount) return this.#upgradeMount(mount, target, request, raw, head, judged === 'allowed')
    if (!found || !asked) throw new PortholeError('request.not-found')
    const { role, camera: act, embeds }: Socket = asked
    const address = addressOf(request)
    const visitor = embeds
      ? admission.stranger()
      : await admission.visitor(request, target, request.headers.authorization, publishKey(found.name, request.url ?? '/'))
    this.#visitors.set(request, visitor)
    const hasRole = admission.checkRole(visitor, role, act)
    const params = { ...found.params, ...queryOf(asked, request.url ?? '/') }
    // Told through the WebSocket: a page cannot read why an upgrade was refused.
    const may = act && (await admission.checkCamera(visitor, act, found.params.camera as string).catch(asPortholeError))
    const refusal = may instanceof PortholeError ? may : undefined
    // Gone while it was asked who they are.
    if (raw.destroyed) return
    if (this.#open.size >= MAX_SOCKETS) throw new PortholeError('server.limit')
    const { avatar, identity } = visitor
    const caller: Caller = {
      avatar,
      session: admission.sessionOf(visitor),
      via: identity?.via,
      address,
      asked: this.#options.peers.asked(request),
      origin,
      keepSession: () => {},
    }
    const roleThen = avatar.role
    // What a tunnel leads to has a role of its own, and whose stage it is was asked when it was opened.
    const keepsRole = found.name === 'tunnel' || found.name === 'stage'
    const holds = () => hasRole() && (typeof may !== 'function' || may()) && (!keepsRole || avatar.role === roleThen)
    this.#servers[found.name].handleUpgrade(request, raw, head, (ws) => {
      const socket = new WebSocketAdapter(ws, raw, address)
      this.#open.add(socket)
      const giveBack = admission.lease(visitor, holds, (error) => socket.close(error))
      ws.once('close', () => {
        this.#open.delete(socket)
        giveBack()
      })
      try {
        if (refusal) throw refusal
        if (found.name === 'echo' && socket.protocol.startsWith('wamp.')) wamp(socket, this.#peerOf(request, visitor, address))
        else handlers[found.name](socket, params as never, caller)
      } catch (error) {
        if (!(error instanceof PortholeError)) log.error({ err: error, path: loggablePath(request.url ?? '') }, 'socket failed')
        socket.close(asPortholeError(error))
      }
    })
  }

  /** What a mounted class says of an origin that is not this server's. */
  #judge(mount: Mount | undefined, origin: string, request: IncomingMessage): 'own' | 'allowed' | 'foreign' {
    const sockets = mount && this.#options.mountHandlers.get(mount)
    return typeof sockets === 'object' ? sockets.judge(origin, request) : 'foreign'
  }

  async #upgradeMount(mount: Mount, target: string, request: IncomingMessage, raw: Duplex, head: Buffer, stranger: boolean): Promise<void> {
    const { admission } = this.#options
    const authorization = mount.role === 'public' ? undefined : request.headers.authorization
    const visitor = stranger ? admission.stranger() : await admission.visitor(request, target, authorization)
    if (raw.destroyed) return
    const hasRole = admission.checkRole(visitor, mount.role)
    if (mount.role !== 'public')
      raw.once(
        'close',
        admission.lease(visitor, hasRole, () => raw.destroy()),
      )
    const { destination } = mount
    const handler = this.#options.mountHandlers.get(mount)
    if (handler) {
      request.url = innerPath(mount, request.url ?? '/') ?? '/'
      if (typeof handler === 'object') {
        request.headers = headersInside(request.headers, mount, stranger)
        return handler.upgrade(request, raw, head, visitor.avatar.user)
      }
      return this.#modules.handleUpgrade(request, raw, head, (ws) => {
        ws.on('error', () => ws.terminate())
        // What a module throws or rejects with ends its own connection, nothing else.
        new Promise((resolve) => resolve(handler(ws, request))).catch((error) => {
          this.#options.log.error({ err: error, mount: mount.key }, 'mounted module failed')
          ws.close(1011)
        })
      })
    }
    if (destination.kind !== 'proxy') throw new PortholeError('request.not-found')
    upgradeMount(mount, destination.target, this.#options.peers, request, raw, head, () =>
      this.#refuse(request, raw, new PortholeError('service.unreachable')),
    )
  }

  #peerOf(request: IncomingMessage, { identity, avatar }: Visitor, address: string): Omit<Peer, 'transport'> {
    const { peers } = this.#options
    const asked = peers.asked(request)
    return {
      address,
      isLoopback: peers.isLoopback(request) && isLoopbackHost(bareHost(new URL(asked))),
      visitor: identity && { identity, avatar },
      asked,
    }
  }

  /** An answer in HTTP: the connection has not become a WebSocket. */
  #refuse(request: IncomingMessage, raw: Duplex, thrown: unknown): void {
    const error = asPortholeError(thrown)
    const { log, addressOf, admission } = this.#options
    admission.refused(request, this.#visitors.get(request), error)
    const path = loggablePath(request.url ?? '')
    if (error.code === 'server.internal') log.error({ err: thrown, path }, 'upgrade failed')
    else log.debug({ path, code: error.code, address: addressOf(request) }, 'upgrade refused')
    const body = JSON.stringify(problemOf(error))
    const challenges = admission.challenges(request, error).map((challenge) => `WWW-Authenticate: ${challenge}\r\n`)
    raw.end(
      `HTTP/1.1 ${error.http} Refused\r\n${challenges.join('')}Content-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
    // Node no longer watches it, and a client need not close its half.
    setTimeout(() => raw.destroy(), REFUSED_MS).unref()
  }
}

/** The key in a publisher's address: pages cannot set headers of a WebSocket. */
const publishKey = (name: SocketName, url: string): string | undefined =>
  name === 'publish' ? (new URLSearchParams(url.split('?', 2)[1]).get('key') ?? undefined) : undefined

/** What an address says behind the path, of what its socket takes. @throws PortholeError request.invalid */
function queryOf({ query }: Socket, url: string): Record<string, unknown> {
  if (!query) return {}
  const asked = new URLSearchParams(url.split('?', 2)[1])
  const said = fromQuery(Object.fromEntries([...new Set(asked.keys())].map((name) => [name, asked.getAll(name).join()])), query as Schema)
  const found = fault(query as Schema, said)
  if (found !== undefined) throw new PortholeError('request.invalid', found)
  return said
}

const patterns = (Object.keys(sockets) as SocketName[]).map((name) => ({ name, parts: sockets[name].path.split('/') }))

/** The socket of a path and its parameters, decoded; an encoding that cannot be decoded is no match. */
function match(path: string): { name: SocketName; params: Record<string, string> } | undefined {
  const parts = path.split('/')
  for (const { name, parts: pattern } of patterns) {
    if (pattern.length !== parts.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((part, i) => {
      if (!part.startsWith(':')) return part === parts[i]
      try {
        params[part.slice(1)] = decodeURIComponent(parts[i] as string)
        return params[part.slice(1)] !== ''
      } catch {
        return false
      }
    })
    if (fits) return { name, params }
  }
  return undefined
}
