import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pressure } from '../../shared/flow/window.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakePublisher, FakeReader } from '../testing/reader.ts'
import { Bus } from './bus.ts'
import type { Frame } from './frame.ts'

const setUp = () => {
  const clock = new FakeClock()
  const channel = new Bus(clock).open('cam')
  const publisher = new FakePublisher(channel, clock).attach()
  const reader = new FakeReader()
  const subscription = channel.subscribe(reader)
  subscription.watch({ rendition: 'full', audio: false })
  const send = (count: number, rendition: 'full' | 'thumb' = 'full') =>
    Array.from({ length: count }, () => {
      clock.advance(33)
      return publisher.send(rendition)
    })
  return { clock, channel, publisher, reader, subscription, send }
}
const layers = (frames: readonly Frame[]) => frames.map(({ layer }) => layer).join('')

describe('a slow reader', () => {
  test('first loses T2, then T1; they come back at a base frame', () => {
    const { reader, send } = setUp()
    send(4)
    reader.level_ = 1
    send(4)
    reader.level_ = 2
    send(4)
    reader.level_ = 0
    send(6)
    expect(layers(reader.frames)).toBe('0212' + '01' + '0' + '021202')
    expect(reader.gaps).toEqual([])
  })

  test('that recovers within a group gets no frame that refers to a lost one', () => {
    const { reader, send } = setUp()
    send(1)
    reader.level_ = 2
    send(2) // 2, 1 lost
    reader.level_ = 0
    send(1) // the 2 after a lost 1
    send(4)
    expect(layers(reader.frames)).toBe('0' + '0212')
  })

  test('that takes nothing goes on at a key frame, asked for when there is room, and is told what it lost', () => {
    const { reader, send, subscription, publisher, clock } = setUp()
    send(4)
    const keys = publisher.keys.length
    reader.level_ = 3
    const lost = send(60)
    expect(publisher.keys).toHaveLength(keys)
    subscription.room(clock.monotonic())
    expect(publisher.keys, 'no room').toHaveLength(keys)
    reader.level_ = 0
    const more = send(3)
    subscription.room(clock.monotonic())
    expect(publisher.keys).toHaveLength(keys + 1)
    const [key] = send(4)
    expect(reader.gaps).toEqual([{ type: 'gap', from: lost[0]?.sequence, to: more[2]?.sequence, frames: 63, kind: 'key' }])
    expect(reader.frames[4]).toBe(key)
    expect(layers(reader.frames)).toBe('0212' + '0212')
    expect(subscription.drops).toBe(63)
  })

  test('is told of thinned layers, at most once a second', () => {
    const { reader, send } = setUp()
    send(4)
    reader.level_ = 1
    send(90)
    expect(reader.gaps.length).toBeGreaterThanOrEqual(2)
    expect(reader.gaps.length).toBeLessThanOrEqual(3)
    expect(reader.gaps.every(({ kind, frames }) => kind === 'layers' && frames > 0)).toBe(true)
  })

  test('moves to another rendition at its key frame, and the old one goes on until then', () => {
    const { reader, send, subscription, publisher } = setUp()
    send(4)
    subscription.limit('thumb', 3)
    expect(publisher.keys.at(-1)).toBe('thumb')
    send(2)
    expect(reader.frames.at(-1)?.track).toBe('full')
    const [key] = send(1, 'thumb')
    expect(key?.key).toBe(true)
    send(2)
    send(1, 'thumb')
    expect(reader.frames.slice(-2).map(({ track }) => track)).toEqual(['thumb', 'thumb'])
    expect(reader.levels).toEqual(['full/3', 'thumb/3'])
    subscription.limit(undefined, 3)
    send(1)
    expect(reader.frames.at(-1)).toMatchObject({ track: 'full', key: true })
  })
})

/** Whether each frame can be decoded with those before it, in L1T3. */
function decodable(frames: readonly Frame[], all: readonly Frame[]): boolean {
  const got = new Set(frames)
  return frames.every((frame) => {
    if (frame.key) return true
    // Everything it may refer to: since the last key frame, in its track, of lower layers up to it, and of its own layer 0 or 1.
    const before = all.slice(0, all.indexOf(frame)).filter(({ track }) => track === frame.track)
    const fromKey = before.slice(before.findLastIndex(({ key }) => key))
    const base = fromKey.filter(({ layer }) => layer === 0)
    const group = fromKey.slice(fromKey.findLastIndex(({ layer }) => layer === 0))
    const needed = [...base, ...group.filter(({ layer }) => layer > 0 && layer < frame.layer)]
    return needed.every((other) => got.has(other))
  })
}

test('whatever happens, a reader can decode every frame it gets, in order, and all that it lost is counted', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.constant({ do: 'send' as const }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pressure' as const), value: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), thumb: fc.boolean(), layer: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 3, arbitrary: fc.constant({ do: 'room' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'lost' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'configure' as const }) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const { clock, reader, subscription, publisher } = setUp()
      const all: Frame[] = []
      for (const action of steps) {
        clock.advance(33)
        if (action.do === 'send') all.push(publisher.send('full', 10), publisher.send('thumb', 10))
        else if (action.do === 'pressure') reader.level_ = action.value as Pressure
        else if (action.do === 'limit') subscription.limit(action.thumb ? 'thumb' : undefined, action.layer)
        else if (action.do === 'room') subscription.room(clock.monotonic())
        else if (action.do === 'lost') subscription.lost()
        else publisher.configure('full')
      }
      expect(decodable(reader.frames, all)).toBe(true)
      expect(reader.frames.every((frame, i) => i === 0 || frame.sequence > (reader.frames[i - 1] as Frame).sequence)).toBe(true)
      for (const frame of reader.frames) expect(reader.configs.some(({ epoch }) => epoch === frame.epoch)).toBe(true)
      const told = reader.gaps.reduce((sum, { frames }) => sum + frames, 0)
      expect(told).toBeLessThanOrEqual(subscription.drops)
    }),
    { numRuns: 300 },
  )
})
