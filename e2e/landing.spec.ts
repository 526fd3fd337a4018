import { expect, test } from '@playwright/test'
import { closePages, expectMoving, openDashboard } from './support/pages.ts'
import { startServer } from './support/server.ts'

test.afterEach(closePages)

test('a new owner comes to the first camera in two clicks, and learns of the other ways', async ({ browser }) => {
  const server = await startServer()
  try {
    const page = await openDashboard(browser, server)
    await expect(page.getByRole('heading', { name: 'No cameras yet' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'A phone' })).toContainText('npm start -- --lan')
    await expect(page.getByRole('region', { name: 'A demo' })).toContainText('npm start -- --demo')
    await expect(page.getByRole('region', { name: 'A device that uploads' })).toContainText(`${server.url}/upload/CAMERA`)

    await page.evaluate(() => {
      document.documentElement.dataset.clicks = '0'
      addEventListener('click', () => {
        document.documentElement.dataset.clicks = `${Number(document.documentElement.dataset.clicks) + 1}`
      })
    })
    await page.getByRole('button', { name: 'Use this camera' }).click()
    await page.getByRole('button', { name: 'Start camera' }).click()
    const id = (await page.locator('.tile[data-camera]').getAttribute('data-camera')) as string
    await expectMoving(page, id)
    await expect(page.locator('html')).toHaveAttribute('data-clicks', '2')
  } finally {
    await server.close()
  }
})

test('the camera of a device that uploads, and the demo, are a click each', async ({ browser }) => {
  const server = await startServer({ args: ['--demo', '--public-url', 'http://127.0.0.1:1', '--trust-proxy', '127.0.0.1'] })
  try {
    await server.call('DELETE', '/cameras/azalea')
    const page = await openDashboard(browser, server)
    await expect(page.getByRole('img', { name: 'QR code of http://127.0.0.1:1' })).toBeVisible()
    await page.getByRole('button', { name: 'Make its camera' }).click()
    await expect(page.getByRole('heading', { name: 'Access to Uploads' })).toBeVisible()
    await expect(page.getByText('/upload/uploads')).toBeVisible()
    await server.call('DELETE', '/cameras/uploads')
    await page.goto('/')
    await page.getByRole('button', { name: 'Show the demo' }).click()
    const id = (await page.locator('.tile[data-camera]').getAttribute('data-camera')) as string
    await expectMoving(page, id)
  } finally {
    await server.close()
  }
})

test('who has no password is led to one before the network; a viewer is told whom to ask', async ({ browser }) => {
  const server = await startServer({ password: null })
  const link = () => /http:\S+#signin=\S+/.exec(server.stdout)?.[0]
  try {
    await expect.poll(link).toBeDefined()
    const page = await browser.newPage()
    await page.goto(link() as string)
    await page.getByRole('button', { name: 'Set a password first' }).click()
    await page.getByLabel('New password').fill('long enough now')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('region', { name: 'A phone' })).toContainText('npm start -- --lan')
    await page.close()
  } finally {
    await server.close()
  }
  const other = await startServer()
  try {
    await other.call('POST', '/users', { name: 'ada', role: 'viewer', password: 'a-password-of-ada' })
    const page = await (await browser.newContext()).newPage()
    await page.goto(other.url)
    await page.getByLabel('User').fill('ada')
    await page.getByLabel('Password').fill('a-password-of-ada')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Nobody gave you a camera yet')).toBeVisible()
    await expect(page.getByRole('region', { name: 'A phone' })).toHaveCount(0)
    await page.context().close()
  } finally {
    await other.close()
  }
})
