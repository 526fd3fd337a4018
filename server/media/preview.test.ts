import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { pino } from 'pino'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { FakeClock } from '../testing/clock.ts'
import { jpegInfo } from './jpeg.ts'
import type { PreviewJob } from './preview/messages.ts'
import { IDLE_MS, JOB_MS, PREVIEW, type PreviewChild, PreviewMaker } from './preview.ts'

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

describe('the child for previews', () => {
  class FakeChild extends EventEmitter {
    readonly jobs: PreviewJob[] = []
    killed = false
    send(job: PreviewJob) {
      this.jobs.push(job)
      return true
    }
    kill() {
      this.killed = true
      return true
    }
    answer() {
      const { id } = this.jobs.at(-1) as PreviewJob
      this.emit('message', { id, jpeg: new Uint8Array([id]) })
    }
  }
  const setUp = () => {
    const clock = new FakeClock()
    const children: FakeChild[] = []
    const start = () => {
      children.push(new FakeChild())
      return children.at(-1) as unknown as PreviewChild
    }
    return { clock, children, maker: new PreviewMaker({ clock, log: pino({ level: 'silent' }), start }) }
  }
  const picture = new Uint8Array([1])

  test('that cannot be started keeps nobody waiting, and is tried again', async () => {
    const { children, maker } = setUp()
    const made = maker.make(picture)
    children[0]?.emit('error', new Error('spawn ENOENT'))
    children[0]?.emit('error', new Error('again'))
    expect(await made).toBeUndefined()
    const next = maker.make(picture)
    children[1]?.answer()
    expect(await next).toEqual(Buffer.from([2]))
  })

  test('that is stuck is ended, with all that it was given', async () => {
    const { clock, children, maker } = setUp()
    const both = [maker.make(picture), maker.make(picture)]
    clock.advance(JOB_MS)
    expect(await Promise.all(both)).toEqual([undefined, undefined])
    expect(children[0]?.killed).toBe(true)
  })

  test('ends when it is idle; its late goodbye takes nothing from the next one', async () => {
    const { clock, children, maker } = setUp()
    const first = maker.make(picture)
    children[0]?.answer()
    await first
    clock.advance(IDLE_MS)
    expect(children[0]?.killed).toBe(true)
    const second = maker.make(picture)
    children[0]?.emit('exit', null)
    children[1]?.answer()
    expect(await second).toEqual(Buffer.from([2]))
    clock.advance(IDLE_MS)
    expect(children[1]?.killed).toBe(true)
  })

  test('whose drawing package is missing is not started again', async () => {
    const { children, maker } = setUp()
    const made = maker.make(picture)
    children[0]?.emit('exit', 3)
    expect(await made).toBeUndefined()
    expect(await maker.make(picture)).toBeUndefined()
    expect(children).toHaveLength(1)
  })

  test('is given a few jobs at once, and no more', async () => {
    const { children, maker } = setUp()
    for (let i = 0; i < 16; i++) void maker.make(picture)
    expect(await maker.make(picture)).toBeUndefined()
    expect(children[0]?.jobs).toHaveLength(16)
  })
})
