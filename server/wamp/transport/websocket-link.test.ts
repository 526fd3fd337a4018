import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS, type SerializerName } from '../../../shared/wamp/serializer.ts'
import { startTestServer, type TestServer } from '../../testing/server.ts'
import { REALM, TestPeer, webSocketWire } from '../../testing/wamp.ts'
import { CONTRACT_CONFIGURATION } from '../../testing/wamp-contract.ts'

let server: TestServer
let witness: TestPeer
beforeAll(async () => {
  server = await startTestServer({ file: { wamp: CONTRACT_CONFIGURATION } })
  witness = await (await open('json')).join()
})
afterAll(() => server.close())

const open = async (serializer: SerializerName) => new TestPeer(await webSocketWire(server.url, serializer))

describe('subprotocols', () => {
  const agreed = async (...offered: string[]) => {
    const ws = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, offered)
    await new Promise((resolve) => ws.once('open', resolve))
    ws.terminate()
    return ws.protocol
  }
  it('the first of the client’s that is known', async () => {
    expect(await agreed('wamp.2.json')).toBe('wamp.2.json')
    expect(await agreed('wamp.2.flatbuffers', 'wamp.2.msgpack', 'wamp.2.json')).toBe('wamp.2.msgpack')
    expect(await agreed('wamp.2.cbor', 'wamp.2.json')).toBe('wamp.2.cbor')
  })
})

describe('what is no message', () => {
  it.each<[SerializerName, string, string | Uint8Array]>([
    ['json', 'bytes', Uint8Array.of(1)],
    ['json', 'a message in bytes', Buffer.from('[32,1,{},"com.example"]')],
    ['json', 'no JSON', '[1,'],
    ['json', 'no list', '{}'],
    ['json', 'too deep', '['.repeat(100_000)],
    ['msgpack', 'a text', '[32,1,{},"com.example"]'],
    ['msgpack', 'nothing', Buffer.alloc(0)],
    ['msgpack', 'what announces 14 GB', Buffer.concat(Array.from({ length: 60 }, () => Buffer.of(0xdd, 0x01, 0xc9, 0xc3, 0x80)))],
    ['msgpack', 'too deep', Buffer.alloc(2 ** 20, 0x91)],
    ['cbor', 'a text', '[32,1,{},"com.example"]'],
    ['cbor', 'too deep', Buffer.alloc(2 ** 20, 0x81)],
    ['cbor', 'a tag that is not known', Buffer.of(0xc1, 0x01)],
  ])('over %s: %s is ABORT, and what follows is not read', async (serializer, _, data) => {
    const peer = await (await open(serializer)).join()
    peer.sendRaw(data)
    peer.sendRaw(data)
    peer.send(M.PUBLISH, 1, { acknowledge: true }, 'com.example')
    expect((await peer.hear(M.ABORT))[2]).toBe('wamp.error.protocol_violation')
    await peer.closed()
    expect(peer.heard.map(([type]) => type)).toEqual([M.WELCOME, M.ABORT])
    expect(await witness.result('wamp.session.count')).toBe(1)
  })

  it.each(Object.keys(SERIALIZERS) as SerializerName[])(
    'over %s: more than two MiB end the connection, and two MiB do not',
    async (serializer) => {
      const peer = await (await open(serializer)).join({ realm: REALM })
      const bytes = (length: number) =>
        SERIALIZERS[serializer].encode({ type: M.CALL, request: 1, options: {}, procedure: 'a', args: ['x'.repeat(length)] })
      const most = 2 ** 21 - (bytes(2 ** 20).length - 2 ** 20)
      expect(bytes(most)).toHaveLength(2 ** 21)
      peer.sendRaw(bytes(most))
      expect((await peer.hear(M.ERROR))[4]).toBe('wamp.error.no_such_procedure')
      peer.sendRaw(bytes(most + 1))
      await peer.closed()
      await witness.settled()
    },
  )

  it('logs no error', () => {
    expect(server.lines.filter(({ level }) => (level as number) >= 50)).toEqual([])
  })
})
