import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FrameHeader } from '../../shared/protocol/frame.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import { FrameDecoder } from './decoder.ts'
import { Renderer } from './renderer.ts'

const FRAME_MS = 33

/** A decoder that gives its pictures when it is told to. */
class FakeDecoder {
  static last: FakeDecoder
  state = 'unconfigured'
  readonly #chunks: { timestamp: number }[] = []
  readonly #output: (frame: VideoFrame) => void

  constructor({ output }: VideoDecoderInit) {
    this.#output = output
    FakeDecoder.last = this
  }

  get decodeQueueSize(): number {
    return this.#chunks.length
  }

  configure(): void {
    this.state = 'configured'
  }

  decode(chunk: { timestamp: number }): void {
    this.#chunks.push(chunk)
  }

  giveAll(): void {
    for (const { timestamp } of this.#chunks.splice(0))
      this.#output({ timestamp, displayWidth: 64, displayHeight: 36, close: () => closed.push(timestamp) } as unknown as VideoFrame)
  }

  close(): void {
    this.state = 'closed'
  }
}

class FakeChunk {
  readonly timestamp: number

  constructor({ timestamp }: { timestamp: number }) {
    this.timestamp = timestamp
  }
}

let drawn: number[]
let done: number[]
let closed: number[]
let renderer: Renderer
let decoder: FrameDecoder

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  vi.stubGlobal('VideoDecoder', FakeDecoder)
  vi.stubGlobal('EncodedVideoChunk', FakeChunk)
  drawn = []
  done = []
  closed = []
  const canvas = { width: 0, height: 0, getContext: () => ({ drawImage: () => {} }) } as unknown as OffscreenCanvas
  renderer = new Renderer(
    canvas,
    () => 0,
    ({ time }) => drawn.push(time),
  )
  decoder = new FrameDecoder({
    done: (header, picture) => {
      done.push(header.time)
      if (picture) renderer.show(picture)
    },
    lost: () => {},
    unsupported: () => {},
  })
  decoder.configure({ type: 'config', kind: 'video', rendition: 'full', epoch: 1, codec: 'avc1.42e01f', width: 64, height: 36, layers: 1 })
})
afterEach(() => {
  decoder.close()
  renderer.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const arrive = (n: number) => {
  const header: FrameHeader = {
    kind: 'video',
    key: n === 0,
    layer: 0,
    rendition: 'full',
    epoch: 1,
    sequence: n,
    time: micros(n),
    duration: microsSpan(0),
    delay: microsSpan(0),
  }
  decoder.decode(header, new Uint8Array(1))
}

test('of frames that arrive at once only the newest is drawn, and all are done and closed', () => {
  for (const n of [0, 1, 2]) arrive(n)
  FakeDecoder.last.giveAll()
  expect(drawn).toEqual([2])
  expect(done).toEqual([0, 1, 2])
  expect(closed).toEqual([0, 1, 2])
})

test('a decoder that always holds a frame back shows every frame all the same', () => {
  for (const n of [0, 1, 2, 3]) {
    arrive(n)
    vi.advanceTimersByTime(FRAME_MS)
  }
  FakeDecoder.last.giveAll()
  expect(drawn).toEqual([0, 1, 2, 3])
})

test('pictures that wait for the sound are all kept for their time', () => {
  renderer.delay = 100
  for (const n of [0, 1]) arrive(n)
  FakeDecoder.last.giveAll()
  expect(closed).toEqual([])
  renderer.close()
  expect(closed).toEqual([0, 1])
})
