import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { closePages, openDashboard } from './support/pages.ts'
import { startServer } from './support/server.ts'
import { dashboardScripts, gzipKb, testEmbedSize } from './support/sizes.ts'

/** KB of JavaScript after gzip. */
const DASHBOARD_KB = 150
/** Milliseconds from which on parts are fetched ahead of their use (ui/app.tsx): no part of what a first look needs. */
const AHEAD_MS = 2500

test.afterEach(closePages)

test(`the dashboard's first scripts are at most ${DASHBOARD_KB} KB`, async ({ browser }, { annotations }) => {
  const named = dashboardScripts()
  const built = named.reduce((sum, file) => sum + gzipKb(file), 0)
  const server = await startServer({ args: ['--demo'] })
  try {
    const page = await openDashboard(browser, server)
    // However slow the machine is: what comes late does not come.
    await page.addInitScript((ahead) => {
      const { setTimeout } = globalThis
      globalThis.setTimeout = ((run: () => void, ms = 0) => (ms < ahead ? setTimeout(run, ms) : 0)) as typeof setTimeout
    }, AHEAD_MS)
    await page.reload()
    await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.endsWith('.js'))
        .map(({ name }) => new URL(name).pathname.slice(1)),
    )
    const bodies = await Promise.all(loaded.map(async (file) => (await page.request.get(`/${file}`)).body()))
    const seen = bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length / 1000, 0)
    annotations.push({ type: 'KB of JavaScript', description: `${built.toFixed(1)} named, ${seen.toFixed(1)} loaded` })
    // What the build names is what a browser loads: neither figure forgets a part.
    expect([...new Set(loaded)].sort()).toEqual(named)
    expect(built).toBeLessThanOrEqual(DASHBOARD_KB)
    expect(seen).toBeLessThanOrEqual(DASHBOARD_KB)
  } finally {
    await server.close()
  }
})

testEmbedSize()
