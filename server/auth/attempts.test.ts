import { expect, test } from 'vitest'
import { FakeClock } from '../testing/clock.ts'
import { Attempts } from './attempts.ts'

const refused = expect.objectContaining({ code: 'request.rate' })

test('an address that has to wait is pushed out by no names, and by no other address', () => {
  const clock = new FakeClock()
  const attempts = new Attempts(clock)
  for (let i = 0; i < 20; i++) attempts.begin(`user ${i % 7}`, '192.0.2.1')
  for (let i = 0; i < 30_000; i++) expect(() => attempts.begin(`name ${i} ${'x'.repeat(500)}`, '192.0.2.1')).toThrow(refused)
  attempts.begin('owner', '192.0.2.2')
  expect(() => attempts.begin('owner', '192.0.2.1')).toThrow(refused)
  clock.advance(60_001)
  expect(() => attempts.begin('owner', '192.0.2.1')).not.toThrow()
})

test('one network of IPv6 is one address', () => {
  const attempts = new Attempts(new FakeClock())
  for (let i = 0; i < 5; i++) attempts.begin('owner', `2001:db8:1:2::${i}`)
  expect(() => attempts.begin('owner', '2001:db8:1:2:ffff::1')).toThrow(refused)
  expect(() => attempts.begin('owner', '2001:db8:1:3::1')).not.toThrow()
})

test('what was right is not counted, and passes at once until too much was wrong', () => {
  const attempts = new Attempts(new FakeClock())
  for (let i = 0; i < 100; i++) attempts.begin('owner', '192.0.2.1')()
  for (let i = 0; i < 5; i++) attempts.begin('owner', '192.0.2.1')
  expect(attempts.mayRecall('owner', '192.0.2.1')).toBe(true)
  for (let i = 0; i < 50; i++) expect(() => attempts.begin('owner', '192.0.2.1')).toThrow(refused)
  expect(attempts.mayRecall('owner', '192.0.2.1')).toBe(false)
  expect(attempts.mayRecall('owner', '192.0.2.2')).toBe(true)
})
