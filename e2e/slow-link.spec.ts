import { expect, test } from '@playwright/test'
import { browserPath, buildPage, launch, openContext, openPage } from '../bench/browser.ts'
import { type Link, linkMissing, openLink } from '../bench/link.ts'
import type { Bench, Sample } from '../bench/page/main.ts'
import { type RunningServer, startServer } from './support/server.ts'

declare const bench: Bench

/** Kilobits a second of the short link, and of the link when it recovered. */
const SHORT_KBIT = 400
const LONG_KBIT = 20_000
const MEASURE_MS = 60_000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const quantile = (values: number[], q: number) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] as number

test.describe('a viewer behind a short link', () => {
  const missing = linkMissing()
  test.skip(missing !== undefined, missing ?? '')
  let link: Link
  let server: RunningServer
  test.beforeAll(async () => {
    test.setTimeout(60_000)
    await buildPage()
    link = await openLink({ delay: 20, loss: 0, rate: LONG_KBIT, queue: 300 })
    server = await startServer({ host: '10.78.0.1' })
    await server.call('POST', '/cameras', { id: 'bench', name: 'Bench', source: { kind: 'browser' } })
  })
  test.afterAll(async () => {
    await server?.close()
    await link?.close()
  })

  test('sees fresh frames for a minute, and the full picture soon after the link recovered', async () => {
    test.setTimeout(MEASURE_MS + 90_000)
    const trust = [`--unsafely-treat-insecure-origin-as-secure=${server.url}`]
    const near = await launch(trust)
    const far = await launch(trust, { prefix: link.wrapper(await browserPath()) })
    try {
      const publisher = await openPage(await openContext(near, server), server)
      const viewer = await openPage(await openContext(far, server), server)
      await publisher.evaluate(() => bench.publish('bench', 110))
      await viewer.evaluate(() => bench.view('bench'))
      const status = () => viewer.evaluate(() => bench.status as { state: string; width: number; kbps: number; gaps: number })
      await expect
        .poll(async () => (await status())?.kbps, { timeout: 20_000, message: 'a stream of 0.7 Mbit/s or more' })
        .toBeGreaterThan(700)
      const samples = (since: number) => viewer.evaluate((from) => bench.samples.filter(({ at }) => at >= from), since)

      await link.setRate(SHORT_KBIT)
      const since = performance.timeOrigin + performance.now()
      await pause(MEASURE_MS)
      const seen: Sample[] = await samples(since)
      const ages = seen.map(({ age }) => age)
      const [p50, p95, fps] = [quantile(ages, 0.5), quantile(ages, 0.95), (seen.length * 1000) / MEASURE_MS]
      console.log(`    age p50 ${p50} ms, p95 ${p95} ms, ${fps.toFixed(1)} frames/s, ${(await status()).gaps} frames left out`)
      expect(p95).toBeLessThanOrEqual(400)
      expect(fps).toBeGreaterThanOrEqual(10)
      expect((await status()).gaps).toBeGreaterThan(0)

      await link.setRate(LONG_KBIT)
      const recovered = performance.now()
      await expect.poll(async () => (await status()).width, { timeout: 10_000, intervals: [100] }).toBe(640)
      await expect
        .poll(async () => (await status()).state, { timeout: 10_000 - (performance.now() - recovered), intervals: [100] })
        .toBe('live')
      console.log(`    the full picture was back after ${((performance.now() - recovered) / 1000).toFixed(1)} s`)
    } finally {
      await near.close()
      await far.close()
    }
  })
})
