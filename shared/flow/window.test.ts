import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeAck } from '../protocol/ack.ts'
import { Acker } from './acker.ts'
import { AckWindow, LAG_MS, WINDOW_FRAMES } from './window.ts'

const FRAME_MS = 33
const FRAME_BYTES = 3000

/** A sender, a link with a rate and a delay, and a receiver that acknowledges by the rules; in simulated time. */
function simulate(options: { seconds: number; rate: (ms: number) => number; delay: number; silent?: (ms: number) => boolean }) {
  const window = new AckWindow()
  const flying: { at: number; run: (now: number) => void }[] = []
  const later = (at: number, run: (now: number) => void) => flying.push({ at, run })
  let freeAt = 0
  let acks = 0
  const ages: { sent: number; age: number }[] = []
  let flush: number | undefined
  let now = 0
  const acker = new Acker((bytes) => {
    const ack = decodeAck(bytes)
    if (!ack.ok) throw new Error(ack.detail)
    acks++
    later(now + options.delay, (at) => window.acked(ack.value, at))
  })
  let sequence = 0
  let skipped = 0
  for (now = 0; now < options.seconds * 1000; now++) {
    for (let i = 0; i < flying.length; i++) {
      const event = flying[i] as (typeof flying)[number]
      if (event.at > now) continue
      flying.splice(i--, 1)
      event.run(now)
    }
    if (flush !== undefined && now >= flush) {
      flush = undefined
      acker.flush(now)
    }
    if (now % FRAME_MS !== 0) continue
    if (window.pressure(now) === 3) {
      skipped++
      continue
    }
    const mine = ++sequence
    const captured = now
    window.sent(mine, FRAME_BYTES, now)
    freeAt = Math.max(freeAt, now) + (FRAME_BYTES * 8) / options.rate(now)
    later(freeAt + options.delay, (at) => {
      ages.push({ sent: captured, age: at - captured })
      if (options.silent?.(at)) return
      const wait = acker.done(mine, at - captured, (at - captured) * 1000, at)
      flush = wait === undefined ? undefined : at + wait
    })
  }
  return { window, acks, ages, skipped, sent: sequence }
}

