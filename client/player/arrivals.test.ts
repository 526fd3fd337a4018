import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FrameHeader } from '../../shared/protocol/frame.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import { Arrivals } from './arrivals.ts'
import type { Picture } from './renderer.ts'

const header = (sequence: number): FrameHeader => ({
  kind: 'video',
  key: false,
  layer: 0,
  rendition: 'full',
  epoch: 1,
  sequence,
  time: micros(sequence),
  duration: microsSpan(0),
  delay: microsSpan(0),
})

test('whatever the order of settling, frames are handed on in the order of arrival, each once, none left', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 }), fc.integer({ min: 0, max: 20 }), (order, settled) => {
      const done: number[] = []
      const arrivals = new Arrivals(({ sequence }) => done.push(sequence))
      const headers = Array.from({ length: 20 }, (_, i) => header(i))
      for (const one of headers) arrivals.add(one)
      for (const i of order.slice(0, settled)) {
        arrivals.settle(headers[i] as FrameHeader)
        arrivals.settle(headers[i] as FrameHeader)
      }
      const first = headers.findIndex((_, i) => !order.slice(0, settled).includes(i))
      expect(done).toEqual([...Array(first === -1 ? 20 : first).keys()])
      arrivals.clear()
      expect(done).toEqual([...Array(20).keys()])
    }),
  )
})

test('a picture that comes for a frame that was given up is closed', () => {
  const shown: unknown[] = []
  const arrivals = new Arrivals((_header, picture) => shown.push(picture))
  let closed = 0
  const picture = { image: { close: () => closed++ }, time: 0 } as unknown as Picture
  const one = header(1)
  arrivals.add(one)
  arrivals.clear()
  arrivals.settle(one, picture)
  expect(closed).toBe(1)
  expect(shown).toEqual([undefined])
})
