import { describe, expect, test } from 'vitest'
import { decodeHeader, HEADER_BYTES } from '../../shared/protocol/frame.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import { PortholeError } from '../base/errors.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakePublisher, FakeReader } from '../testing/reader.ts'
import { Bus } from './bus.ts'
import type { Frame } from './frame.ts'

const setUp = () => {
  const clock = new FakeClock()
  const channel = new Bus(clock).open('cam')
  return { clock, channel, publisher: new FakePublisher(channel, clock) }
}
const FULL = { rendition: 'full', audio: false } as const
const THUMB = { rendition: 'thumb', audio: false } as const
/** Demand is weighed once a turn. */
const turn = () => Promise.resolve()

describe('a channel', () => {
  test('hands every reader the same bytes, stamped with its own sequence and epoch', () => {
    const { channel, publisher } = setUp()
    const readers = [new FakeReader(), new FakeReader()]
    publisher.attach()
    for (const reader of readers) channel.subscribe(reader).watch(FULL)
    const sent = [publisher.send(), publisher.send(), publisher.send()]
    for (const reader of readers) expect(reader.frames).toEqual(sent)
    expect(readers[0]?.frames[1]?.wire).toBe(readers[1]?.frames[1]?.wire)
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
    const wire = sent[0]?.wire as Buffer
    expect([wire[0], wire[1], wire.readUInt16BE(2)]).toEqual([0x82, 126, HEADER_BYTES + 1000])
    expect(decodeHeader(wire.subarray(4))).toMatchObject({ ok: true, value: { sequence: 1, epoch: readers[0]?.configs[0]?.epoch } })
  })

  test('tells how late a frame already is when it passes, and no more than the header holds', () => {
    const { channel, clock } = setUp()
    new FakePublisher(channel, clock).attach()
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    const header = { kind: 'video', key: true, layer: 0, rendition: 'full', epoch: 1, sequence: 0, duration: microsSpan(0) } as const
    const late = (ms: number) => channel.publish({ ...header, time: micros(clock.now() - ms * 1000) }, Buffer.of(1)).delay
    expect([late(0), late(42), late(5_000_000), late(-3)]).toEqual([0, 42_000, 0xffff_ffff, 0])
    expect(decodeHeader((reader.frames[1] as Frame).wire.subarray(2))).toMatchObject({ ok: true, value: { delay: 42_000 } })
  })

  test('has no sound while it is muted, whoever asks, and has it again after', async () => {
    const { channel, clock, publisher } = setUp()
    publisher.offer = { ...publisher.offer, audio: true }
    publisher.attach()
    const reader = new FakeReader()
    channel.subscribe(reader).watch({ rendition: 'full', audio: true })
    const config = { type: 'config', kind: 'audio', rendition: 'full', codec: 'opus', sampleRate: 48_000, channels: 1 } as const
    channel.configure({ ...config, epoch: 9 })
    const header = { kind: 'audio', key: true, layer: 0, rendition: 'full', epoch: 9, sequence: 0, duration: microsSpan(20_000) } as const
    const speak = () => channel.publish({ ...header, time: clock.now() }, Buffer.of(1))
    await turn()
    speak()
    expect([reader.frames.length, publisher.demands.at(-1)?.audio, channel.hasAudio]).toEqual([1, true, true])
    const told = reader.states.length
    channel.mute(true)
    channel.mute(true)
    speak()
    expect([reader.frames.length, publisher.demands.at(-1)?.audio, channel.hasAudio]).toEqual([1, false, false])
    expect(reader.states).toHaveLength(told + 1)
    // Nor for who comes later, nor by another publisher.
    channel.subscribe(new FakeReader()).watch({ rendition: 'full', audio: true })
    const other = new FakePublisher(channel, clock)
    other.offer = { ...publisher.offer, instance: publisher.offer.instance }
    other.attach()
    await turn()
    clock.advance(5000)
    expect(other.demands.some(({ audio }) => audio)).toBe(false)
    channel.mute(false)
    expect([other.demands.at(-1)?.audio, channel.hasAudio]).toEqual([true, true])
    channel.configure({ ...config, epoch: 10 })
    speak()
    expect(reader.frames).toHaveLength(2)
  })

  test('frames each length of message as RFC 6455 says', () => {
    const { channel, publisher } = setUp()
    publisher.attach()
    channel.subscribe(new FakeReader()).watch(FULL)
    const lengths = [HEADER_BYTES + 1, 125, 126, 65_535, 65_536]
    const heads = lengths.map((bytes) => publisher.send('full', bytes - HEADER_BYTES).wire)
    expect(heads.map((wire) => wire[1])).toEqual([HEADER_BYTES + 1, 125, 126, 126, 127])
    expect(heads.map((wire) => wire.byteLength)).toEqual([2 + HEADER_BYTES + 1, 2 + 125, 4 + 126, 4 + 65_535, 10 + 65_536])
    expect(heads[4]?.readBigUInt64BE(2)).toBe(65_536n)
  })

  test('tells the configuration before the first frame of an epoch, once', () => {
    const { channel, publisher } = setUp()
    publisher.attach()
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    publisher.send()
    publisher.send()
    expect(reader.configs).toHaveLength(1)
    publisher.configure('full')
    publisher.send()
    expect(reader.configs.map(({ epoch }) => epoch)).toEqual([1, 3])
    expect(reader.frames.at(-1)).toMatchObject({ epoch: 3, key: true })
  })

  test('asks ahead for a viewer that is expected, and gives up when none comes', async () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    channel.expect('full')
    expect(channel.demand).toMatchObject({ full: 3, thumb: null, picture: false })
    await turn()
    clock.advance(999)
    expect(channel.demand.full).toBe(3)
    clock.advance(1)
    expect(channel.demand.full).toBeNull()
    channel.expect('full')
    await turn()
    channel.subscribe(new FakeReader()).watch(FULL)
    await turn()
    clock.advance(5000)
    expect(channel.demand.full).toBe(3)
  })

  test('starts no join from frames of a configuration that was replaced', () => {
    const { channel, publisher } = setUp()
    publisher.attach()
    channel.subscribe(new FakeReader()).watch(FULL)
    publisher.send()
    publisher.configure('full')
    const late = new FakeReader()
    channel.subscribe(late).watch(FULL)
    expect(late.frames).toEqual([])
    const key = publisher.send()
    expect(late.frames).toEqual([key])
    expect(late.configs.map(({ epoch }) => epoch)).toEqual([key.epoch])
  })

  test('refuses a second publisher, lets one take over that says so, and the same one come back', () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    const second = new FakePublisher(channel, clock)
    second.offer = { ...second.offer, instance: 'another-one' }
    expect(() => second.attach()).toThrow(expect.objectContaining({ code: 'publisher.exists' }))
    expect(publisher.ended).toBeUndefined()
    second.attach(true)
    expect(publisher.ended).toMatchObject({ code: 'publisher.replaced' })
    // The one that was replaced has no say any more.
    channel.detach(publisher)
    expect(channel.state).toBe('live')
    const again = new FakePublisher(channel, clock)
    again.offer = second.offer
    again.attach()
    expect(second.ended).toMatchObject({ code: 'publisher.replaced' })
  })

  test('tells its readers when the publisher comes and goes, and goes on with the next at a key frame', () => {
    const { channel, publisher, clock } = setUp()
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    publisher.attach()
    publisher.send()
    channel.detach(publisher)
    const next = new FakePublisher(channel, clock).attach()
    next.send()
    next.send()
    expect(reader.states).toEqual(['offline', 'live', 'offline', 'live'])
    expect(reader.frames.map(({ key }) => key)).toEqual([true, true, false])
    expect(reader.frames.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  test('ends everybody with the reason when the camera ends', () => {
    const { channel, publisher } = setUp()
    publisher.attach()
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    channel.end(new PortholeError('camera.deleted'))
    expect(publisher.ended).toMatchObject({ code: 'camera.deleted' })
    expect(reader.ended).toMatchObject({ code: 'camera.deleted' })
    expect(channel.viewers).toBe(0)
  })
})

describe('demand', () => {
  test('is nothing while nobody watches, and only what is watched', async () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    expect(publisher.demands).toEqual([{ type: 'demand', full: null, thumb: null, picture: false, audio: false }])
    const one = channel.subscribe(new FakeReader())
    one.watch(THUMB)
    await turn()
    expect(publisher.demands.at(-1)).toMatchObject({ full: null, thumb: 3 })
    const two = channel.subscribe(new FakeReader())
    two.watch({ rendition: 'full', audio: true })
    await turn()
    expect(publisher.demands.at(-1)).toMatchObject({ full: 3, thumb: 3, audio: true })
    two.limit(undefined, 1)
    await turn()
    clock.advance(2000)
    expect(publisher.demands.at(-1)).toMatchObject({ full: 1 })
    channel.unsubscribe(two)
    channel.unsubscribe(one)
    await turn()
    const told = publisher.demands.length
    clock.advance(500)
    expect(publisher.demands, 'a reload must not restart encoders').toHaveLength(told)
    clock.advance(1000)
    expect(publisher.demands.at(-1)).toMatchObject({ full: null, thumb: null, audio: false })
  })

  test('of a paused reader is nothing', async () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    const subscription = channel.subscribe(new FakeReader())
    subscription.watch(FULL)
    await turn()
    subscription.watch(undefined)
    await turn()
    clock.advance(2000)
    expect(publisher.demands.at(-1)).toMatchObject({ full: null })
  })

  test('falls back to what the publisher offers', async () => {
    const { channel, publisher } = setUp()
    publisher.offer = { ...publisher.offer, renditions: { full: false, thumb: false, picture: true } }
    publisher.attach()
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    await turn()
    expect(publisher.demands.at(-1)).toMatchObject({ full: null, thumb: null, picture: true })
    publisher.picture()
    expect(reader.frames).toHaveLength(1)
    publisher.offer = { ...publisher.offer, renditions: { full: true, thumb: false, picture: true } }
    channel.offerChanged(publisher)
    publisher.send()
    expect(reader.frames.at(-1)).toMatchObject({ track: 'full' })
  })
})

