import { expect, type Page, test } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { closePages, openDashboard, openStranger } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeAll(async () => {
  server = await startServer()
  await server.call('POST', '/cameras', { id: 'gate', name: 'Gate', source: { kind: 'upload' } })
})
test.afterEach(closePages)
test.afterAll(() => server.close())

/** What goes wrong, or elsewhere, from now on. */
function watch(page: Page): string[] {
  const found: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== server.url) found.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') found.push(message.text())
  })
  return found
}

test('whoever is signed in finds an operation, reads it and tries it, all from this server', async ({ browser }) => {
  const dashboard = await openDashboard(browser, server)
  await dashboard.getByRole('button', { name: 'Account' }).click()
  const opened = dashboard.context().waitForEvent('page')
  await dashboard.getByRole('menuitem', { name: 'API reference' }).click()
  await expect(await opened).toHaveURL(/\/docs/)
  await closePages()

  const page = await openDashboard(browser, server, '/healthz')
  const wrong = watch(page)
  await page.goto('/docs')
  await expect(page.getByRole('heading', { name: 'Signing in' })).toBeVisible()
  const filter = page.getByRole('textbox', { name: 'Filter' })
  await filter.fill('make a camera')
  await expect(page.getByRole('link', { name: 'All cameras you may see.' })).toHaveCount(0)
  await page.getByRole('link', { name: 'Make a camera server.' }).click()
  await expect(page.getByRole('heading', { name: 'Make a camera server.' })).toBeVisible()
  await expect(page.getByText('CameraSource').first()).toBeVisible()
  await expect(page.getByText('"kind": "browser"').first()).toBeVisible()

  // An operation has an address; the way back leads to it.
  await expect(page).toHaveURL(/\/docs#.*post-\/api\/v1\/cameras$/)
  await filter.fill('camera.list')
  await page.getByRole('link', { name: 'All cameras you may see.' }).click()
  await page.getByRole('button', { name: 'Execute' }).click()
  await expect(page.getByText('OK (200)')).toBeVisible()
  await expect(page.getByText('"gate"', { exact: true })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Make a camera server.' })).toBeVisible()

  await page.goto('/docs#?route=post-camera.created')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'A camera was made, or brought back.' })).toBeVisible()
  expect(wrong).toEqual([])
})

test('says who may read it, and when the server is away', async ({ browser }) => {
  const page = await openStranger(browser, server, '/healthz')
  const refusal = page.waitForResponse('**/openapi.json')
  await page.goto('/docs/')
  await expect(page.getByRole('heading', { name: 'Sign in to read the reference' })).toBeVisible()
  // No browser lays a dialogue over the page.
  expect(await (await refusal).headerValue('www-authenticate')).toBeNull()
  await expectAccessible(page, 'the reference, to strangers')
  await page.getByRole('link', { name: 'Go to the dashboard' }).click()
  await expect(page).toHaveURL(`${server.url}/`)

  const reader = await openDashboard(browser, server, '/healthz')
  await reader.route('**/openapi.json', (route) => route.abort())
  await reader.goto('/docs')
  await expect(reader.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await reader.unroute('**/openapi.json')
  await reader.getByRole('button', { name: 'Try again' }).click()
  await expect(reader.getByRole('heading', { name: 'Signing in' })).toBeVisible()
})

for (const [look, viewport] of Object.entries({ large: { width: 1280, height: 800 }, small: { width: 390, height: 844 } }))
  test(`the reference is accessible, ${look}`, async ({ browser }) => {
    const page = await openDashboard(browser, server, '/docs#?route=get-/api/v1/cameras', { viewport, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Execute' }).click()
    await expect(page.getByText('OK (200)')).toBeVisible()
    await expectAccessible(page, 'an operation that was tried')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    // A small page has all on one.
    if (look === 'small') return
    await page.getByRole('link', { name: 'Porthole' }).last().click()
    await expectAccessible(page, 'the overview')
  })
