import { expect, test } from 'vitest'
import { CaptureClock } from './capture-clock.ts'

/** How late the clock says that captures are which arrive `late` µs after they were taken, one each 20 ms. */
function lateness(clock: CaptureClock, from: number, count: number, distance: number, late: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const stamp = (from + i) * 20_000
    const arrival = stamp + distance + late(i)
    return arrival - clock.time(stamp, arrival)
  })
}

test('a capture is as late as it is behind the one that came fastest', () => {
  const clock = new CaptureClock()
  const found = lateness(clock, 0, 200, 1e9, (i) => (i % 4) * 3000)
  expect(found.slice(8).every((late, i) => Math.abs(late - (i % 4) * 3000) < 300)).toBe(true)
})

test('first stamps that are not the clock\u2019s own are forgotten within a second', () => {
  const clock = new CaptureClock()
  lateness(clock, 0, 1, 1e9 - 768_000, () => 0)
  expect(lateness(clock, 1, 60, 1e9, (i) => (i % 3) * 2000).at(-1)).toBeLessThan(5000)
})

test('a pause that passes does not move it', () => {
  const clock = new CaptureClock()
  lateness(clock, 0, 50, 1e9, () => 0)
  const stalled = lateness(clock, 50, 40, 1e9, () => 300_000)
  expect(Math.min(...stalled)).toBeGreaterThan(290_000)
  expect(lateness(clock, 90, 5, 1e9, () => 0)).toEqual([0, 0, 0, 0, 0])
})
