import { expect, test } from '@playwright/test'
import { browserPath, launch } from '../bench/browser.ts'
import { type Link, linkMissing, NEAR, openLink } from '../bench/link.ts'
import { closePages, expectMoving, openDashboard, useThisCamera } from './support/pages.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

test.describe('a phone in the same network', () => {
  const missing = linkMissing()
  test.skip(missing !== undefined, missing ?? '')
  let link: Link
  let server: RunningServer
  test.beforeAll(async () => {
    link = await openLink({ delay: 2, loss: 0 })
    server = await startServer({ host: NEAR })
  })
  test.afterAll(async () => {
    await closePages()
    await server?.close()
    await link?.close()
  })

  test('is led from http to https, goes past the warning, signs in, and its camera is seen', async ({ browser }) => {
    const phone = await launch(['--use-fake-ui-for-media-stream'], { prefix: link.wrapper(await browserPath()) })
    try {
      const context = await phone.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
      const page = await context.newPage()
      await page.goto(server.url).catch((error: Error) => expect(error.message).toContain('ERR_CERT_AUTHORITY_INVALID'))
      await page.getByRole('button', { name: 'Advanced' }).click()
      await page.getByRole('link', { name: /Proceed to/ }).click()
      await expect(page).toHaveURL(`${server.url.replace('http:', 'https:')}/`)
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      const camera = await useThisCamera(page, 'Phone')
      const viewer = await openDashboard(browser, server, `/camera/${camera}`)
      await expectMoving(viewer, camera)
      await expectMoving(page, camera)
    } finally {
      await phone.close()
    }
  })
})
