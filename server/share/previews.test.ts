import { expect, test } from 'vitest'
import { PortholeError } from '../base/errors.ts'
import { FakeClock } from '../testing/clock.ts'
import { FRESH_MS, Previews } from './previews.ts'

function setUp(resize: (jpeg: Uint8Array) => Promise<Buffer | undefined> = async (jpeg) => Buffer.from(`small ${Buffer.from(jpeg)}`)) {
  const clock = new FakeClock()
  const taken: string[] = []
  const previews = new Previews({
    clock,
    snapshot: async (camera) => {
      taken.push(camera)
      if (camera === 'off') throw new PortholeError('camera.offline')
      return { payload: Buffer.from(`${camera} ${taken.length}`), time: clock.now() }
    },
    resize,
  })
  return { clock, taken, previews }
}

test('many who ask at once, and for some seconds after, get the same preview; then a new one is made', async () => {
  const { clock, taken, previews } = setUp()
  const all = await Promise.all(Array.from({ length: 50 }, () => previews.of('door')))
  expect(new Set(all.map(({ jpeg }) => String(jpeg)))).toEqual(new Set(['small door 1']))
  clock.advance(FRESH_MS - 1)
  await previews.of('door')
  expect(taken).toEqual(['door'])
  clock.advance(1)
  expect(String((await previews.of('door')).jpeg)).toBe('small door 2')
})

test('where no preview can be made the picture itself has to do', async () => {
  const { previews } = setUp(async () => undefined)
  expect(String((await previews.of('door')).jpeg)).toBe('door 1')
})

test('a camera that is off is not asked for each who looks, and is asked again after', async () => {
  const { clock, taken, previews } = setUp()
  for (let i = 0; i < 3; i++) await expect(previews.of('off')).rejects.toMatchObject({ code: 'camera.offline' })
  clock.advance(FRESH_MS)
  await expect(previews.of('off')).rejects.toMatchObject({ code: 'camera.offline' })
  expect(taken).toEqual(['off', 'off'])
})

test('of many cameras as many are kept as there is room for; room comes with time', async () => {
  const { clock, previews } = setUp()
  for (let i = 0; i < 64; i++) await previews.of(`camera-${i}`)
  await expect(previews.of('one-more')).rejects.toMatchObject({ code: 'server.limit' })
  clock.advance(FRESH_MS)
  await previews.of('one-more')
})
