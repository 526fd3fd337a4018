import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer, type ServerOptions as WsOptions } from 'ws'
import { PortholeError } from '../../base/errors.ts'
import { Connection } from './connection.ts'
import { capFrames } from './frames.ts'
import type { Mounted, ProtocolHost } from './mounted.ts'
import { isOwnOrigin, type OriginTest, originTest } from './origins.ts'
import { CONNECTION, type WebSocketProtocol } from './protocol.ts'
import { refusalOf } from './refusal.ts'
import { type CheckedServerOptions, checkHeaders, checkServerOptions, type HeaderFields, type ServerOptions } from './server-options.ts'

/** Milliseconds at shutdown for good-byes, then for `onClose` of connections that were cut. */
const GOODBYE_MS = 1000
const CUT_MS = 200

/** What a client asks for. */
export interface ConnectionRequest {
  /** Path and query as the mount sees them. */
  readonly path: string
  readonly query: URLSearchParams
  /** Without Porthole's own credentials, unless the mount forwards them. */
  readonly headers: IncomingMessage['headers']
  /** Host and port as the client sees them. */
  readonly host: string
  readonly secure: boolean
  /** Of a browser's page. */
  readonly origin: string | undefined
  /** Subprotocols that it offers, the one preferred first. */
  readonly protocols: readonly string[]
  readonly address: string
  /** Who is signed in to Porthole; nobody for pages of foreign origins. */
  readonly user: string | undefined
}

/** What `onConnect` decides: nothing (the options do), a subprotocol of the offered ones, or that and headers of the answer. */
export type ConnectAnswer = string | undefined | readonly [protocol: string | undefined, headers: HeaderFields]

export interface ServerProtocol extends WebSocketProtocol {
  onConnect(request: ConnectionRequest): unknown
}

/** An upgrade from its request until it is a WebSocket. */
interface Opening {
  readonly raw: Duplex
  readonly user: string | undefined
  instance?: ServerProtocol
  protocol?: string | undefined
  headers?: HeaderFields
}

/** Makes an instance of a class for each WebSocket of its mount. */
export class ProtocolServer implements Mounted {
  readonly #make: () => ServerProtocol
  readonly #options: CheckedServerOptions
  readonly #host: ProtocolHost
  readonly #isAllowed: OriginTest
  readonly #server: WebSocketServer
  readonly #openings = new WeakMap<IncomingMessage, Opening>()
  readonly #open = new Set<Connection>()
  #taken = 0
  #closing: Promise<void> | undefined

