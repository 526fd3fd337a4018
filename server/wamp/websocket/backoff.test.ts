import { describe, expect, it } from 'vitest'
import { Backoff, type BackoffOptions } from './backoff.ts'

const take = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next())

describe('delays', () => {
  it('grow to their most, and begin anew after a reset', () => {
    const backoff = new Backoff({ initialDelayMs: 100, maxDelayMs: 1000, factor: 3, jitter: 0 })
    expect(take(backoff, 5)).toEqual([100, 300, 900, 1000, 1000])
    expect(backoff.retries).toBe(5)
    backoff.reset()
    expect(take(backoff, 2)).toEqual([100, 300])
  })

  it('end after as many retries as are allowed', () => {
    const backoff = new Backoff({ maxRetries: 2 })
    expect(take(backoff, 4).map((delay) => delay !== undefined)).toEqual([true, true, false, false])
    backoff.reset()
    expect(backoff.next()).toBeDefined()
    expect(new Backoff({ maxRetries: 0 }).next()).toBeUndefined()
  })

  it('are spread by chance, and stay under their most', () => {
    const at = (chance: number) => new Backoff({ initialDelayMs: 1000, maxDelayMs: 1100, jitter: 0.5 }, () => chance).next()
    expect([at(0), at(0.5), at(0.55), at(0.999)]).toEqual([500, 1000, 1050, 1100])
  })
})

it.each<BackoffOptions>([
  { initialDelayMs: -1 },
  { maxDelayMs: 1 },
  { factor: 0.5 },
  { jitter: 2 },
  { maxRetries: -1 },
  { factor: Number.NaN },
])('refuses %j by name', (options) => {
  expect(() => new Backoff(options)).toThrow(Object.keys(options)[0] as string)
})
