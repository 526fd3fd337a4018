import { describe, expect, test } from 'vitest'
import { type Box, boxTowards, stageLayout } from './layout.ts'

const SIZES = [
  { width: 1920, height: 1080 },
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 3840, height: 1080 },
  { width: 800, height: 1280 },
  { width: 390, height: 700 },
]
const GAP = 8
const counts = Array.from({ length: 60 }, (_, i) => i + 1)

const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe.each(SIZES)('a wall of $width×$height', (size) => {
  test.each(counts)('holds %i cameras, all in sight, none over another, with a spotlight or without', (count) => {
    for (const spotlight of [-1, 0, count - 1, Math.floor(count / 2)]) {
      const boxes = stageLayout(count, size, GAP, spotlight)
      expect(boxes).toHaveLength(count)
      const outside = boxes.filter(({ x, y, width, height }) => x < 0 || y < 0 || x + width > size.width || y + height > size.height)
      expect(outside).toEqual([])
      // A face is still one: as small as sixty on a phone's screen, but no sliver.
      expect(Math.min(...boxes.flatMap(({ width, height }) => [width, height]))).toBeGreaterThanOrEqual(spotlight >= 0 ? 14 : 40)
      expect(boxes.filter((a, i) => boxes.some((b, k) => k > i && overlap(a, b)))).toEqual([])
      const large = boxes[spotlight]
      if (large) expect(boxes.filter((box) => box !== large && large.width * large.height <= 2 * box.width * box.height)).toEqual([])
    }
  })
})

test('a wall of one to sixty is mostly pictures, and never less of them than half of it', () => {
  const [size] = SIZES as [(typeof SIZES)[number]]
  const shares = counts.map((count) => {
    const [box] = stageLayout(count, size, GAP) as [Box]
    return (count * box.width * box.height) / (size.width * size.height)
  })
  expect(Math.min(...shares)).toBeGreaterThan(0.5)
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.8)
})

test('nothing to show, or nowhere to show it, is no error', () => {
  expect(stageLayout(0, { width: 100, height: 100 }, GAP)).toEqual([])
  expect(stageLayout(3, { width: 0, height: 0 }, GAP)).toHaveLength(3)
  expect(stageLayout(2, { width: 100, height: 100 }, GAP, 7)).toEqual(stageLayout(2, { width: 100, height: 100 }, GAP))
})

test('arrow keys lead to the next picture in sight', () => {
  const boxes = stageLayout(8, { width: 1600, height: 800 }, GAP)
  const columns = boxes.filter(({ y }) => y === boxes[0]?.y).length
  expect(boxTowards(boxes, 0, 'ArrowRight')).toBe(1)
  expect(boxTowards(boxes, 1, 'ArrowLeft')).toBe(0)
  expect(boxTowards(boxes, 0, 'ArrowDown')).toBe(columns)
  expect(boxTowards(boxes, 0, 'ArrowLeft')).toBeNull()
  expect(boxTowards(boxes, 0, 'x')).toBeNull()
  expect(boxTowards(boxes, 99, 'ArrowLeft')).toBeNull()
})
