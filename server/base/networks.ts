import { BlockList, isIP } from 'node:net'

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

/** Where a client is, for counting: one of IPv6 has all addresses of its /64 (RFC 6177 §2). */
export function placeOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - last.length)
  const whole = [...groups, ...Array<string>(zeros).fill('0'), ...last]
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** Whether an address (IPv4-mapped ones as IPv4) is of the networks. */
export function isOf(networks: BlockList, address: string | undefined): boolean {
  const version = isIP(address ?? '')
  return version !== 0 && networks.check(address as string, version === 6 ? 'ipv6' : 'ipv4')
}
