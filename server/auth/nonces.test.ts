import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/clock.ts'
import { Nonces } from './nonces.ts'

const clock = new FakeClock()
const count = (nc: number) => ({ nc, cnonce: 'c' })

describe('a nonce', () => {
  test('serves each count once, late ones too', () => {
    const nonces = new Nonces(clock)
    const nonce = nonces.issue()
    for (const nc of [1, 2, 5, 4, 3, 70, 8]) expect(nonces.use(nonce, count(nc)), `${nc}`).toBe(true)
    for (const nc of [1, 2, 5, 70, 8, 6, 0]) expect(nonces.use(nonce, count(nc)), `${nc}`).toBe(false)
    expect(nonces.use(nonce, count(1000))).toBe(true)
    expect(nonces.use(nonce, count(999))).toBe(true)
    expect(nonces.use(nonce, count(1000))).toBe(false)
  })

  test('serves once without a count', () => {
    const nonces = new Nonces(clock)
    const nonce = nonces.issue()
    expect(nonces.use(nonce, undefined)).toBe(true)
    expect(nonces.use(nonce, undefined)).toBe(false)
    expect(nonces.use(nonces.issue(), undefined)).toBe(true)
  })

  test('is stale after five minutes, of another process, and when it was tampered with', () => {
    const nonces = new Nonces(clock)
    const nonce = nonces.issue()
    clock.advance(300_001)
    expect(nonces.use(nonce, count(1))).toBe(false)
    const other = new Nonces(clock).issue()
    expect(nonces.use(other, count(1))).toBe(false)
    const fresh = nonces.issue()
    for (const wrong of [
      '',
      'x',
      `${fresh}=`,
      fresh.slice(1),
      `A${fresh.slice(1)}`,
      fresh.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ])
      expect(nonces.use(wrong, count(1)), wrong).toBe(false)
    expect(nonces.use(fresh, count(1))).toBe(true)
  })

  test('that had to make room is not taken again', () => {
    const nonces = new Nonces(clock)
    const first = nonces.issue()
    expect(nonces.use(first, count(1))).toBe(true)
    clock.advance(1)
    for (let i = 0; i < 10_000; i++) expect(nonces.use(nonces.issue(), count(1))).toBe(true)
    expect(nonces.use(first, count(1))).toBe(false)
    expect(nonces.use(first, count(2))).toBe(false)
  })
})
