import type { Socket } from 'node:net'
import type { ProxyAddresses } from '../wire/proxy-header.ts'

/** Takes a connection over: bytes that were looked at are unshifted, no listener of the door's reads it any more. */
export type Service = (socket: Socket) => void

/** What a PROXY header told of a socket, and the peer that told it. */
const told = new WeakMap<Socket, { readonly addresses: ProxyAddresses; readonly peer: string }>()

/** From now on the socket is one of the client that the proxy speaks for: to logs, limits, guards and upstreams alike. */
export function tell(socket: Socket, addresses: ProxyAddresses): void {
  told.set(socket, { addresses, peer: peerOf(socket) })
  const fixed = (value: string | number) => ({ value, configurable: true, enumerable: true })
  Object.defineProperties(socket, {
    remoteAddress: fixed(addresses.source),
    remotePort: fixed(addresses.sourcePort),
    remoteFamily: fixed(addresses.source.includes(':') ? 'IPv6' : 'IPv4'),
  })
}

export const wasTold = (socket: Socket): boolean => told.has(socket)

/** Address and port that the connection really comes from, whatever was told. */
export const peerOf = (socket: Socket): string => told.get(socket)?.peer ?? `${socket.remoteAddress} ${socket.remotePort}`

/** Client and server address of a connection, as a PROXY header told them, else the socket's own; undefined on a unix socket. */
export function addressesOf(socket: Socket): ProxyAddresses | undefined {
  const known = told.get(socket)?.addresses
  if (known) return known
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  if (remoteAddress === undefined || remotePort === undefined || localAddress === undefined || localPort === undefined) return undefined
  return { source: plain(remoteAddress), sourcePort: remotePort, destination: plain(localAddress), destinationPort: localPort }
}

/** An IPv4 address as itself where a socket for both families shows it mapped (RFC 4291 §2.5.5.2). */
export const plain = (address: string): string => (address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address)
