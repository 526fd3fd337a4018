import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { type BlockList, isIP } from 'node:net'
import { isOf, networkList } from '../base/networks.ts'

/**
 * Networks that are no place of the public internet: IANA's registries of special-purpose addresses (RFC 6890), multicast, and what
 * carries an IPv4 address inside (RFC 6052, 3056, 4380), by which an internal one could be meant.
 */
const INTERNAL = networkList([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16'],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
])

/** Looks a name up: all its addresses. */
export type Lookup = (name: string, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

const lookupAll: Lookup = (name, callback) => systemLookup(name, { all: true, verbatim: true }, callback)

/** An address is internal, and not allowed by the configuration. */
export class InternalAddress extends Error {
  constructor(host: string) {
    super(`${host} is an internal address; its network can be allowed by webhooks.allow of the configuration`)
  }
}

/**
 * Which addresses may be connected to. A name is asked for its addresses when the connection is made, and the connection goes to an address that
 * passed: a name whose answers change in between leads nowhere else.
 */
export class AddressGuard {
  readonly #allowed: BlockList
  readonly #lookup: Lookup

  /** @param allow networks that are allowed though they are internal */
  constructor(allow: readonly string[] = [], lookup: Lookup = lookupAll) {
    this.#allowed = networkList(allow)
    this.#lookup = lookup
  }

  allows(address: string): boolean {
    const bare = address.replace(/%.*$/, '')
    return isIP(bare) !== 0 && (!isOf(INTERNAL, bare) || isOf(this.#allowed, bare))
  }

  /** A host that is written as an address: nobody looks it up. @throws InternalAddress */
  check(host: string): void {
    if (isIP(host) !== 0 && !this.allows(host)) throw new InternalAddress(host)
  }

  /** For `net.connect`: those addresses of a name that may be connected to. */
  readonly lookup = (
    name: string,
    { all }: { readonly all?: boolean },
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    this.#lookup(name, (error, addresses) => {
      if (error) return callback(error, [])
      const good = addresses.filter(({ address }) => this.allows(address))
      const [first] = good
      if (!first) return callback(new InternalAddress(name), [])
      if (all) callback(null, good)
      else callback(null, first.address, first.family)
    })
  }
}
