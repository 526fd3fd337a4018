import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { encodeFrame, type FrameHeader } from '../../shared/protocol/frame.ts'
import { microsSpan } from '../../shared/units/time.ts'
import { Bus } from '../bus/bus.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakeReader } from '../testing/reader.ts'
import { FakeSocket } from '../testing/socket.ts'
import { PublisherSession } from './publisher.ts'

const PUBLISH = {
  type: 'publish',
  renditions: { full: true, thumb: false, picture: true },
  audio: false,
  takeover: false,
  instance: 'instance-1',
}
const CONFIG = { type: 'config', epoch: 1, kind: 'video', rendition: 'full', codec: 'avc1.42001f', width: 640, height: 360, layers: 3 }

function setUp() {
  const clock = new FakeClock()
  const channel = new Bus(clock).open('cam')
  const socket = new FakeSocket()
  new PublisherSession({ socket, channel, clock, log: pino({ level: 'silent' }) })
  const reader = new FakeReader()
  const send = (change: Partial<FrameHeader> = {}, payload = new Uint8Array([1, 2, 3])) => {
    const header: FrameHeader = {
      kind: 'video',
      key: true,
      layer: 0,
      rendition: 'full',
      epoch: 1,
      sequence: 1,
      time: clock.now(),
      duration: microsSpan(0),
      delay: microsSpan(0),
      ...change,
    }
    socket.onBinary(Buffer.from(encodeFrame(header, payload)))
  }
  return { clock, channel, socket, reader, send }
}

function publishing() {
  const all = setUp()
  all.socket.say(PUBLISH)
  all.socket.say(CONFIG)
  all.channel.subscribe(all.reader).watch({ rendition: 'full', audio: false })
  return all
}

describe('a publisher', () => {
  test('is answered ready and the demand, then feeds the camera', () => {
    const { socket, send, reader, channel } = publishing()
    expect(socket.texts.slice(0, 2)).toEqual([
      { type: 'ready', camera: 'cam' },
      { type: 'demand', full: null, thumb: null, picture: false, audio: false },
    ])
    send()
    expect(reader.frames).toHaveLength(1)
    expect(Buffer.from(reader.frames[0]?.payload ?? [])).toEqual(Buffer.of(1, 2, 3))
    expect(channel.state).toBe('live')
    socket.close()
    expect(channel.state).toBe('offline')
  })

  test('is acknowledged', () => {
    const { socket, send, clock } = publishing()
    send({ sequence: 41 })
    expect(socket.binaries).toHaveLength(1)
    send({ sequence: 42, key: false })
    clock.advance(300)
    expect(socket.binaries).toHaveLength(2)
  })

  test('whose clock runs ahead makes no frames from the future', () => {
    const { send, reader, clock } = publishing()
    send({ time: (clock.now() + 60_000_000) as never })
    expect(reader.frames[0]?.time).toBe(clock.now())
  })

  test('that says nothing is closed after ten seconds', () => {
    const { socket, clock } = setUp()
    clock.advance(9999)
    expect(socket.closed).toBeUndefined()
    clock.advance(2)
    expect(socket.closed).toMatchObject({ code: 'request.timeout' })
  })

  test('may come back as the same instance, and another is refused without disturbing the first', () => {
    const { channel, socket, clock, send, reader } = publishing()
    const log = pino({ level: 'silent' })
    const other = new FakeSocket()
    new PublisherSession({ socket: other, channel, clock, log })
    other.say({ ...PUBLISH, instance: 'instance-2' })
    expect(other.closed).toMatchObject({ code: 'publisher.exists' })
    expect(other.of('ready')).toEqual([])
    send()
    expect(reader.frames).toHaveLength(1)
    const again = new FakeSocket()
    new PublisherSession({ socket: again, channel, clock, log })
    again.say(PUBLISH)
    expect(socket.closed).toMatchObject({ code: 'publisher.replaced' })
    expect(channel.state).toBe('live')
  })

  type Act = (all: ReturnType<typeof publishing>) => void
  const cases: [string, string, Act][] = [
    ['a second publish', 'frame.unexpected', ({ socket }) => socket.say(PUBLISH)],
    ["a viewer's message", 'message.invalid', ({ socket }) => socket.say({ type: 'watch', rendition: 'full', audio: false })],
    ['configuration of what was not offered', 'frame.unexpected', ({ socket }) => socket.say({ ...CONFIG, epoch: 2, rendition: 'thumb' })],
    ['an epoch that does not grow', 'frame.unexpected', ({ socket }) => socket.say(CONFIG)],
    ['a frame of an epoch without configuration', 'frame.unexpected', ({ send }) => send({ epoch: 2 })],
    ['an epoch that begins without a key frame', 'frame.unexpected', ({ send }) => send({ key: false })],
    [
      'a sequence that does not grow',
      'frame.unexpected',
      ({ send }) => {
        send({ sequence: 5 })
        send({ sequence: 5, key: false })
      },
    ],
    ['a key frame above the base layer', 'frame.unexpected', ({ send }) => send({ layer: 1 })],
    ['a picture in rendition full', 'frame.unexpected', ({ send }) => send({ kind: 'picture' })],
    ['video in rendition picture', 'frame.unexpected', ({ send }) => send({ rendition: 'picture' })],
    ['sound in rendition thumb', 'frame.unexpected', ({ send }) => send({ kind: 'audio', rendition: 'thumb' })],
    ['padding', 'frame.unexpected', ({ send }) => send({ kind: 'padding' })],
    ['a frame without payload', 'frame.unexpected', ({ send }) => send({}, new Uint8Array())],
    ['a truncated frame', 'frame.truncated', ({ socket }) => socket.onBinary(Buffer.of(1, 1, 1))],
    ['another version', 'frame.version', ({ socket }) => socket.onBinary(Buffer.alloc(30, 9))],
    ['a frame over its cap', 'request.too-large', ({ socket }) => socket.onBinary(Buffer.alloc(2 * 1024 * 1024 + 1, 1))],
  ]
  test.each(cases)('is closed for %s (%s), and the viewers stay', (_name, code, act) => {
    const all = publishing()
    act(all)
    expect(all.socket.closed).toMatchObject({ code })
    expect(all.reader.ended).toBeUndefined()
    expect(all.channel.state).toBe('offline')
  })

  test('that sends frames first is closed', () => {
    const { socket, send } = setUp()
    send()
    expect(socket.closed).toMatchObject({ code: 'frame.unexpected' })
  })

  test('survives or is refused with a documented code, whatever bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.string({ maxLength: 60 }), fc.json()), { maxLength: 10 }),
        (inputs) => {
          const { socket, reader } = publishing()
          for (const input of inputs) {
            if (socket.closed) break
            if (typeof input === 'string') socket.onText(input)
            else socket.onBinary(Buffer.from(input))
          }
          expect(reader.ended).toBeUndefined()
          if (inputs.length > 0) expect(socket.closed).toMatchObject({ code: expect.stringMatching(/^(frame|message|request)\./) })
        },
      ),
    )
  })
})
