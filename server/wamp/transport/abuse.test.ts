import { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS, type SerializerName } from '../../../shared/wamp/serializer.ts'
import { FakeClock } from '../../testing/clock.ts'
import { startTestServer, type TestServer } from '../../testing/server.ts'
import { BARE_ROLES, fresh, REALM, rawSocketWire, TestPeer, type Tuple, webSocketWire } from '../../testing/wamp.ts'
import { CONTRACT_CONFIGURATION } from '../../testing/wamp-contract.ts'
import type { Link } from '../link.ts'
import { MAX_HELLO_BYTES } from '../router/session.ts'
import { acceptRawSocket } from './accept.ts'
import { type Framed, Frames, handshake, head, MAX_PING_BYTES, PING, PONG } from './rawsocket.ts'

let server: TestServer
const peers: TestPeer[] = []
beforeAll(async () => {
  server = await startTestServer({ file: { wamp: CONTRACT_CONFIGURATION } })
})
afterEach(() => {
  for (const peer of peers.splice(0)) peer.cut()
})
afterAll(() => server.close())

type Transport = 'WebSocket' | 'RawSocket'
async function connect(transport: Transport, serializer: SerializerName): Promise<TestPeer> {
  const wire = transport === 'WebSocket' ? webSocketWire(server.url, serializer) : rawSocketWire(server.app.address.port, serializer)
  const peer = new TestPeer(await wire)
  peers.push(peer)
  return peer
}
const TRANSPORTS: readonly Transport[] = ['WebSocket', 'RawSocket']
const EACH = TRANSPORTS.flatMap((transport) => (['json', 'msgpack', 'cbor'] as const).map((serializer) => [transport, serializer] as const))

describe.each(EACH)('over %s, %s: who has not joined', (transport, serializer) => {
  /** HELLO of just so many bytes. */
  const hello = (bytes: number) => {
    const made = (padding: number) =>
      SERIALIZERS[serializer].encode({
        type: M.HELLO,
        realm: REALM,
        details: { roles: BARE_ROLES, authextra: { padding: 'x'.repeat(padding) } },
      })
    const wire = made(bytes - (made(bytes - 1000).length - (bytes - 1000)))
    expect(wire).toHaveLength(bytes)
    return wire
  }
  /** What nobody could decode: that it is too large is known before. */
  const garbage = () => (serializer === 'json' ? '['.repeat(MAX_HELLO_BYTES + 1) : Buffer.alloc(MAX_HELLO_BYTES + 1, 0xc1))
  const refused = async (peer: TestPeer) => {
    const [, details, reason] = await peer.hear(M.ABORT)
    expect([reason, details]).toEqual(['wamp.error.protocol_violation', { message: expect.stringMatching(/ bytes, over 65536$/) }])
    await peer.closed()
  }

  test('says nothing larger than 64 KiB, and that is not decoded', async () => {
    for (const data of [hello(MAX_HELLO_BYTES + 1), garbage()]) {
      const peer = await connect(transport, serializer)
      peer.sendRaw(data)
      await refused(peer)
    }
  })

  test('nor while signing in', async () => {
    const peer = await connect(transport, serializer)
    peer.send(M.HELLO, REALM, { roles: BARE_ROLES, authmethods: ['ticket'], authid: 'ada' })
    await peer.hear(M.CHALLENGE)
    peer.sendRaw(garbage())
    await refused(peer)
  })

  test('may say as much; then larger ones pass; and none after GOODBYE', async () => {
    const peer = await connect(transport, serializer)
    peer.sendRaw(hello(MAX_HELLO_BYTES))
    await peer.hear(M.WELCOME)
    await peer.publish(fresh('topic'), ['x'.repeat(2 * MAX_HELLO_BYTES)])
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    await peer.hear(M.GOODBYE)
    peer.sendRaw(hello(MAX_HELLO_BYTES))
    await peer.hear(M.WELCOME)
    peer.send(M.GOODBYE, {}, 'wamp.close.close_realm')
    await peer.hear(M.GOODBYE)
    peer.sendRaw(hello(MAX_HELLO_BYTES + 1))
    await refused(peer)
  })
})

