import { describe, expect, test } from 'vitest'
import { ACK_BYTES, encodeAck } from '../../shared/protocol/ack.ts'
import { decodeHeader } from '../../shared/protocol/frame.ts'
import { Bus } from '../bus/bus.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakePublisher } from '../testing/reader.ts'
import { FakeSocket } from '../testing/socket.ts'
import { Viewer } from './viewer.ts'

function setUp() {
  const clock = new FakeClock()
  const channel = new Bus(clock).open('cam')
  const publisher = new FakePublisher(channel, clock).attach()
  const open = () => {
    const socket = new FakeSocket()
    const viewer = new Viewer({
      socket,
      channel,
      audio: true,
      clock,
      name: () => 'Cam',
      counts: { sentBytes: 0, gapFrames: 0 },
      onAge: () => {},
    })
    return { socket, viewer }
  }
  return { clock, channel, publisher, open }
}
const WATCH = { type: 'watch', rendition: 'full', audio: false }
const sequenceOf = (wire: Buffer) => {
  const header = decodeHeader(wire)
  if (!header.ok) throw new Error(header.detail)
  return header.value.sequence
}
const acknowledge = (socket: FakeSocket) =>
  socket.onBinary(
    Buffer.from(encodeAck({ sequence: sequenceOf(socket.wires.at(-1) as Buffer), held: 0, age: 20_000, skipped: 0, late: 0 })),
  )

describe('a viewer', () => {
  test('is told the state, and gets frames once it says what it wants', () => {
    const { publisher, open } = setUp()
    const { socket } = open()
    expect(socket.texts).toMatchObject([{ type: 'state', state: 'live', name: 'Cam' }])
    publisher.send()
    expect(socket.wires).toHaveLength(0)
    socket.say(WATCH)
    publisher.send()
    expect(socket.texts.map(({ type }) => type)).toEqual(['state', 'level', 'config'])
    expect(socket.wires).toHaveLength(1)
  })

  test('that never acknowledges gets no more than half a second of frames, is told its gap and resumes at a key frame', () => {
    const { publisher, open, clock } = setUp()
    const slow = open()
    const good = open()
    slow.socket.say(WATCH)
    good.socket.say(WATCH)
    const step = () => {
      clock.advance(33)
      publisher.send()
      publisher.send('thumb', 200)
      acknowledge(good.socket)
      slow.viewer.sweep(clock.monotonic())
    }
    for (let i = 0; i < 1800; i++) step()
    expect(good.socket.wires).toHaveLength(1800)
    const stuck = slow.socket.wires.length
    expect(stuck).toBeLessThan(30)
    acknowledge(slow.socket)
    for (let i = 0; i < 10; i++) step()
    const resumed = decodeHeader(slow.socket.wires[stuck] as Buffer)
    expect(resumed).toMatchObject({ ok: true, value: { key: true } })
    expect(slow.socket.of('gap').at(-1)).toMatchObject({ kind: 'key' })
    const lost = slow.socket.of('gap').reduce((sum, gap) => sum + (gap.frames as number), 0)
    expect(lost).toBeGreaterThan(1700)
    expect(slow.socket.closed).toBeUndefined()
  })

  test('that was behind starts from the top with the next publisher', () => {
    const { publisher, open, clock, channel } = setUp()
    const { socket, viewer } = open()
    socket.say(WATCH)
    for (let i = 0; i < 300; i++) {
      clock.advance(33)
      publisher.send()
      publisher.send('thumb', 200)
      viewer.sweep(clock.monotonic())
    }
    acknowledge(socket)
    channel.detach(publisher)
    const next = new FakePublisher(channel, clock).attach()
    next.send('thumb', 200)
    next.send()
    expect(socket.of('level').at(-1)).toEqual({ type: 'level', rendition: 'full', layer: 3, behind: false })
    expect(decodeHeader(socket.wires.at(-1) as Buffer)).toMatchObject({ value: { rendition: 'full' } })
  })

  test('that owes acknowledgements for a minute and a half is closed', () => {
    const { publisher, open, clock } = setUp()
    const { socket, viewer } = open()
    socket.say(WATCH)
    publisher.send()
    clock.advance(89_000)
    viewer.sweep(clock.monotonic())
    expect(socket.closed).toBeUndefined()
    clock.advance(2000)
    viewer.sweep(clock.monotonic())
    expect(socket.closed).toMatchObject({ code: 'viewer.silent' })
  })

  test('whose kernel takes nothing is sent nothing', () => {
    const { publisher, open } = setUp()
    const { socket } = open()
    socket.say(WATCH)
    publisher.send()
    socket.backlog = 1024 * 1024
    publisher.send()
    expect(socket.wires).toHaveLength(1)
  })

  test('gets the server clock', () => {
    const { open, clock } = setUp()
    const { socket } = open()
    socket.say({ type: 'clock', t0: 5 })
    expect(socket.of('clock')).toEqual([{ type: 'clock', t0: 5, t1: clock.now() }])
  })

  test.each([
    ['text that is no JSON', (socket: FakeSocket) => socket.onText('nope'), 'message.invalid'],
    ['an unknown message', (socket: FakeSocket) => socket.say({ type: 'hello' }), 'message.invalid'],
    ["a publisher's message", (socket: FakeSocket) => socket.say({ type: 'ready', camera: 'cam' }), 'message.invalid'],
    ['a text over its cap', (socket: FakeSocket) => socket.onText('x'.repeat(20_000)), 'request.too-large'],
    ['a truncated acknowledgement', (socket: FakeSocket) => socket.onBinary(Buffer.of(1, 0x41, 0)), 'frame.truncated'],
    ['another version', (socket: FakeSocket) => socket.onBinary(Buffer.alloc(ACK_BYTES, 2)), 'frame.version'],
    [
      'an acknowledgement of what was not sent',
      (socket: FakeSocket) => socket.onBinary(Buffer.from(encodeAck({ sequence: 9, held: 0, age: 0, skipped: 0, late: 0 }))),
      'frame.unexpected',
    ],
    [
      'a flood',
      (socket: FakeSocket) => {
        for (let i = 0; i < 101; i++) socket.say({ type: 'clock', t0: i })
      },
      'request.rate',
    ],
  ])('is closed for %s, and nobody else', (_name, act, code) => {
    const { open, publisher, channel } = setUp()
    const bad = open()
    const good = open()
    good.socket.say(WATCH)
    act(bad.socket)
    expect(bad.socket.closed).toMatchObject({ code })
    expect(channel.viewers).toBe(1)
    publisher.send()
    expect(good.socket.wires).toHaveLength(1)
  })
})
