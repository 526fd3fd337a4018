import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { publishFrames, watchFrames } from './support/client.ts'
import { type RunningServer, startServer } from './support/server.ts'

/** Milliseconds in which the slow viewer reads nothing. */
const STUCK_MS = 60_000
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
    test.setTimeout(STUCK_MS + 60_000)
    const publisher = await publishFrames(server, 'cam', { bytes: 20_000, fps: 30 })
    const good = await watchFrames(server, 'cam')
    const slow = await watchFrames(server, 'cam')
    // Everybody is warm, and the garbage of the start is gone.
    await expect.poll(() => slow.frames.length).toBeGreaterThan(60)
    await pause(5000)
    slow.socket.pause()
    const before = memoryOf(server.pid)
    const seen = good.frames.length
    let most = before
    for (const end = performance.now() + STUCK_MS; performance.now() < end; await pause(1000)) most = Math.max(most, memoryOf(server.pid))
    const rate = ((good.frames.length - seen) * 1000) / STUCK_MS
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