describe.each(TRANSPORTS)('what JSON makes too large, over %s', (transport) => {
  /** Six times as long in JSON: over four megabytes. */
  const LONG = ['\x01'.repeat(750_000)]

  test('is lost for whom it is too large, and ends nobody', async () => {
    const publisher = await (await connect('WebSocket', 'cbor')).join()
    const [subscriber, other] = [await (await connect(transport, 'json')).join(), await (await connect(transport, 'msgpack')).join()]
    const topic = fresh('topic')
    for (const peer of [subscriber, other]) await peer.subscribe(topic)
    await publisher.publish(topic, LONG)
    await publisher.publish(topic, ['small'])
    expect((await other.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([LONG, ['small']])
    expect((await subscriber.rest(M.EVENT)).map(([, , , , args]) => args)).toEqual([['small']])
    expect(await publisher.result('wamp.session.get', subscriber.session)).toMatchObject({ events_lost: 1 })
  })

  test('is an error for who calls, whoever it is too large for', async () => {
    const [large, json] = [await (await connect('WebSocket', 'cbor')).join(), await (await connect(transport, 'json')).join()]
    const [mine, theirs] = [fresh('procedure'), fresh('procedure')]
    await large.register(mine)
    await json.register(theirs)
    large.serve(() => LONG)
    json.serve(() => ['goes on'])
    expect((await json.ask(M.CALL, {}, mine))[4]).toBe('wamp.error.payload_size_exceeded')
    expect((await large.ask(M.CALL, {}, theirs, LONG))[4]).toBe('wamp.error.payload_size_exceeded')
    expect(await large.result(theirs)).toBe('goes on')
  })
})

test.each(['msgpack', 'cbor'] as const)('a text of %s that begins with NUL is a text to JSON, and no bytes', async (serializer) => {
  const publisher = await (await connect('WebSocket', serializer)).join()
  const subscriber = await (await connect('WebSocket', 'json')).join()
  const [topic, back] = [fresh('topic'), fresh('topic')]
  await subscriber.subscribe(topic)
  await publisher.subscribe(back)
  await publisher.publish(topic, ['\0AAH+/w==', ['\0no base64']], { text: '\0' })
  const [, , , , args, kwargs] = await subscriber.hear(M.EVENT)
  expect([args, kwargs]).toEqual([['\ufffdAAH+/w==', ['\ufffdno base64']], { text: '\ufffd' }])
  await subscriber.publish(back, args as Tuple, kwargs as Record<string, unknown>)
  expect((await publisher.hear(M.EVENT))[4]).toEqual(args)
})

/** The server's half of a connection whose other end does not read until it is told to. */
class Stuck extends Duplex {
  readonly taken: Buffer[] = []
  #done: (() => void) | undefined
  #reads = false
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.taken.push(chunk)
    if (this.#reads) done()
    else this.#done = done
  }
  readOn(): void {
    this.#reads = true
    this.#done?.()
  }
}

test('RawSocket: who pings and does not read costs no memory; the newest is answered once they read', async () => {
  const pipe = new Stuck()
  let link: Link | undefined
  acceptRawSocket(pipe, new FakeClock(), (made) => {
    link = made
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  pipe.push(handshake('json', 2 ** 24))
  await turn()
  const ping = (number: number) => {
    const payload = Buffer.alloc(MAX_PING_BYTES)
    payload.writeUInt32BE(number)
    return Buffer.concat([head(PING, payload.length), payload])
  }
  const count = 5000
  for (let i = 0; i < count; i += 50) {
    pipe.push(Buffer.concat(Array.from({ length: 50 }, (_, at) => ping(i + at))))
    await turn()
  }
  expect(link?.backlog).toBeLessThan(256 * 1024)
  pipe.readOn()
  await turn()
  expect(link?.backlog).toBe(0)
  const pongs = [...new Frames(2 ** 24).push(Buffer.concat(pipe.taken.slice(1)))] as (Framed & { payload: Buffer })[]
  expect(pongs.every(({ type, payload }) => type === PONG && payload.length === MAX_PING_BYTES)).toBe(true)
  expect(pongs.length).toBeLessThan(256)
  expect(pongs.at(-1)?.payload.readUInt32BE()).toBe(count - 1)
})
