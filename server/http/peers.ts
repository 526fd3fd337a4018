import type { IncomingHttpHeaders } from 'node:http'
import { type BlockList, isIP, type Socket } from 'node:net'
import { isOf } from '../base/networks.ts'

/** Entries of X-Forwarded-For that are looked at, from the last one on. */
const MAX_HOPS = 16

/** Headers by which proxies tell that they are there. */
const FORWARDING = /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|fastly-client-ip|cf-.*)$/

/** What is asked of a request. */
export interface PeerRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: Pick<Socket, 'remoteAddress' | 'localAddress'>
}

/**
 * Who asks, and by what address: the connection's other end, or, when that is a proxy that `--trust-proxy` names, the client that it
 * speaks for (X-Forwarded-For, -Proto, -Host). What anybody else says in those headers means nothing.
 */
export class Peers {
  readonly #trusted: BlockList | undefined

  constructor(trusted: BlockList | undefined) {
    this.#trusted = trusted
  }

  /** The client's address. Of a chain the last one that is no trusted proxy: what stands before it anybody could have written. */
  address({ headers, socket }: PeerRequest): string {
    let address = socket.remoteAddress ?? 'unknown'
    const chain = list(headers['x-forwarded-for']).slice(-MAX_HOPS)
    while (this.#isTrusted(address)) {
      const before = bare(chain.pop() ?? '')
      if (isIP(before) === 0) break
      address = before
    }
    return address
  }

  /** Whether the client's own connection is encrypted. */
  isSecure({ headers, socket }: PeerRequest): boolean {
    if ('encrypted' in socket) return true
    return this.#isTrusted(socket.remoteAddress) && list(headers['x-forwarded-proto']).at(-1) === 'https'
  }

  /** The host that the client asked for, with its port. */
  host({ headers, socket }: PeerRequest): string | undefined {
    const told = this.#isTrusted(socket.remoteAddress) ? list(headers['x-forwarded-host']).at(-1) : undefined
    return told ?? headers.host
  }

  /** Scheme and host that the client asked for. */
  asked(request: PeerRequest): string {
    const said = `${this.isSecure(request) ? 'https' : 'http'}://${this.host(request) ?? 'localhost'}`
    // As one writes it: what a header says in another way names the same host.
    return URL.canParse(said) ? new URL(said).origin : said
  }

  /** Nobody stands between, as far as can be known. */
  isDirect({ headers }: PeerRequest): boolean {
    return !Object.keys(headers).some((name) => FORWARDING.test(name))
  }

  /** A true loopback peer: no proxy stands between (a forwarding header says one does). */
  isLoopback(request: PeerRequest): boolean {
    const address = request.socket.remoteAddress ?? ''
    return this.isDirect(request) && (address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.'))
  }

  /** Whether the connection is a trusted proxy's: then it says who the user is, where that is configured. */
  isFromProxy({ socket }: PeerRequest): boolean {
    return this.#isTrusted(socket.remoteAddress)
  }

  #isTrusted(address: string | undefined): boolean {
    return this.#trusted !== undefined && isOf(this.#trusted, address)
  }
}

const list = (header: string | string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

/** `1.2.3.4:5`, `[::1]:5` and `[::1]` without port and brackets. */
const bare = (entry: string): string =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(entry) ? entry.slice(0, entry.lastIndexOf(':')) : entry)
