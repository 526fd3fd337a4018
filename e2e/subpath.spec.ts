import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '../server/testing/ports.ts'
import { closePages, expectMoving, useThisCamera } from './support/pages.ts'
import { PASSWORD, startServer } from './support/server.ts'

test('works whole under a path of another server', async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-subpath-'))
  const port = await freePort()
  const at = `http://127.0.0.1:${port}/my/cams`
  const inner = await startServer({ args: ['--public-url', at, '--trust-proxy', '127.0.0.1'] })
  // The proxy before it is one of ours: it takes the path away and passes WebSockets on.
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      mounts: [{ path: '/my/cams', to: inner.url.replace(/localhost|127\.0\.0\.1/, '127.0.0.1'), forwardCredentials: true }],
    }),
  )
  const front = await startServer({ args: ['--config', config, '--port', `${port}`] })
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const foreign: string[] = []
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && !url.pathname.startsWith('/my/cams')) foreign.push(request.url())
    })
    page.on('websocket', (socket) => {
      if (!new URL(socket.url()).pathname.startsWith('/my/cams/ws/')) foreign.push(socket.url())
    })
    await page.goto(`${at}/`)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const camera = await useThisCamera(page, 'Desk')
    await expectMoving(page, camera)
    await page.getByRole('link', { name: /Desk/ }).first().click()
    await expect(page).toHaveURL(`${at}/camera/${camera}`)
    await expectMoving(page, camera)
    const other = await context.newPage()
    await other.goto(`${at}/camera/${camera}`)
    await expectMoving(other, camera)
    // The offline page is this Porthole's alone; the one before it has pages of its own.
    expect(await other.evaluate(async () => (await navigator.serviceWorker.ready).scope)).toBe(`${at}/`)
    await page.goto(`${at}/docs`)
    await page.getByRole('link', { name: 'All cameras you may see.' }).click()
    await page.getByRole('button', { name: 'Execute' }).click()
    await expect(page.getByText('OK (200)')).toBeVisible()
    expect(foreign).toEqual([])
    // A proxy that leaves the path in is understood too.
    const kept = await fetch(`${inner.url}/my/cams/healthz`)
    expect(kept.status).toBe(200)
    expect((await fetch(`${inner.url}/my/camsx`)).status).toBe(404)
  } finally {
    await context.close()
    await closePages()
    await front.close()
    await inner.close()
    rmSync(folder, { recursive: true })
  }
})
