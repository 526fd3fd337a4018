import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { MAX_HELLO_BYTES, parseClientHello } from './client-hello.ts'

/** What OpenSSL sends first. */
async function helloOf(options: { servername?: string; ALPNProtocols?: string[] }): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options }).on('error', () => {})
  const [socket] = await once(server, 'connection')
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}

let hello: Buffer
beforeAll(async () => {
  hello = await helloOf({ servername: 'Cam.Example', ALPNProtocols: ['h2', 'http/1.1'] })
})
const EXPECTED = { type: 'hello', serverName: 'cam.example', protocols: ['h2', 'http/1.1'] }

test('reads name and protocols, at whatever byte it is cut', () => {
  for (let length = 0; length < hello.length; length++) expect(parseClientHello(hello.subarray(0, length))).toEqual({ type: 'more' })
  expect(parseClientHello(hello)).toEqual(EXPECTED)
  expect(parseClientHello(Buffer.concat([hello, Buffer.from([20, 3, 3, 0, 1, 1])]))).toEqual(EXPECTED)
})

test('reads one that is cut over many records', () => {
  for (const size of [1, 3, 4, 100]) {
    const records: Buffer[] = []
    for (let at = 5; at < hello.length; at += size) {
      const part = hello.subarray(at, at + size)
      records.push(Buffer.from([22, 3, 1, 0, part.length]), part)
    }
    if (records.length / 2 > 256) {
      expect(parseClientHello(Buffer.concat(records))).toEqual({ type: 'error', detail: 'ClientHello in too many records' })
      continue
    }
    expect(parseClientHello(Buffer.concat(records))).toEqual(EXPECTED)
    expect(parseClientHello(Buffer.concat(records.slice(0, -1)))).toEqual({ type: 'more' })
  }
})

test('reads one without name and protocols', async () => {
  expect(parseClientHello(await helloOf({}))).toEqual({ type: 'hello', serverName: undefined, protocols: [] })
  // RFC 8446 §4.1.2: the extensions may be missing.
  const bare = Buffer.concat([Buffer.alloc(34), Buffer.from([0, 0, 2, 0x13, 1, 1, 0])])
  const record = Buffer.concat([Buffer.from([22, 3, 1, 0, bare.length + 4, 1, 0, 0, bare.length]), bare])
  expect(parseClientHello(record)).toEqual({ type: 'hello', serverName: undefined, protocols: [] })
})

test.each([
  ['GET / HTTP/1.1', 'no handshake record'],
  ['\x16\x02', 'no handshake record'],
  ['\x16\x03\x01\0\0', 'record of a forbidden length'],
  ['\x16\x03\x01\xff\xff', 'record of a forbidden length'],
  ['\x16\x03\x01\0\x01\x02', 'no ClientHello'],
  ['\x16\x03\x01\0\x04\x01\xff\xff\xff', 'ClientHello too long'],
  ['\x16\x03\x01\0\x05\x01\0\0\x01\x03', 'ClientHello is cut short'],
])('%j is an error: %s', (text, detail) => {
  expect(parseClientHello(Buffer.from(text, 'latin1'))).toEqual({ type: 'error', detail })
})

test('nothing that comes makes it throw', () => {
  const changed = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const bytes = Buffer.from(hello)
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }).map(Buffer.from), changed), (bytes) => {
      expect(['more', 'hello', 'error']).toContain(parseClientHello(bytes).type)
    }),
    { numRuns: 5000 },
  )
  expect(parseClientHello(Buffer.concat([hello, Buffer.alloc(MAX_HELLO_BYTES)])).type).toBe('hello')
})
