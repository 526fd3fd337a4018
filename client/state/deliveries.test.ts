import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../shared/model/webhook.ts'
import { renewed, type Shown, withChanged, withOlder } from './deliveries.ts'

const delivery = (id: number, change: Partial<Delivery> = {}) => ({ id: String(id), state: 'waiting', ...change }) as Delivery
/** The deliveries from one id down to another. */
const page = (from: number, to: number, next: string | null = `before ${to}`): Shown => ({
  deliveries: Array.from({ length: from - to + 1 }, (_, i) => delivery(from - i)),
  next,
})
const ids = ({ deliveries }: Shown) => deliveries.map(({ id }) => Number(id))

describe('a delivery log', () => {
  it('begins with a page, and goes on with the next', () => {
    const shown = withOlder(renewed(undefined, page(10, 8)), page(7, 6, null))
    expect([ids(shown), shown.next]).toEqual([[10, 9, 8, 7, 6], null])
  })

  it('keeps what is older when the newest come again', () => {
    const shown = renewed(withOlder(page(10, 8), page(7, 5)), page(12, 8, 'before 8'))
    expect([ids(shown), shown.next]).toEqual([[12, 11, 10, 9, 8, 7, 6, 5], 'before 5'])
    // They are as they are by now.
    expect(renewed(page(10, 9), { ...page(10, 10), deliveries: [delivery(10, { state: 'failed' })] }).deliveries[0]?.state).toBe('failed')
  })

  it('has no gap: where so much came that the new do not join what is shown, or nothing is older, the page stands alone', () => {
    expect(renewed(page(10, 5), page(40, 30))).toEqual(page(40, 30))
    expect(renewed(page(10, 5), page(11, 8, null))).toEqual(page(11, 8, null))
    expect(renewed(page(10, 5), page(11, 4))).toEqual(page(11, 4))
    expect(renewed(page(2, 1), { deliveries: [], next: null })).toEqual({ deliveries: [], next: null })
  })

  it('has one of them change', () => {
    expect(withChanged(page(3, 1), delivery(2, { state: 'delivered' })).deliveries.map(({ state }) => state)).toEqual([
      'waiting',
      'delivered',
      'waiting',
    ])
  })
})
