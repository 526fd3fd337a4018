import { expect, test } from 'vitest'
import { difference } from './motion.ts'

const pixels = (...greys: number[]) => Uint8ClampedArray.from(greys.flatMap((grey) => [grey, grey, grey, 255]))

test('the difference is the share of pixels that changed by more than noise', () => {
  expect(difference(pixels(0, 100, 200, 255), pixels(0, 100, 200, 255))).toBe(0)
  expect(difference(pixels(0, 100, 200, 255), pixels(10, 110, 190, 250))).toBe(0)
  expect(difference(pixels(0, 100, 200, 255), pixels(40, 100, 200, 255))).toBe(0.25)
  expect(difference(pixels(0, 0), pixels(255, 255))).toBe(1)
  expect(difference(pixels(), pixels())).toBe(0)
})
