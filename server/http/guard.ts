import type { IncomingMessage } from 'node:http'
import { isHost } from '../base/address.ts'
import { PortholeError } from '../base/errors.ts'
import { machineNames } from '../base/names.ts'
import type { PeerRequest, Peers } from './peers.ts'

export interface GuardOptions {
  readonly peers: Peers
  /** Where users reach this server, when a proxy or a name stands before it. */
  readonly publicUrl: URL | undefined
  /** Whether the addresses and names of this machine in its network are hosts too (the server listens beyond loopback). */
  readonly lan: boolean
  /** Further hosts: of mounts, of the certificate; `*.` stands for any name below. */
  readonly hosts?: readonly string[]
}

/** The parts of a request that decide; of HTTP and of an upgrade. */
export type Guarded = PeerRequest & Pick<IncomingMessage, 'method'>

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Host and Origin checks, before anybody is asked who they are (DESIGN.md §5, promise 9). */
export class Guard {
  readonly #options: GuardOptions

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** @throws PortholeError host.unknown, origin.foreign */
  check(request: Guarded, upgrade: boolean): void {
    const foreign = this.foreignOrigin(request)
    if (foreign !== undefined && (upgrade || !SAFE_METHODS.has(request.method ?? ''))) throw new PortholeError('origin.foreign')
  }

  /**
   * The origin of another site's page; undefined for our own pages, and for who is no browser.
   * @throws PortholeError host.unknown
   */
  foreignOrigin(request: Guarded): string | undefined {
    const host = parseHost(this.#options.peers.host(request))
    if (!host || !this.#known(host)) throw new PortholeError('host.unknown')
    const { origin } = request.headers
    return origin === undefined || this.#ours(origin, host) ? undefined : origin
  }

  #known(host: URL): boolean {
    const { publicUrl, lan, hosts = [] } = this.#options
    if (LOOPBACK.has(host.hostname) || host.host === publicUrl?.host || (lan && localNames().has(host.hostname))) return true
    return hosts.some((known) => isHost(host.host, known))
  }

  /** The origin that a page of this server has: the host of the request, or the public URL. */
  #ours(origin: string, host: URL): boolean {
    if (!URL.canParse(origin)) return false
    const from = new URL(origin)
    if (from.origin === this.#options.publicUrl?.origin) return true
    return (from.protocol === 'http:' || from.protocol === 'https:') && from.host === host.host
  }
}

/** A Host header as a URL, or undefined when it is not a host and an optional port (RFC 9110 §7.2). */
function parseHost(header: string | undefined): URL | undefined {
  if (!header || header.length > 255 || /[/@?#\s\\]/.test(header) || !URL.canParse(`http://${header}`)) return undefined
  return new URL(`http://${header}`)
}

/** Milliseconds that the list of this machine's addresses is believed. */
const NAMES_MS = 5000
let names = { at: Number.NEGATIVE_INFINITY, set: new Set<string>() }

function localNames(): Set<string> {
  const now = performance.now()
  if (now - names.at < NAMES_MS) return names.set
  const set = new Set(machineNames().map((name) => (name.includes(':') ? `[${name}]` : name)))
  names = { at: now, set }
  return set
}
