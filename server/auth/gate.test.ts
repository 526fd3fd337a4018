import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

/** Hashes that end when they are told to. */
function slow() {
  const gate = new Gate()
  const order: string[] = []
  const ends: (() => void)[] = []
  const run = (place: string) =>
    gate.run(() => {
      order.push(place)
      return new Promise<void>((resolve) => ends.push(resolve))
    }, place)
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const finish = async () => {
    for (let end = ends.shift(); end; end = ends.shift()) {
      end()
      await settle()
    }
  }
  return { run, order, ends, settle, finish }
}

test('two at once; then each place in turn', async () => {
  const { run, order, ends, settle, finish } = slow()
  const all = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map(run)
  await settle()
  expect([order, ends.length]).toEqual([['a', 'a'], 2])
  await finish()
  await Promise.all(all)
  expect(order.join('')).toBe('aaabcab')
})

test('when many wait, the newest of the place with most makes room; a place with most is refused', async () => {
  const { run, order, settle, finish } = slow()
  const ofMany = Array.from({ length: 66 }, () => run('many'))
  await settle()
  await expect(run('many')).rejects.toMatchObject({ code: 'server.limit' })
  const one = run('one')
  const ended = Promise.allSettled([...ofMany, one])
  await finish()
  const results = await ended
  expect(results.map(({ status }) => status).indexOf('rejected')).toBe(65)
  expect(results.at(-1)?.status).toBe('fulfilled')
  expect(order.indexOf('one')).toBe(3)
})

test('one that fails gives its place on', async () => {
  const gate = new Gate()
  const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => gate.run(async () => Promise.reject(new Error(`${i}`)))))
  expect(results).toHaveLength(10)
  expect(await gate.run(async () => 'free')).toBe('free')
})
