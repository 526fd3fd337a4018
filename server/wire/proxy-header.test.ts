import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeProxyHeader, MAX_V2_BYTES, parseProxyHeader } from './proxy-header.ts'

const V4 = { source: '192.168.0.1', sourcePort: 56_324, destination: '192.168.0.11', destinationPort: 443 }
const V6 = { source: '2001:db8:0:0:0:0:0:1', sourcePort: 1, destination: '0:0:0:0:0:0:0:1', destinationPort: 65_535 }

test.each([
  // The example of the specification, §2.1.
  ['version 1, IPv4', Buffer.from('PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n'), V4],
  ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8:0:0:0:0:0:1 0:0:0:0:0:0:0:1 1 65535\r\n'), V6],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN ffff:f...f:ffff 65535\r\n'), undefined],
  ['version 2, IPv4', Buffer.from('0d0a0d0a000d0a515549540a2111000cc0a80001c0a8000bdc0401bb', 'hex'), V4],
  ['version 2, local', Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'), undefined],
  ['version 2, extensions', Buffer.from('0d0a0d0a000d0a515549540a2111000fc0a80001c0a8000bdc0401bb040000', 'hex'), V4],
  ['version 2, a unix socket', Buffer.from('0d0a0d0a000d0a515549540a213100020000', 'hex'), undefined],
])('reads %s, at whatever byte it is cut', (_what, bytes, addresses) => {
  for (let length = 0; length < bytes.length; length++) expect(parseProxyHeader(bytes.subarray(0, length))).toEqual({ type: 'more' })
  const expected = { type: 'header', length: bytes.length, addresses }
  expect(parseProxyHeader(bytes)).toEqual(expected)
  expect(parseProxyHeader(Buffer.concat([bytes, Buffer.from('GET')]))).toEqual(expected)
})

test.each([
  ['GET / HTTP/1.1', 'no PROXY header'],
  ['PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n', 'line is not of the specified form'],
  ['PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n', 'line is not of the specified form'],
  ['PROXY TCP4 ::1 ::1 1 2\r\n', 'address is not of its family'],
  ['PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n', 'port is not a number from 0 to 65535'],
  ['PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n', 'port is not a number from 0 to 65535'],
  [`PROXY ${'x'.repeat(200)}`, 'line too long'],
  ['\r\n\r\n\0\r\nQUIT\n\x11\x11\0\0', 'version is not 2'],
  ['\r\n\r\n\0\r\nQUIT\n\x22\x11\0\0', 'command is neither LOCAL nor PROXY'],
  ['\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff', 'header too long'],
  ['\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04abcd', 'addresses are cut short'],
])('%j is an error: %s', (text, detail) => {
  expect(parseProxyHeader(Buffer.from(text, 'latin1'))).toEqual({ type: 'error', detail })
})

test('what is written is read again', () => {
  const port = fc.nat(65_535)
  const address = fc.record({ source: fc.ipV4(), destination: fc.ipV4(), sourcePort: port, destinationPort: port })
  fc.assert(
    fc.property(address, fc.constantFrom(1 as const, 2 as const), (addresses, version) => {
      const bytes = encodeProxyHeader(version, addresses)
      expect(parseProxyHeader(bytes)).toEqual({ type: 'header', length: bytes.length, addresses })
    }),
  )
  for (const version of [1, 2] as const) expect(parseProxyHeader(encodeProxyHeader(version, V6))).toMatchObject({ addresses: V6 })
  const short = encodeProxyHeader(2, { ...V6, source: '2001:db8::1', destination: '::1' })
  expect(short).toEqual(encodeProxyHeader(2, V6))
  for (const version of [1, 2] as const)
    expect(parseProxyHeader(encodeProxyHeader(version, { ...V4, destination: '::1' }))).toMatchObject({
      type: 'header',
      addresses: undefined,
    })
})

test('nothing that comes is read beyond its cap, and nothing throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, signed) => {
      const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
      const header = parseProxyHeader(Buffer.concat([signed ? signature : Buffer.alloc(0), bytes]))
      if (header.type === 'header') expect(header.length).toBeLessThanOrEqual(MAX_V2_BYTES)
    }),
  )
})
