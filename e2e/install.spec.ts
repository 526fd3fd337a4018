import { expect, type Page, test } from '@playwright/test'
import { closePages, openDashboard } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeEach(async () => {
  server = await startServer({ args: ['--demo'] })
})
test.afterEach(async () => {
  await closePages()
  await server.close()
})

/** Waits until the offline page is kept. */
const kept = (page: Page) => page.evaluate(async () => void (await navigator.serviceWorker.ready))

test('can be installed, and says so in the menu while the browser offers it', async ({ browser }) => {
  const page = await openDashboard(browser, server)
  const files = [
    'manifest.webmanifest',
    'sw.js',
    'offline.html',
    'icon-192.png',
    'icon-512.png',
    'icon-maskable-512.png',
    'apple-touch-icon.png',
  ]
  for (const file of files) {
    const answer = await page.request.get(`/${file}`)
    expect([file, answer.status(), answer.headers()['cache-control']]).toEqual([file, 200, 'no-cache'])
  }
  const asset = /assets\/[^"]+\.js/.exec(await (await page.request.get('/')).text())?.[0]
  expect((await page.request.get(`/${asset}`)).headers()['cache-control']).toBe('public, max-age=31536000, immutable')
  expect((await page.request.get('/assets/none.js')).headers()['cache-control']).toBe('no-store')
  const types = ['manifest.webmanifest', 'sw.js'].map(async (file) => (await page.request.get(`/${file}`)).headers()['content-type'])
  expect(await Promise.all(types)).toEqual([
    expect.stringMatching(/^application\/manifest\+json/),
    expect.stringMatching(/^application\/javascript/),
  ])
  const devtools = await page.context().newCDPSession(page)
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  // The tests' contexts are incognito ones, which install nothing.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([])
  expect((await devtools.send('Page.getAppManifest')).errors).toEqual([])

  const item = page.getByRole('menuitem', { name: 'Install Porthole' })
  await page.getByRole('button', { name: 'Account' }).click()
  await expect(page.getByRole('menuitem', { name: 'Settings' })).toBeVisible()
  await expect(item).toHaveCount(0)
  await page.evaluate(() => {
    const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      prompt: async () => {
        document.documentElement.dataset.prompted = 'yes'
      },
    })
    dispatchEvent(offer)
  })
  await item.click()
  await expect(page.locator('html')).toHaveAttribute('data-prompted', 'yes')
  await page.getByRole('button', { name: 'Account' }).click()
  await expect(item).toHaveCount(0)
})

test('has a page for when the server is away, which goes on when it is back; all else comes from the server', async ({ browser }) => {
  // Before there is a worker: what it finds is of a version before, and of another Porthole under a path of the same origin.
  const page = await openDashboard(browser, server, '/healthz')
  await page.evaluate(async () => {
    await caches.open(`porthole-offline ${location.origin}/ old`)
    await caches.open(`porthole-offline ${location.origin}/other/ old`)
  })
  await page.goto('/')
  await kept(page)
  const stored = () =>
    page.evaluate(async () => {
      const caching = (await caches.keys()).map(async (name) =>
        (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname),
      )
      return (await Promise.all(caching)).flat()
    })
  expect(await stored()).toEqual(['/offline.html'])

  // A page loaded under the worker's eyes: its pages pass by it, and nothing else does.
  const passed: string[] = []
  page.on('response', (response) => {
    if (response.fromServiceWorker()) passed.push(new URL(response.url()).pathname)
  })
  await page.goto('/camera/azalea')
  await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
  await page.evaluate(() => fetch('/live/azalea.jpg'))
  const other = await page.context().newPage()
  other.on('response', (response) => {
    if (response.fromServiceWorker()) passed.push(new URL(response.url()).pathname)
  })
  for (const path of ['/api/v1/session', '/live/azalea.jpg', '/metrics', '/settingsx']) await other.goto(path)
  expect(passed).toEqual(['/camera/azalea'])
  expect(await stored()).toEqual(['/offline.html'])
  const caching = await page.evaluate(() => caches.keys())
  expect(caching.filter((name) => name.endsWith(' old'))).toEqual([`porthole-offline ${server.url}/other/ old`])

  process.kill(server.pid)
  await expect
    .poll(() =>
      fetch(server.url).then(
        () => 'up',
        () => 'down',
      ),
    )
    .toBe('down')
  await page.goto('/camera/azalea')
  await expect(page.getByRole('heading', { name: 'Porthole is out of reach' })).toBeVisible()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Porthole is out of reach' })).toBeVisible()
  await expect(other.goto('/api/v1/session')).rejects.toThrow('ERR_CONNECTION_REFUSED')
  await page.goto('/camera/azalea')
  await server.restart()
  await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
  await expect(page).toHaveURL('/camera/azalea')
})
