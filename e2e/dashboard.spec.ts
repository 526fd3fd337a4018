import { expect, test } from '@playwright/test'
import { closePages, expectMoving, factOf, lookAt, openDashboard } from './support/pages.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

test.afterEach(closePages)

test.describe('signing in', () => {
  let server: RunningServer
  test.beforeAll(async () => {
    server = await startServer()
  })
  test.afterAll(() => server.close())

  test('takes the password, refuses a wrong one, and forgets at sign-out', async ({ page }) => {
    await page.goto(server.url)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Wrong user or password')).toBeVisible()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await expect(page.getByText('No cameras yet')).toBeVisible()
    await page.reload()
    await expect(page.getByText('No cameras yet')).toBeVisible()
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await page.goto(`${server.url}/camera/anything`)
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  })
})

test('the sign-in link of a first start works once and leaves no secret behind; then a password can be set', async ({ page, browser }) => {
  const server = await startServer({ password: null })
  try {
    const printed = () => /http:\S+#signin=\S+/.exec(server.stdout)?.[0]
    await expect.poll(printed).toBeDefined()
    const link = printed() as string
    await page.goto(link)
    await expect(page.getByText('No cameras yet')).toBeVisible()
    expect(page.url()).not.toContain('signin')
    const other = await browser.newPage()
    await other.goto(link)
    await expect(other.getByText('This sign-in link does not work any more')).toBeVisible()
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Set password' }).click()
    await page.getByLabel('New password').fill('long enough now')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Password set')).toBeVisible()
    await other.getByLabel('Password').fill('long enough now')
    await other.getByRole('button', { name: 'Sign in' }).click()
    await expect(other.getByText('No cameras yet')).toBeVisible()
  } finally {
    await server.close()
  }
})

test.describe('the wall', () => {
  let server: RunningServer
  test.beforeEach(async () => {
    server = await startServer()
  })
  test.afterEach(() => server.close())
  const make = (id: string, name: string) => server.call('POST', '/cameras', { id, name, source: { kind: 'browser' } })

  test('shows names as they are, whatever they hold', async ({ browser }) => {
    const name = '<img src=x onerror="document.title=1"> & co'
    await make('odd', name)
    const page = await openDashboard(browser, server)
    await expect(page.locator('[data-camera="odd"]')).toContainText(name)
    expect(await page.title()).toBe('Porthole')
  })

  test('follows what happens elsewhere', async ({ browser }) => {
    const page = await openDashboard(browser, server)
    await expect(page.getByText('No cameras yet')).toBeVisible()
    await make('one', 'One')
    await expect(page.locator('[data-camera="one"]')).toContainText('One')
    await server.call('PATCH', '/cameras/one', { name: 'Uno' })
    await expect(page.locator('[data-camera="one"]')).toContainText('Uno')
    await server.call('DELETE', '/cameras/one')
    await expect(page.locator('[data-camera="one"]')).toHaveCount(0)
    await server.restart()
    await make('two', 'Two')
    await expect(page.locator('[data-camera="two"]')).toBeVisible({ timeout: 15_000 })
  })

  test('renames and deletes with undo', async ({ browser }) => {
    await make('one', 'One')
    const page = await openDashboard(browser, server)
    await page.getByRole('button', { name: 'Menu of One' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Garden')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.locator('[data-camera="one"]')).toContainText('Garden')
    await page.getByRole('button', { name: 'Menu of Garden' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await expect(page.locator('[data-camera="one"]')).toHaveCount(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(page.locator('[data-camera="one"]')).toContainText('Garden')
  })

  test('is walked by keyboard', async ({ browser }) => {
    for (const id of ['one', 'two', 'three', 'four']) await make(id, id)
    const page = await openDashboard(browser, server)
    await expect(page.locator('[data-camera]')).toHaveCount(4)
    await page.locator('[data-camera="one"] a').focus()
    await page.keyboard.press('ArrowRight')
    await expect(page.locator('[data-camera="two"] a')).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/camera\/two$/)
    await page.keyboard.press('Escape')
    await expect(page).toHaveURL(/\/$/)
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.keyboard.press('n')
    await expect(page.getByRole('dialog', { name: 'Use this camera' })).toBeVisible()
  })
})

test('the demo camera is seen live, large and small, and rests when nobody looks', async ({ browser }) => {
  const server = await startServer({ args: ['--demo'] })
  try {
    const page = await openDashboard(browser, server)
    await expectMoving(page, 'azalea')
    await page.getByRole('link', { name: /Azalea/ }).click()
    await expectMoving(page, 'azalea')
    await expect.poll(async () => (await lookAt(page, 'azalea'))?.width, { timeout: 20_000 }).toBe(640)
    await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live')
    await expect.poll(() => factOf(page, 'fps'), { message: 'the demo holds its frame rate', timeout: 20_000 }).toBeGreaterThan(13)
    const picture = await page.request.get('/live/azalea.jpg')
    expect(picture.headers()['content-type']).toBe('image/jpeg')
    expect((await picture.body()).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8))
  } finally {
    await server.close()
  }
})
