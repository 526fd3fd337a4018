import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import type { Message } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { SERIALIZERS } from '../../../shared/wamp/serializer.ts'
import { FakeClock } from '../../testing/clock.ts'
import type { Link } from '../link.ts'
import { acceptRawSocket, LEAST_MESSAGE_BYTES } from './accept.ts'
import { Frames, handshake, head, MESSAGE, PING, PONG, REFUSALS } from './rawsocket.ts'

/** The server's half of a connection; a test plays the other. */
class Pipe extends Duplex {
  readonly written: Buffer[] = []
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.written.push(chunk)
    done()
  }
  says(...bytes: (Uint8Array | number[])[]): void {
    for (const each of bytes) this.push(Buffer.from(each as number[]))
  }
  get bytes(): Buffer {
    return Buffer.concat(this.written)
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const SUBSCRIBE: Message = { type: M.SUBSCRIBE, request: 1, options: {}, topic: 'com.example' }
const bytesOf = (message: Message) => Buffer.from(SERIALIZERS.json.encode(message) as string)
const framed = (type: number, payload: Buffer) => Buffer.concat([head(type, payload.length), payload])

function accepted() {
  const [pipe, clock] = [new Pipe(), new FakeClock()]
  const [messages, violations] = [[] as Message[], [] as string[]]
  let link: Link | undefined
  let isClosed = false
  acceptRawSocket(pipe, clock, (made) => {
    link = made
    made.onMessage = (message) => messages.push(message)
    made.onViolation = ({ message }) => violations.push(message)
    made.onClose = () => {
      isClosed = true
    }
  })
  return { pipe, clock, messages, violations, link: () => link as Link, isClosed: () => isClosed }
}
async function open(maxBytes = 2 ** 24) {
  const made = accepted()
  made.pipe.says(handshake('json', maxBytes))
  await turn()
  expect([...made.pipe.bytes]).toEqual([0x7f, 0xc1, 0, 0])
  made.pipe.written.length = 0
  return made
}

test('messages come, also those that came with the handshake, in pieces', async () => {
  const { pipe, messages } = accepted()
  const all = Buffer.concat([
    handshake('json', LEAST_MESSAGE_BYTES),
    framed(MESSAGE, bytesOf(SUBSCRIBE)),
    framed(MESSAGE, bytesOf({ ...SUBSCRIBE, request: 2 })),
  ])
  for (const at of [0, 1, 3, 5, 40]) pipe.says(all.subarray(at, [1, 3, 5, 40, all.length][[0, 1, 3, 5, 40].indexOf(at)]))
  await turn()
  expect(messages).toEqual([SUBSCRIBE, { ...SUBSCRIBE, request: 2 }])
})

test.each([
  ['another serializer', [0x7f, 0xf9, 0, 0], REFUSALS.serializer],
  ['reserved bytes', [0x7f, 0xf1, 0, 9], REFUSALS.reserved],
  ['who takes no WELCOME', [...handshake('json', LEAST_MESSAGE_BYTES / 2)], REFUSALS.length],
])('%s is refused by a number, and cut', async (_, bytes, code) => {
  const { pipe, clock, link } = accepted()
  pipe.says(bytes)
  await turn()
  expect([...pipe.bytes]).toEqual([0x7f, code << 4, 0, 0])
  expect(link()).toBeUndefined()
  clock.advance(3000)
  expect(pipe.destroyed).toBe(true)
})

test('who does not finish the handshake in three seconds is cut', async () => {
  const { pipe, clock } = accepted()
  pipe.says([0x7f, 0xf1])
  await turn()
  clock.advance(2999)
  expect(pipe.destroyed).toBe(false)
  clock.advance(1)
  expect(pipe.destroyed).toBe(true)
})

test('a ping is answered by its own bytes', async () => {
  const { pipe } = await open()
  pipe.says(framed(PING, Buffer.from('are you there')))
  await turn()
  expect(pipe.bytes).toEqual(framed(PONG, Buffer.from('are you there')))
})

test('who does not answer three pings is cut; whatever comes counts as an answer', async () => {
  const { pipe, clock } = await open()
  for (let i = 0; i < 5; i++) {
    clock.advance(60_000)
    pipe.says(framed(PONG, Buffer.alloc(0)))
    await turn()
  }
  expect(pipe.bytes.subarray(0, 4)).toEqual(head(PING, 0))
  clock.advance(90_000)
  expect(pipe.destroyed).toBe(false)
  clock.advance(30_000)
  expect(pipe.destroyed).toBe(true)
})

test('what is larger than the other end takes is left out, and who sends it is told', async () => {
  const { pipe, link } = await open(LEAST_MESSAGE_BYTES)
  const event = (text: string): Message => ({ type: M.EVENT, subscription: 1, publication: 1, details: {}, args: [text] })
  expect(link().send(event('x'.repeat(LEAST_MESSAGE_BYTES)))).toBe(false)
  expect(link().send(event('small'))).toBe(true)
  await turn()
  const [only, ...more] = [...new Frames(512).push(pipe.bytes)]
  expect(more).toEqual([])
  expect(String((only as { payload: Buffer }).payload)).toBe('[36,1,1,{},["small"]]')
})

test.each<[string, Buffer]>([
  ['what is no message', framed(MESSAGE, Buffer.from('{}'))],
  ['what is no JSON', framed(MESSAGE, Buffer.from('[1,'))],
  ['no UTF-8', framed(MESSAGE, Buffer.of(0x5b, 0x22, 0xff, 0x22, 0x5d))],
  ['nothing at all', framed(MESSAGE, Buffer.alloc(0))],
  ['a frame that is none', Buffer.of(0xff, 0, 0, 0)],
  ['more than two MiB', head(MESSAGE, 2 ** 21 + 1)],
])('%s is a violation, once, and nothing more is read', async (_, bytes) => {
  const { pipe, violations, messages, link } = await open()
  pipe.says(bytes, framed(MESSAGE, bytesOf(SUBSCRIBE)), bytes)
  await turn()
  expect(violations).toHaveLength(1)
  expect(messages).toEqual([])
  link().send({ type: M.ABORT, details: {}, reason: 'wamp.error.protocol_violation' })
  await turn()
  expect(String(pipe.bytes.subarray(4))).toContain('protocol_violation')
})

test('two MiB are taken', async () => {
  const { pipe, messages } = await open()
  const empty = bytesOf({ ...SUBSCRIBE, topic: '' }).length
  const large = bytesOf({ ...SUBSCRIBE, topic: 'x'.repeat(2 ** 21 - empty) })
  expect(large).toHaveLength(2 ** 21)
  pipe.says(framed(MESSAGE, large))
  await turn()
  expect(messages).toHaveLength(1)
})

test('closing is behind what was sent, bounded, and told once', async () => {
  const { pipe, link, clock, isClosed } = await open()
  link().send({ type: M.GOODBYE, details: {}, reason: 'wamp.close.system_shutdown' })
  link().close()
  link().close()
  link().send({ type: M.GOODBYE, details: {}, reason: 'late' })
  await turn()
  expect(String(pipe.bytes.subarray(4))).toBe('[6,{},"wamp.close.system_shutdown"]')
  expect(isClosed()).toBe(false)
  clock.advance(1000)
  await turn()
  expect(isClosed()).toBe(true)
})
