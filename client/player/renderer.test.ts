import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_WAITING, Renderer } from './renderer.ts'

const FRAME_MS = 33
let open: number
let drawn: number[]
let start: number
let renderer: Renderer
/** Milliseconds since the test began. */
const now = () => Date.now() - start

beforeEach(() => {
  vi.useFakeTimers()
  open = 0
  drawn = []
  start = Date.now()
  const canvas = { width: 0, height: 0, getContext: () => ({ drawImage: () => {} }) }
  renderer = new Renderer(
    canvas as unknown as OffscreenCanvas,
    () => now() * 1000,
    ({ time }) => drawn.push(time / 1000),
  )
})
afterEach(() => {
  vi.useRealTimers()
})

/** Shows pictures as they come, in time. */
function show(count: number): void {
  for (let i = 0; i < count; i++) {
    open++
    const image = { displayWidth: 4, displayHeight: 4, close: () => open-- }
    renderer.show({ image: image as unknown as VideoFrame, time: now() * 1000 })
    vi.advanceTimersByTime(FRAME_MS)
  }
}

test('draws at once without sound', () => {
  show(5)
  expect(drawn).toEqual([0, 1, 2, 3, 4].map((i) => i * FRAME_MS))
  expect(open).toBe(0)
})

test('draws in step with the sound', () => {
  renderer.delay = 100
  show(20)
  expect(drawn.length).toBeGreaterThanOrEqual(16)
  expect(drawn).toEqual(drawn.map((_, i) => i * FRAME_MS))
})

test('goes on behind sound that is later than pictures can wait', () => {
  renderer.delay = 800
  show(60)
  // Each of them, as late as there is room.
  expect(drawn).toEqual(Array.from({ length: 60 - MAX_WAITING }, (_, i) => i * FRAME_MS))
  expect(open).toBe(MAX_WAITING)
  renderer.close()
  expect(open).toBe(0)
})