describe('key frames', () => {
  test('are asked for at a join, and requests within a quarter second share one', () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    for (let i = 0; i < 5; i++) channel.subscribe(new FakeReader()).watch(FULL)
    expect(publisher.keys).toEqual(['full'])
    publisher.send()
    clock.advance(1000)
    channel.subscribe(new FakeReader()).watch(FULL)
    channel.subscribe(new FakeReader()).watch(FULL)
    expect(publisher.keys, 'the last key frame is old').toEqual(['full', 'full'])
    clock.advance(100)
    channel.subscribe(new FakeReader()).watch(FULL)
    expect(publisher.keys).toHaveLength(2)
    clock.advance(150)
    expect(publisher.keys).toHaveLength(3)
  })

  test('that are fresh serve a join at once, by the base layer', () => {
    const { channel, publisher, clock } = setUp()
    publisher.attach()
    channel.subscribe(new FakeReader()).watch(FULL)
    const sent = Array.from({ length: 6 }, () => publisher.send())
    clock.advance(200)
    const reader = new FakeReader()
    channel.subscribe(reader).watch(FULL)
    expect(reader.frames).toEqual([sent[0], sent[4]])
    expect(publisher.keys).toHaveLength(1)
    const next = Array.from({ length: 6 }, () => publisher.send())
    // 1-2-... of the group that was joined in its middle are left out; from the next base frame on all come.
    expect(reader.frames.slice(2)).toEqual(next.slice(2))
  })
})
