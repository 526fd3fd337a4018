import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'

/** Connections at once, whatever the descriptors allow. */
const MOST_CONNECTIONS = 20_000
/** Descriptors kept for files, databases, upstreams and pipes. */
const RESERVED_FILES = 128
/** What is taken where the system does not tell: the usual soft limit. */
const USUAL_FILES = 1024

/** Connections that the process has descriptors for. A spliced one takes two. */
export function connectionLimit(files = openFileLimit()): number {
  return Math.max(8, Math.min(MOST_CONNECTIONS, Math.floor((files - RESERVED_FILES) / 2)))
}

/** The soft limit of open files, off /proc where there is one. */
function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return line === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line ?? USUAL_FILES)
  } catch {
    return USUAL_FILES
  }
}

/**
 * Networks as a list that can be asked.
 * @param networks addresses or address/bits
 * @throws Error that names the entry
 */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits, ...rest] = network.split('/')
    const version = isIP(address)
    const most = version === 6 ? 128 : 32
    const size = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (version === 0 || size < 0 || size > most || rest.length > 0)
      throw new Error(`${JSON.stringify(network)} is no network; say an address, or one with bits like 10.0.0.0/8`)
    list.addSubnet(address, size, version === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an address (IPv4-mapped ones as IPv4) is of the networks. */
export function isOf(networks: BlockList, address: string | undefined): boolean {
  const version = isIP(address ?? '')
  return version !== 0 && networks.check(address as string, version === 6 ? 'ipv6' : 'ipv4')
}

/** Counts by key; keys that count nothing are forgotten. */
export class Counts {
  readonly #counts = new Map<string, number>()

  add(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count
  }

  remove(key: string): void {
    const count = (this.#counts.get(key) ?? 0) - 1
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }

  get size(): number {
    return this.#counts.size
  }
}
