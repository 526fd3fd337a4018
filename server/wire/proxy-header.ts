import { isIP } from 'node:net'

/** Bytes of a version 1 line, its end included (PROXY protocol specification §2.1). */
const MAX_V1_BYTES = 107
/** Bytes of a version 2 header: what is longer carries more extensions than anybody sends. */
export const MAX_V2_BYTES = 4096
const V2_SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
const V1_SIGNATURE = Buffer.from('PROXY ')

/** Who is really at the other end, and what it connected to. */
export interface ProxyAddresses {
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

export type ProxyHeader =
  | { readonly type: 'more' }
  /** `addresses` is undefined when the proxy speaks for itself (LOCAL, UNKNOWN, a unix socket). */
  | { readonly type: 'header'; readonly length: number; readonly addresses: ProxyAddresses | undefined }
  | { readonly type: 'error'; readonly detail: string }

const MORE: ProxyHeader = { type: 'more' }
const wrong = (detail: string): ProxyHeader => ({ type: 'error', detail })

/**
 * A PROXY protocol header, version 1 or 2, at the start of a connection
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). There must be one: a listener that trusts a proxy must not
 * take a connection without (§2).
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (isPrefix(bytes, V2_SIGNATURE)) return bytes.length < 16 ? MORE : parseV2(bytes)
  if (isPrefix(bytes, V1_SIGNATURE)) return parseV1(bytes)
  return wrong('no PROXY header')
}

const isPrefix = (bytes: Buffer, signature: Buffer) => {
  const length = Math.min(bytes.length, signature.length)
  return bytes.compare(signature, 0, length, 0, length) === 0
}

function parseV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf('\r\n')
  if (end < 0) return bytes.length >= MAX_V1_BYTES ? wrong('line too long') : MORE
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ')
  if (family === 'UNKNOWN') return { type: 'header', length: end + 2, addresses: undefined }
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0
  if (version === 0 || rest.length > 0) return wrong('line is not of the specified form')
  if (isIP(source) !== version || isIP(destination) !== version) return wrong('address is not of its family')
  const ports = [port(sourcePort), port(destinationPort)] as const
  if (ports[0] === undefined || ports[1] === undefined) return wrong('port is not a number from 0 to 65535')
  return {
    type: 'header',
    length: end + 2,
    addresses: { source, sourcePort: ports[0], destination, destinationPort: ports[1] },
  }
}

/** Decimal without leading zeros (§2.1). */
const port = (text: string): number | undefined => (/^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined)

function parseV2(bytes: Buffer): ProxyHeader {
  const versionCommand = bytes[12] as number
  const family = bytes[13] as number
  const length = 16 + bytes.readUInt16BE(14)
  if (versionCommand >> 4 !== 2) return wrong('version is not 2')
  const command = versionCommand & 0x0f
  if (command > 1) return wrong('command is neither LOCAL nor PROXY')
  if (length > MAX_V2_BYTES) return wrong('header too long')
  if (bytes.length < length) return MORE
  // TCP over IPv4, TCP over IPv6; anything else is carried, but names nobody.
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : 0
  if (command === 0 || size === 0) return { type: 'header', length, addresses: undefined }
  if (length < 16 + 2 * size + 4) return wrong('addresses are cut short')
  const address = (at: number) => (size === 4 ? ipv4(bytes, at) : ipv6(bytes, at))
  return {
    type: 'header',
    length,
    addresses: {
      source: address(16),
      sourcePort: bytes.readUInt16BE(16 + 2 * size),
      destination: address(16 + size),
      destinationPort: bytes.readUInt16BE(18 + 2 * size),
    },
  }
}

const ipv4 = (bytes: Buffer, at: number) => [...bytes.subarray(at, at + 4)].join('.')
const ipv6 = (bytes: Buffer, at: number) => Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16)).join(':')

/** A header of version 1 or 2 for an upstream; UNKNOWN or LOCAL when the addresses are not of one family. */
export function encodeProxyHeader(version: 1 | 2, addresses: ProxyAddresses | undefined): Buffer {
  const family = addresses && isIP(addresses.source) === isIP(addresses.destination) ? isIP(addresses.source) : 0
  if (!addresses || family === 0) {
    if (version === 1) return Buffer.from('PROXY UNKNOWN\r\n')
    return Buffer.concat([V2_SIGNATURE, Buffer.from([0x20, 0, 0, 0])])
  }
  const { source, destination, sourcePort, destinationPort } = addresses
  if (version === 1) return Buffer.from(`PROXY TCP${family} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`)
  const body = Buffer.concat([addressBytes(source), addressBytes(destination), Buffer.alloc(4)])
  body.writeUInt16BE(sourcePort, body.length - 4)
  body.writeUInt16BE(destinationPort, body.length - 2)
  const head = Buffer.from([0x21, family === 4 ? 0x11 : 0x21, 0, body.length])
  return Buffer.concat([V2_SIGNATURE, head, body])
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // URL writes an IPv4 tail and a zone away or refuses it; what is left are groups and at most one gap.
  const [head = '', tail] = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined) => (part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [])
  const [before, after] = [groups(head), groups(tail)]
  const all = tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill(0), ...after]
  const bytes = Buffer.alloc(16)
  all.forEach((group, i) => {
    bytes.writeUInt16BE(group, 2 * i)
  })
  return bytes
}
