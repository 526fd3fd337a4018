import { describe, expect, test } from 'vitest'
import { CaptureClock } from './capture-clock.ts'
import { Uplink } from './uplink.ts'

const FRAME_MS = 33
const FULL_BITS = 1_500_000

/** A publisher whose frames take its share of the bitrate, on a link of its own; in simulated time. */
function simulate(seconds: number, kbit: (second: number) => number) {
  const uplink = new Uplink()
  const shares: number[] = []
  const ages: number[] = []
  const flying: { at: number; sequence: number; sent: number }[] = []
  let share = 1
  let best = Number.POSITIVE_INFINITY
  let freeAt = 0
  let sequence = 0
  for (let now = 0; now < seconds * 1000; now++) {
    while (flying[0] && flying[0].at <= now) {
      const frame = flying.shift() as (typeof flying)[number]
      const age = frame.at - frame.sent
      ages.push(age)
      best = Math.min(best, age)
      uplink.window.acked({ sequence: frame.sequence, held: 0, late: age - best }, now)
    }
    if (now % FRAME_MS !== 0) continue
    share = uplink.tick(now, FULL_BITS) ?? share
    shares.push(share)
    if (uplink.window.pressure(now) >= 2) continue
    const bytes = (FULL_BITS * share * FRAME_MS) / 8000
    uplink.window.sent(++sequence, bytes, now)
    freeAt = Math.max(freeAt, now) + (bytes * 8) / kbit(now / 1000)
    flying.push({ at: freeAt + 30, sequence, sent: now })
  }
  return { shares, ages }
}

describe('the uplink', () => {
  test('of a good link keeps the full bitrate', () => {
    expect(new Set(simulate(20, () => 10_000).shares)).toEqual(new Set([1]))
  })

  test('goes down to what the link carries, stays fresh there, and comes back', () => {
    const { shares, ages } = simulate(60, (second) => (second < 30 ? 600 : 10_000))
    const at = (second: number) => shares[Math.floor((second * 1000) / FRAME_MS)] as number
    expect(at(25)).toBeLessThan(0.55)
    expect(at(25)).toBeGreaterThan(0.15)
    expect(at(59)).toBe(1)
    const late = ages.slice(200).sort((a, b) => a - b)
    expect(late[Math.floor(late.length * 0.95)]).toBeLessThan(300)
  })
})

describe('the capture clock', () => {
  test('keeps the pace of the device through the jitter of arrival', () => {
    const clock = new CaptureClock()
    const times: number[] = []
    for (let i = 0; i < 100; i++) times.push(clock.time(i * 33_333, 1e12 + i * 33_333 + 5000 + (i % 7) * 3000))
    const steps = times.slice(10).map((time, i) => time - (times[9 + i] as number))
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(7 * 50)
    expect(times.at(-1)).toBeLessThanOrEqual(1e12 + 99 * 33_333 + 5000 + 7 * 50)
  })

  test('starts again when the device does', () => {
    const clock = new CaptureClock()
    clock.time(5e9, 1e12)
    expect(clock.time(0, 1e12 + 1e6)).toBe(1e12 + 1e6)
  })
})
