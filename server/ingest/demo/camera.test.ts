import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeAck } from '../../../shared/protocol/ack.ts'
import { decodeHeader } from '../../../shared/protocol/frame.ts'
import { DemoCamera } from './camera.ts'

/** With pictures alone the camera needs nothing but the clock, and that stands still here until it is told to move. */
describe('DemoCamera', () => {
  let sequences: number[] = []
  let failures: string[] = []
  let camera: DemoCamera

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    sequences = []
    failures = []
    camera = new DemoCamera(
      undefined,
      (message) => {
        if (typeof message === 'string') return
        const header = decodeHeader(message)
        if (header.ok) sequences.push(header.value.sequence)
      },
      (error) => failures.push(error.message),
    )
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const demand = (picture: boolean) => camera.receive(JSON.stringify({ type: 'demand', full: null, thumb: null, picture, audio: false }))
  const acknowledge = () => camera.receive(encodeAck({ sequence: sequences.at(-1) ?? 0, held: 0, age: 0, skipped: 0, late: 0 }))

  it('runs no timer while nothing is demanded', () => {
    expect(vi.getTimerCount()).toBe(0)
    demand(true)
    vi.advanceTimersByTime(450)
    expect(sequences).toEqual([0, 1, 2])
    demand(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps its rhythm while it is acknowledged', () => {
    demand(true)
    for (let round = 0; round < 20; round++) {
      vi.advanceTimersByTime(250)
      acknowledge()
    }
    expect(sequences).toHaveLength(1 + 5 * 5)
  })

  it('stops when an acknowledgement is half a second overdue, and goes on with it', () => {
    // Five pictures a second; the longest wait for an acknowledgement is two seconds.
    const fit = 13
    demand(true)
    vi.advanceTimersByTime(10_000)
    expect(sequences).toHaveLength(fit)
    acknowledge()
    vi.advanceTimersByTime(200)
    expect(sequences).toHaveLength(fit + 1)
    // Nobody waits for frames of an earlier demand.
    demand(false)
    demand(true)
    vi.advanceTimersByTime(10_000)
    expect(sequences).toHaveLength(fit + 1 + fit)
  })

  it('fails at what is neither message nor acknowledgement, and when it is refused', () => {
    camera.receive('{"type":"nonsense"}')
    camera.receive(new Uint8Array(3))
    camera.receive(JSON.stringify({ type: 'error', code: 'camera.gone', message: 'deleted' }))
    expect(failures).toHaveLength(3)
    expect(failures[0]).toMatch(/^message\.invalid/)
    expect(failures[1]).toMatch(/^frame\.truncated/)
  })
})