describe('the window', () => {
  test('of a good link never presses, and costs an acknowledgement every two seconds', () => {
    const { window, acks, skipped, sent } = simulate({ seconds: 20, rate: () => 10_000, delay: 20 })
    expect(skipped).toBe(0)
    expect(sent).toBeGreaterThan(600)
    expect(acks).toBeGreaterThan(10)
    expect(acks).toBeLessThanOrEqual(20 / 2 + 4)
    expect(window.minRoundTrip).toBeCloseTo(42, -1)
    expect(window.deliveryRate).toBe(0)
  })

  test('keeps frames fresh when the link becomes half as fast as the stream', () => {
    // 3000 bytes each 33 ms are 727 kbit/s.
    const { ages, skipped, window } = simulate({ seconds: 40, rate: (ms) => (ms < 5000 ? 10_000 : 360), delay: 20 })
    const after = ages.filter(({ sent }) => sent > 6000).map(({ age }) => age)
    expect(Math.max(...after)).toBeLessThan(20 + LAG_MS.stop + 150)
    expect(skipped).toBeGreaterThan(300)
    expect(window.deliveryRate * 8).toBeGreaterThan(250_000)
    expect(window.deliveryRate * 8).toBeLessThan(450_000)
  })

  test('sends next to nothing to a receiver that fell silent, and goes on when it speaks again', () => {
    const { ages, window } = simulate({ seconds: 30, rate: () => 10_000, delay: 5, silent: (ms) => ms > 10_000 })
    const silent = ages.filter(({ sent }) => sent > 10_000)
    expect(silent.length * FRAME_MS).toBeLessThan(2500)
    expect(window.pressure(30_000)).toBe(3)
    expect(window.acked({ sequence: ages.length, held: 0, late: 0 }, 30_001)).toBe(true)
    expect(window.pressure(30_002)).toBe(0)
  })

  test('counts what is in flight, whatever is sent and acknowledged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.record({ bytes: fc.integer({ min: 1, max: 5000 }) }), fc.record({ ack: fc.integer({ min: 0, max: 400 }) })), {
          maxLength: 400,
        }),
        (steps) => {
          const window = new AckWindow()
          let model: { sequence: number; bytes: number }[] = []
          let sequence = 0
          let now = 0
          for (const step of steps) {
            now += 7
            if ('bytes' in step) {
              window.sent(++sequence, step.bytes, now)
              model = [...model, { sequence, bytes: step.bytes }].slice(-WINDOW_FRAMES)
            } else {
              const known = model.some((entry) => entry.sequence <= step.ack)
              expect(window.acked({ sequence: step.ack, held: 0, late: 0 }, now)).toBe(known)
              model = model.filter((entry) => entry.sequence > step.ack)
            }
            expect(window.unacked).toBe(model.length)
            expect(window.unackedBytes).toBe(model.reduce((sum, { bytes }) => sum + bytes, 0))
            expect(window.lag(now)).toBeGreaterThanOrEqual(0)
            if (model.length === 0) expect(window.pressure(now)).toBe(0)
            if (model.length === WINDOW_FRAMES) expect(window.pressure(now)).toBe(3)
          }
        },
      ),
    )
  })

  test('takes the time an acknowledgement was held, or waited for this side to read it, for no lag', () => {
    const window = new AckWindow()
    window.sent(1, 100, 0)
    window.acked({ sequence: 1, held: 0, late: 0 }, 40)
    window.sent(2, 100, 100)
    window.sent(3, 100, 130)
    window.sent(4, 100, 160)
    window.acked({ sequence: 2, held: 240, late: 0 }, 380)
    expect(window.lag(380)).toBe(0)
    expect(window.minRoundTrip).toBe(40)
    window.acked({ sequence: 3, held: 0, late: 12 }, 480)
    expect(window.lag(480)).toBe(12)
  })

  test('after a late frame expects news soon; after one in time, no sooner than it was promised', () => {
    for (const [late, pressure] of [
      [60, 3],
      [40, 0],
    ] as const) {
      const window = new AckWindow()
      for (let sequence = 1; sequence <= 30; sequence++) window.sent(sequence, 100, sequence * 33)
      window.acked({ sequence: 1, held: 0, late: 0 }, 45)
      window.acked({ sequence: 16, held: 0, late }, 540)
      expect(window.pressure(960)).toBe(pressure)
    }
  })
})

describe('the acker', () => {
  const setUp = () => {
    const acks: { sequence: number; skipped: number; held: number; late: number }[] = []
    const acker = new Acker((bytes) => {
      const ack = decodeAck(bytes)
      if (ack.ok) acks.push(ack.value)
    })
    return { acker, acks }
  }

  test('says soon that frames are in time again', () => {
    const { acker, acks } = setUp()
    acker.done(1, 10, 0, 0)
    acker.done(2, 80, 0, 300)
    acker.done(3, 12, 0, 360)
    acker.done(4, 12, 0, 420)
    expect(acks.map(({ sequence, late }) => [sequence, late])).toEqual([
      [1, 0],
      [2, 70],
      [3, 2],
    ])
  })

  test('acknowledges each frame that comes late, at most one in 60 ms', () => {
    const { acker, acks } = setUp()
    acker.done(1, 10, 0, 0)
    for (let i = 0; i < 10; i++) acker.done(2 + i, 80, 0, 300 + i * 20)
    expect(acks.map(({ sequence }) => sequence)).toEqual([1, 2, 5, 8, 11])
  })

  test('says when the rest is due, and how long it was held', () => {
    const { acker, acks } = setUp()
    expect(acker.done(1, 10, 0, 0)).toBeUndefined()
    expect(acker.done(2, 10, 0, 100, true)).toBe(150)
    acker.flush(250)
    acker.flush(251)
    expect(acks.slice(1)).toMatchObject([{ sequence: 2, held: 150, skipped: 1 }])
  })
})
