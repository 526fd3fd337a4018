import { describe, expect, it } from 'vitest'
import { Histogram, interleaved, median, percentile, turned } from './stats.ts'

describe('percentile', () => {
  it('lies between two values by straight line, whatever their order', () => {
    expect(percentile([40, 10, 30, 20], 0)).toBe(10)
    expect(percentile([40, 10, 30, 20], 1)).toBe(40)
    expect(percentile([40, 10, 30, 20], 0.5)).toBe(25)
    expect(percentile([0, 100], 0.95)).toBeCloseTo(95)
  })

  it('sorts numbers as numbers and leaves its input alone', () => {
    const values = [100, 9, 20]
    expect(median(values)).toBe(20)
    expect(values).toEqual([100, 9, 20])
  })

  it('has none of no values', () => {
    expect(percentile([], 0.5)).toBeNaN()
  })
})

describe('Histogram', () => {
  it('agrees with the values themselves to one bucket', () => {
    const histogram = new Histogram(0.1, 1000)
    const values = Array.from({ length: 999 }, (_, i) => ((i * 37) % 999) / 12)
    for (const value of values) histogram.add(value)
    expect(histogram.total).toBe(999)
    for (const share of [0.5, 0.95, 0.99])
      expect(Math.abs(histogram.percentile(share) - percentile(values, share))).toBeLessThanOrEqual(0.2)
  })

  it('keeps what is outside in its first and last bucket', () => {
    const histogram = new Histogram(1, 10)
    histogram.add(-5)
    expect(histogram.percentile(1)).toBe(1)
    histogram.add(1e9)
    expect(histogram.percentile(1)).toBe(10)
  })

  it('is empty before the first value and after clear', () => {
    const histogram = new Histogram(1, 10)
    expect(histogram.percentile(0.5)).toBeNaN()
    histogram.add(3)
    histogram.clear()
    expect(histogram.total).toBe(0)
    expect(histogram.percentile(0.5)).toBeNaN()
  })
})

describe('interleaved', () => {
  it('gives every variant its turn in each round, and each the first place as often', () => {
    const order = [...interleaved(['a', 'b', 'c'], 3)]
    expect(order).toEqual(['a', 'b', 'c', 'b', 'c', 'a', 'c', 'a', 'b'])
    expect(turned(['a', 'b', 'c'], 4)).toEqual(['b', 'c', 'a'])
  })
})
