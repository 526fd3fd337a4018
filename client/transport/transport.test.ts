import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ERRORS } from '../../shared/protocol/errors.ts'
import { micros } from '../../shared/units/time.ts'
import { ServerClock } from './clock.ts'
import { Rate } from './rate.ts'
import { connect, socketUrl } from './socket.ts'

class FakeWebSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static made: FakeWebSocket[] = []
  readyState = 0
  binaryType = ''
  bufferedAmount = 0
  sent: unknown[] = []
  onopen?: () => void
  onmessage?: (event: { data: unknown }) => void
  onclose?: (event: { code: number }) => void
  constructor(readonly url: string) {
    FakeWebSocket.made.push(this)
  }
  open() {
    this.readyState = 1
    this.onopen?.()
  }
  send(data: unknown) {
    this.sent.push(data)
  }
  close(code = 1006) {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeWebSocket.made = []
})
afterEach(() => vi.useRealTimers())

const last = () => FakeWebSocket.made.at(-1) as FakeWebSocket

function setUp(random = () => 0.5) {
  const downs: unknown[] = []
  const socket = connect({ url: 'ws://x/', WebSocket: FakeWebSocket as never, random, onDown: (close) => downs.push(close) })
  return { socket, downs }
}

describe('a socket that comes back', () => {
  test('tries again later and later, spread by chance, and soon again after a good connection', () => {
    const { downs } = setUp()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      last().close()
      const made = FakeWebSocket.made.length
      let wait = 0
      while (FakeWebSocket.made.length === made && wait < 20_000) {
        vi.advanceTimersByTime(10)
        wait += 10
      }
      waits.push(wait)
    }
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 4000, 4000])
    expect(downs).toHaveLength(7)
    last().open()
    vi.advanceTimersByTime(5000)
    last().close()
    vi.advanceTimersByTime(200)
    expect(FakeWebSocket.made).toHaveLength(9)
  })

  test('does not try again after an end that says it is of no use, until it is told to', () => {
    const { socket, downs } = setUp()
    last().open()
    last().close(ERRORS['camera.deleted'].close)
    vi.advanceTimersByTime(60_000)
    expect(FakeWebSocket.made).toHaveLength(1)
    expect(downs).toEqual([{ code: 'camera.deleted', retry: false }])
    socket.reconnect()
    expect(FakeWebSocket.made).toHaveLength(2)
  })

  test('tries again when the server closes', () => {
    const { downs } = setUp()
    last().open()
    last().close(1001)
    expect(downs).toEqual([{ code: 'server.closing', retry: true }])
    vi.advanceTimersByTime(1000)
    expect(FakeWebSocket.made).toHaveLength(2)
  })

  test('gives up an attempt that hangs', () => {
    setUp()
    vi.advanceTimersByTime(10_000)
    vi.advanceTimersByTime(1000)
    expect(FakeWebSocket.made.length).toBeGreaterThan(1)
  })

  test('is silent once it is closed, and sends nothing while it is down', () => {
    const { socket, downs } = setUp()
    socket.send('early')
    last().open()
    socket.send('now')
    expect(last().sent).toEqual(['now'])
    socket.close()
    socket.close()
    vi.advanceTimersByTime(60_000)
    expect(downs).toEqual([])
    expect(FakeWebSocket.made).toHaveLength(1)
  })

  test('speaks wss from https', () => {
    expect(socketUrl(new URL('https://cam.example/ws/events'))).toBe('wss://cam.example/ws/events')
    expect(socketUrl(new URL('http://localhost:8080/ws'))).toBe('ws://localhost:8080/ws')
  })
})

describe("the server's clock", () => {
  test('is that of the probe with the shortest round trip', () => {
    let local = 1_000_000
    const asked: number[] = []
    const clock = new ServerClock(
      (t0) => asked.push(t0),
      () => micros(local),
    )
    clock.start()
    vi.advanceTimersByTime(1000)
    expect(asked).toHaveLength(4)
    const answer = (t0: number, there: number, back: number) => {
      local = t0 + there + back
      clock.answered(t0, t0 + there + 5_000_000)
    }
    answer(1_000_000, 90_000, 10_000)
    expect(clock.offset).toBe(5_040_000)
    answer(2_000_000, 1000, 1000)
    answer(3_000_000, 10_000, 80_000)
    expect(clock.offset).toBe(5_000_000)
    expect(clock.now()).toBe(local + 5_000_000)
    clock.answered(local + 1, 0)
    expect(clock.offset, 'an answer before its question').toBe(5_000_000)
    clock.stop()
    vi.advanceTimersByTime(60_000)
    expect(asked).toHaveLength(4)
  })
})

test('a rate forgets what is older than two seconds', () => {
  const rate = new Rate()
  for (let now = 0; now < 4000; now += 100) rate.add(now, 1000)
  expect(rate.perSecond(3900)).toBe(10.5)
  expect(rate.kbps(3900)).toBe(84)
  expect(rate.perSecond(10_000)).toBe(0)
})
