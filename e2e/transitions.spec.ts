import { expect, type Page, test } from '@playwright/test'
import { closePages, expectMoving, openDashboard } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeAll(async () => {
  server = await startServer({ args: ['--demo'] })
  await server.call('POST', '/cameras', { id: 'one', name: 'One', source: { kind: 'browser' } })
})
test.afterEach(closePages)
test.afterAll(() => server.close())

/** Counts the page's view transitions from now on. */
const count = (page: Page) =>
  page.evaluate(() => {
    const start = document.startViewTransition.bind(document)
    document.documentElement.dataset.shows = '0'
    document.startViewTransition = (update) => {
      document.documentElement.dataset.shows = `${Number(document.documentElement.dataset.shows) + 1}`
      return start(update)
    }
  })
const shows = (page: Page) => page.locator('html').getAttribute('data-shows')

test('the picture grows from the wall into its page and back, and focus and history are as without', async ({ browser }) => {
  const page = await openDashboard(browser, server)
  await expectMoving(page, 'azalea')
  await count(page)
  await page.getByRole('link', { name: /Azalea/ }).click()
  await expect(page).toHaveURL('/camera/azalea')
  await expectMoving(page, 'azalea')
  expect(await shows(page)).toBe('1')
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL('/')
  await expect(page.getByRole('link', { name: /Azalea/ })).toBeFocused()
  await expectMoving(page, 'azalea')
  expect(await shows(page)).toBe('2')
  await expect(page.locator('[style*="view-transition-name"]')).toHaveCount(0)

  // The browser's own buttons show nothing of ours and go at once.
  await page.goBack()
  await expectMoving(page, 'azalea')
  await page.goForward()
  await expect(page.getByRole('link', { name: /Azalea/ })).toBeFocused()
  await page.getByRole('link', { name: /Azalea/ }).dblclick()
  await expect(page).toHaveURL('/camera/azalea')
  await page.goBack()
  await expect(page).toHaveURL('/')
  expect(await shows(page)).toBe('3')
  // One player a picture, whatever was begun ahead.
  await expectMoving(page, 'azalea')
  await expect
    .poll(async () => ((await server.call('GET', '/cameras/azalea/status')) as { viewers: number }).viewers, { message: 'viewers' })
    .toBe(1)
})

test('who wants no motion sees none', async ({ browser }) => {
  const page = await openDashboard(browser, server, '/', { reducedMotion: 'reduce' })
  await count(page)
  await page.getByRole('link', { name: /Azalea/ }).click()
  await expectMoving(page, 'azalea')
  await page.keyboard.press('Escape')
  await expectMoving(page, 'azalea')
  expect(await shows(page)).toBe('0')
  const moving = () => document.getAnimations().filter(({ playState }) => playState === 'running').length
  expect(await page.evaluate(moving)).toBe(0)
})
