import { createRequire } from 'node:module'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { jpegInfo } from './jpeg.ts'
import { PREVIEW, PreviewMaker } from './preview.ts'

const { createCanvas } = createRequire(import.meta.url)('@napi-rs/canvas') as typeof import('@napi-rs/canvas')
const picture = (width: number, height: number) => {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = 'teal'
  context.fillRect(0, 0, width, height)
  return canvas.encode('jpeg')
}

describe('a preview', () => {
  const maker = new PreviewMaker({ clock: systemClock, log: pino({ level: 'silent' }) })
  afterAll(() => maker.close())

  test.each([
    ['a wide picture', 640, 360],
    ['a phone on end', 360, 640],
    ['a tiny one', 16, 12],
    ['a large one', 4000, 3000],
  ])('of %s has the size that social networks take, and few bytes', async (_what, width, height) => {
    const made = await maker.make(await picture(width, height))
    expect(jpegInfo(made as Buffer)).toMatchObject({ ok: true, ...PREVIEW })
    expect(made?.length).toBeLessThan(300_000)
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no picture', Buffer.from('hello')],
    ['a picture that is cut short', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
  ])('of %s there is none, and the next one is made all the same', async (_what, bytes) => {
    expect(await maker.make(bytes)).toBeUndefined()
    expect(await maker.make(await picture(64, 36))).toBeDefined()
  })

  test('is made after the maker is closed no more, and what is under way is given up', async () => {
    const closing = new PreviewMaker({ clock: systemClock, log: pino({ level: 'silent' }) })
    const underWay = closing.make(await picture(64, 36))
    await closing.close()
    expect(await underWay).toBeUndefined()
    expect(await closing.make(await picture(64, 36))).toBeUndefined()
    await closing.close()
  })
})