  /** @throws Error that names an option and its mend */
  constructor(make: () => ServerProtocol, options: ServerOptions, host: ProtocolHost) {
    this.#make = make
    this.#options = checkServerOptions(options)
    this.#host = host
    this.#isAllowed = originTest(this.#options.allowedOrigins)
    const { maxMessageBytes, perMessageDeflate, closeHandshakeTimeoutMs } = this.#options
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate,
      maxPayload: maxMessageBytes,
      closeTimeout: closeHandshakeTimeoutMs,
      verifyClient: ({ req }, answer) => void this.#decide(req, answer),
      handleProtocols: (_offered, request) => this.#openings.get(request)?.protocol ?? false,
    } as WsOptions)
    this.#server.on('headers', (lines, request) => this.#answer(lines, this.#openings.get(request) as Opening))
  }

  judge(origin: string, request: IncomingMessage): 'own' | 'allowed' | 'foreign' {
    const { externalPort, allowNullOrigin } = this.#options
    if (externalPort !== undefined && isOwnOrigin(origin, this.#own(request))) return 'own'
    return (origin === 'null' ? allowNullOrigin : this.#isAllowed(origin)) ? 'allowed' : 'foreign'
  }

  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer, user?: string): void {
    const opening: Opening = { raw, user }
    this.#openings.set(request, opening)
    this.#taken++
    raw.once('close', () => this.#taken--)
    this.#server.handleUpgrade(request, raw, head, (ws) => this.#opened(ws, opening))
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const all = [...this.#open]
    const ended = Promise.all(all.map((connection) => connection.ended))
    for (const connection of all) connection.close(this.#options.closeCodes.shutdown)
    await this.#within(GOODBYE_MS, ended)
    for (const connection of all) connection.cut()
    await this.#within(CUT_MS, ended)
  }

  /** Scheme and host of the request, as the client sees them. */
  #own(request: IncomingMessage): URL {
    const own = new URL(this.#host.asked(request))
    if (this.#options.externalPort !== undefined) own.port = String(this.#options.externalPort)
    return own
  }

  /** Asks the class, when `ws` found nothing wrong with the request. */
  async #decide(request: IncomingMessage, answer: (ok: boolean, status?: number, body?: string, headers?: Record<string, string>) => void) {
    const opening = this.#openings.get(request) as Opening
    try {
      if (this.#taken > this.#options.maxConnections) throw new PortholeError('server.limit')
      if (this.#closing) throw new PortholeError('server.closing')
      const asked = this.#requestOf(request, opening.user)
      const instance = this.#make()
      opening.instance = instance
      const said = await this.#within(this.#options.openHandshakeTimeoutMs, Promise.resolve(instance.onConnect(asked)))
      if (said === LATE) throw new PortholeError('service.unreachable', 'it did not decide in time')
      Object.assign(opening, this.#agree(asked.protocols, said as ConnectAnswer))
      if (this.#closing) throw new PortholeError('server.closing')
    } catch (error) {
      const { status, body, headers } = refusalOf(error, this.#host)
      return answer(false, status, body, { ...this.#named, ...headers })
    }
    answer(true)
  }

  get #named(): Record<string, string> {
    return this.#options.serverName === undefined ? {} : { Server: this.#options.serverName }
  }

  #requestOf(request: IncomingMessage, user: string | undefined): ConnectionRequest {
    const { host, protocol } = this.#own(request)
    const [path = '/', query] = (request.url ?? '/').split('?', 2)
    const offered = request.headers['sec-websocket-protocol'] ?? ''
    return {
      path,
      query: new URLSearchParams(query),
      headers: request.headers,
      host,
      secure: protocol === 'https:',
      origin: request.headers.origin,
      protocols: offered
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
      address: this.#host.addressOf(request),
      user,
    }
  }

  /** @throws PortholeError request.invalid; Error for an answer of the class that cannot be */
  #agree(offered: readonly string[], said: ConnectAnswer): Pick<Opening, 'protocol' | 'headers'> {
    const [chosen, headers = {}] = typeof said === 'string' || said === undefined ? [said] : said
    checkHeaders(headers)
    if (chosen !== undefined && !offered.includes(chosen)) throw new Error(`onConnect chose ${chosen}, which the client did not offer`)
    const { protocols, requireProtocol } = this.#options
    const protocol = chosen ?? protocols.find((each) => offered.includes(each))
    if (protocol === undefined && requireProtocol)
      throw new PortholeError('request.invalid', `speak one of the subprotocols ${protocols.join(', ')}`)
    return { protocol, headers }
  }

  #answer(lines: string[], opening: Opening): void {
    for (const [name, value] of Object.entries({ ...this.#named, ...this.#options.headers, ...opening.headers }))
      for (const each of [value].flat()) lines.push(`${name}: ${each}`)
  }

  #opened(ws: WebSocket, opening: Opening): void {
    const instance = opening.instance as ServerProtocol
    const failed = (error: unknown) => this.#host.log.error({ err: error, mount: this.#host.name }, 'mounted module failed')
    const connection = new Connection(ws, instance, this.#options, this.#host.clock, failed)
    instance[CONNECTION] = connection
    const { maxFrameBytes, closeCodes } = this.#options
    if (maxFrameBytes !== undefined)
      capFrames(opening.raw, maxFrameBytes, () => connection.close(closeCodes.tooLong, `frames hold ${maxFrameBytes} bytes here`))
    this.#open.add(connection)
    void connection.ended.then(() => this.#open.delete(connection))
    connection.start()
  }

  async #within<T>(ms: number, promise: Promise<T>): Promise<T | typeof LATE> {
    let stop = () => {}
    const late = new Promise<typeof LATE>((resolve) => {
      stop = this.#host.clock.after(ms, () => resolve(LATE))
    })
    return Promise.race([promise, late]).finally(stop)
  }
}

const LATE = Symbol('late')
