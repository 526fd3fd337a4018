import { once } from 'node:events'
import { type AddressInfo, type BlockList, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { KEEP_ALIVE_MS } from '../base/dial.ts'
import type { Log } from '../base/log.ts'
import { isOf } from '../base/networks.ts'
import { parseProxyHeader } from '../wire/proxy-header.ts'
import { plain, type Service, tell } from './connection.ts'
import { Deadlines } from './deadlines.ts'
import { Counts, connectionLimit } from './limits.ts'
import { type Look, peek } from './peek.ts'
import { decide, type Rule } from './rules.ts'

/** Milliseconds from a connection's start until it must be known what it is. */
export const DEADLINE_MS = 3000
/** Milliseconds between two log lines about connections that were refused or could not be accepted. */
const COMPLAIN_MS = 10_000

const ignore = () => {}

/** A service in which the server speaks first: given to clients of some networks that say nothing for so long. */
export interface SilentRule {
  readonly name: string
  readonly from: BlockList
  readonly afterMs: number
  readonly service: Service
}

export interface DoorOptions {
  readonly rules: readonly Rule<Service>[]
  readonly silent?: readonly SilentRule[]
  /** Proxies that must send a PROXY header before anything else. */
  readonly proxies?: BlockList | undefined
  readonly deadlineMs?: number
  /** Connections at once, all told; of one address. */
  readonly maxConnections?: number
  readonly maxPerAddress?: number
  readonly clock: Clock
  readonly log: Log
}

/** The front door: accepts, limits, looks at the first bytes, hands the connection to a service. */
export class Door {
  readonly #options: DoorOptions
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #undecided = new Set<() => void>()
  readonly #perAddress = new Counts()
  readonly #deadlines: Deadlines
  readonly #maxConnections: number
  readonly #deadlineMs: number
  #refused = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor(options: DoorOptions) {
    this.#options = options
    this.#deadlines = new Deadlines(options.clock)
    this.#maxConnections = options.maxConnections ?? connectionLimit()
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS
    // Half-open: what a client that only sends (or a spliced protocol) means by FIN is its service's to know.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (socket) =>
      this.#accept(socket),
    )
  }

  /** Connections that are open, those inside TLS counted once. */
  get size(): number {
    return this.#open.size
  }

  async listen(host: string, port: number): Promise<AddressInfo> {
    this.#server.listen({ host, port })
    await once(this.#server, 'listening')
    // Out of descriptors, or a client that left before it was accepted: the door stays open.
    this.#server.on('error', (error: NodeJS.ErrnoException) => this.#complain(error.code ?? error.message))
    return this.#server.address() as AddressInfo
  }

  /** Stops accepting and ends what is undecided; what services hold goes on. */
  stop(): void {
    this.#server.close()
    for (const end of [...this.#undecided]) end()
  }

  /** Ends every connection that is left. */
  async close(): Promise<void> {
    this.stop()
    const closed = [...this.#open].map((socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())))
    for (const socket of this.#open) socket.destroy()
    await Promise.all(closed)
  }

  /** Looks at a connection's first bytes and gives it to the service of the rule that matches. For TLS: the plaintext, with rules of its own. */
  dispatch(socket: Socket, rules: readonly Rule<Service>[], silent: readonly SilentRule[] = [], deadlineMs = this.#deadlineMs): void {
    const mute = silent.length === 0 ? undefined : silent.find(({ from }) => isOf(from, plain(socket.remoteAddress ?? '')))
    const end = peek(socket, {
      deadlines: this.#deadlines,
      deadlineMs,
      look: (bytes, final) => this.#decide(socket, rules, bytes, final),
      silent: mute && { afterMs: mute.afterMs, take: mute.service },
      onSettled: () => this.#undecided.delete(end),
    })
    this.#undecided.add(end)
  }

  #decide(socket: Socket, rules: readonly Rule<Service>[], bytes: Buffer, final: boolean): Look {
    let rule: ReturnType<typeof decide<Service>>
    try {
      rule = decide(rules, bytes, final)
    } catch (error) {
      this.#options.log.error({ err: error, address: socket.remoteAddress }, 'a rule of the door failed; the connection is closed')
      return {}
    }
    if (rule === 'more') return { more: true }
    if (!rule) {
      this.#options.log.debug({ address: socket.remoteAddress, bytes: bytes.length }, 'nobody knows the first bytes of a connection')
      return {}
    }
    return { take: () => this.#hand(socket, rule), eager: rule.eager === true }
  }

  #hand(socket: Socket, { name, service }: Rule<Service>): void {
    try {
      service(socket)
    } catch (error) {
      this.#options.log.error({ err: error, service: name }, 'a service failed to take a connection')
      socket.destroy()
    }
  }

  #accept(socket: Socket): void {
    // Until somebody takes it, and afterwards: an error without a listener would end the process.
    socket.on('error', ignore)
    if (this.#open.size >= this.#maxConnections) return this.#refuse(socket, 'connections')
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    const { proxies, rules, silent, clock } = this.#options
    if (!proxies || !isOf(proxies, plain(socket.remoteAddress ?? ''))) {
      if (this.#admit(socket)) this.dispatch(socket, rules, silent)
      return
    }
    const since = clock.monotonic()
    const end = peek(socket, {
      deadlines: this.#deadlines,
      deadlineMs: this.#deadlineMs,
      look: (bytes, final) => this.#readProxyHeader(bytes, final, since),
      onSettled: () => this.#undecided.delete(end),
    })
    this.#undecided.add(end)
  }

  #readProxyHeader(bytes: Buffer, final: boolean, since: number): Look {
    const header = parseProxyHeader(bytes)
    if (header.type === 'more') return final ? {} : { more: true }
    if (header.type === 'error') {
      this.#complain(`PROXY header: ${header.detail}`)
      return {}
    }
    const { addresses, length } = header
    return {
      used: length,
      take: (socket) => {
        if (addresses) tell(socket, addresses)
        const { rules, silent, clock } = this.#options
        if (this.#admit(socket)) this.dispatch(socket, rules, silent, this.#deadlineMs - (clock.monotonic() - since))
      },
    }
  }

  /** Counts the connection against its address. */
  #admit(socket: Socket): boolean {
    const { maxPerAddress = Number.POSITIVE_INFINITY } = this.#options
    if (maxPerAddress === Number.POSITIVE_INFINITY) return true
    const address = plain(socket.remoteAddress ?? '')
    socket.once('close', () => this.#perAddress.remove(address))
    if (this.#perAddress.add(address) <= maxPerAddress) return true
    this.#refuse(socket, 'connections of one address')
    return false
  }

  #refuse(socket: Socket, limit: string): void {
    this.#refused++
    socket.destroy()
    this.#complain(`limit of ${limit}`)
  }

  /** One line in ten seconds, however many it was. */
  #complain(why: string): void {
    const now = this.#options.clock.monotonic()
    if (now - this.#complainedAt < COMPLAIN_MS) return
    this.#complainedAt = now
    this.#options.log.warn({ why, open: this.#open.size, refused: this.#refused }, 'connections are not taken')
    this.#refused = 0
  }
}
