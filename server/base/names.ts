import { hostname, networkInterfaces } from 'node:os'

/** What this machine is called in its network: host name, its `.local` name (RFC 6762 §3), loopback, and its addresses. Bare IPv6, no zones. */
export function machineNames(): string[] {
  const own = hostname().toLowerCase()
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const reachable = addresses.filter(({ address, internal }) => !internal && !address.startsWith('fe80:'))
  return [
    ...new Set([
      own,
      ...(own.includes('.') ? [] : [`${own}.local`]),
      'localhost',
      '127.0.0.1',
      '::1',
      ...reachable.map(({ address }) => address),
    ]),
  ]
}
