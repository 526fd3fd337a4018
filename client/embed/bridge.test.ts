import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bridge } from './bridge.ts'
import type { PortholeView } from './view.ts'

/** What the bridge needs of the element. */
class FakeView extends EventTarget {
  paused = false
  muted = true
  camera = ''
  status: object | undefined = { state: 'live', age: 20, name: 'Azalea', width: 640, height: 360 }
  picture: Blob | undefined = new Blob(['jpeg'])
  play() {
    this.paused = false
  }
  pause() {
    this.paused = true
  }
  async snapshot() {
    if (!this.picture) throw new Error('none')
    return this.picture
  }
  tell(type: string, detail: unknown) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

function setUp(origins: string[]) {
  const view = new FakeView()
  const heard: { message: Record<string, unknown>; to: string }[] = []
  const parent = { postMessage: (message: unknown, to: string) => heard.push({ message: message as Record<string, unknown>, to }) }
  let listener: (event: MessageEvent) => void = () => {}
  bridge(view as unknown as PortholeView, parent, origins, (on) => {
    listener = on
  })
  const say = (data: unknown, origin = 'https://blog.example', source: unknown = parent) =>
    listener({ data, origin, source } as MessageEvent)
  const types = () => heard.map(({ message }) => message.type)
  return { view, heard, say, types }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())
const hello = { porthole: 1, type: 'hello' }

test('nobody is told anything before they said hello', () => {
  const { view, heard, say } = setUp(['*'])
  view.tell('gap', { frames: 3 })
  vi.advanceTimersByTime(5000)
  say({ porthole: 1, type: 'snapshot', id: 1 })
  expect(heard).toEqual([])
})

test('who said hello is told what is shown, at their origin alone', () => {
  const { view, heard, say } = setUp(['https://blog.example'])
  say(hello)
  expect(heard).toEqual([
    { message: { porthole: 1, type: 'ready', name: 'Azalea' }, to: 'https://blog.example' },
    { message: { porthole: 1, type: 'state', state: 'live', age: 20, muted: true, width: 640, height: 360 }, to: 'https://blog.example' },
  ])
  view.tell('gap', { frames: 3 })
  view.status = { state: 'ended', name: 'Azalea', age: 20, width: 640, height: 360 }
  view.tell('error', { code: 'share.unknown', message: 'gone' })
  expect(heard.slice(2).map(({ message }) => message)).toEqual([
    { porthole: 1, type: 'gap', frames: 3 },
    { porthole: 1, type: 'error', code: 'share.unknown', message: 'gone' },
    { porthole: 1, type: 'state', state: 'ended', age: null, muted: true, width: 640, height: 360 },
  ])
})

test('the same is told once; the age every second', () => {
  const { view, types, say } = setUp(['*'])
  say(hello)
  vi.advanceTimersByTime(3000)
  expect(types()).toEqual(['ready', 'state'])
  view.status = { ...view.status, age: 25 }
  vi.advanceTimersByTime(1000)
  expect(types()).toEqual(['ready', 'state', 'state'])
})

test.each([
  ['another origin', hello, 'https://evil.example', undefined],
  ['another window', hello, 'https://blog.example', {}],
  ['no message of the protocol', { type: 'hello' }, 'https://blog.example', undefined],
  ['a field too many', { ...hello, more: 1 }, 'https://blog.example', undefined],
  ['a text', 'hello', 'https://blog.example', undefined],
  ['nothing', null, 'https://blog.example', undefined],
])('%s is not listened to', (_what, message, origin, source) => {
  const { heard, say } = setUp(['https://blog.example'])
  if (source) say(message, origin, source)
  else say(message, origin)
  vi.advanceTimersByTime(2000)
  expect(heard).toEqual([])
})

test('a page plays, pauses, mutes, chooses a camera, and gets pictures', async () => {
  const { view, heard, say, types } = setUp(['*'])
  say(hello)
  say({ porthole: 1, type: 'pause' })
  expect(view.paused).toBe(true)
  expect(heard.at(-1)?.message).toMatchObject({ state: 'paused', age: null })
  say({ porthole: 1, type: 'play' })
  say({ porthole: 1, type: 'muted', muted: false })
  say({ porthole: 1, type: 'camera', camera: 'shed' })
  expect(view).toMatchObject({ paused: false, muted: false, camera: 'shed' })
  say({ porthole: 1, type: 'snapshot', id: 4 })
  await vi.waitFor(() => expect(types()).toContain('snapshot'))
  expect(heard.at(-1)?.message).toMatchObject({ id: 4, blob: view.picture })
  view.picture = undefined
  say({ porthole: 1, type: 'snapshot', id: 5 })
  await vi.waitFor(() => expect(heard.at(-1)?.message).toEqual({ porthole: 1, type: 'snapshot', id: 5, error: true }))
})
