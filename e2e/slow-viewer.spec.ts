import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { publishFrames, watchFrames } from './support/client.ts'
import { type RunningServer, startServer } from './support/server.ts'

/** Milliseconds in which the slow viewer reads nothing. */
const STUCK_MS = 60_000
/** Milliseconds before, in which both read. */
const WARM_MS = 20_000
const MIB = 1024 * 1024

/** Bytes of memory of a process that are in use (proc(5), VmRSS). */
const memoryOf = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.describe('a viewer that does not read', () => {
  test.skip(process.platform !== 'linux', 'memory is read from /proc')
  let server: RunningServer
  test.beforeAll(async () => {
    server = await startServer()
    await server.call('POST', '/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  })
  test.afterAll(() => server.close())

  test('costs no memory and no frame of anybody else, is told its gaps and resumes at a key frame', async () => {
    test.setTimeout(WARM_MS + STUCK_MS + 60_000)
    const publisher = await publishFrames(server, 'cam', { bytes: 20_000, fps: 30 })
    const good = await watchFrames(server, 'cam')
    const slow = await watchFrames(server, 'cam')
    // Everybody is warm, and the garbage of the start is gone.
    await expect.poll(() => slow.frames.length).toBeGreaterThan(60)
    await pause(5000)
    // Frames that were sent are garbage until they are collected: the memory goes up and down by itself. Peak is held against peak.
    const peakOver = async (ms: number) => {
      let peak = 0
      for (const end = performance.now() + ms; performance.now() < end; await pause(500)) peak = Math.max(peak, memoryOf(server.pid))
      return peak
    }
    const before = await peakOver(WARM_MS)
    slow.socket.pause()
    const seen = good.frames.length
    const since = performance.now()
    const most = await peakOver(STUCK_MS)
    const rate = ((good.frames.length - seen) * 1000) / (performance.now() - since)
    const stuck = slow.frames.length
    slow.socket.resume()
    await expect.poll(() => slow.frames.slice(stuck).filter(({ key }) => key).length, { timeout: 10_000 }).toBeGreaterThan(0)
    await expect.poll(() => slow.messages.filter(({ type, kind }) => type === 'gap' && kind === 'key').length).toBeGreaterThan(0)
    test.info().annotations.push({
      type: 'measured',
      description: `${((most - before) / MIB).toFixed(1)} MiB more, ${rate.toFixed(1)} frames/s beside it`,
    })
    console.log(`    ${((most - before) / MIB).toFixed(1)} MiB more in ${STUCK_MS / 1000} s, ${rate.toFixed(1)} frames/s beside it`)
    expect(most - before).toBeLessThan(16 * MIB)
    expect(rate).toBeGreaterThan(27)
    // What was in the kernel's buffers comes first; then nothing older than the key frame that it resumes at.
    const resumed = slow.frames.slice(stuck)
    const key = resumed.findIndex((frame, i) => frame.key && i > 0 && frame.sequence - (resumed[i - 1]?.sequence ?? 0) > 100)
    expect(key).toBeGreaterThan(-1)
    const gaps = slow.messages.filter(({ type }) => type === 'gap').reduce((sum, gap) => sum + (gap.frames as number), 0)
    expect(gaps).toBeGreaterThan(1500)
    for (const part of [publisher, good, slow]) part.close()
  })
})
