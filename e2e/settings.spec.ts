import { type Browser, expect, type Page, test } from '@playwright/test'
import { closePages, openDashboard } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

const PASSWORDS = ['a-password-of-ada', 'another-one-of-hers'] as const

let server: RunningServer
test.beforeEach(async () => {
  server = await startServer()
  await server.call('POST', '/cameras', { id: 'door', name: 'Front door', source: { kind: 'upload' } })
  await server.call('POST', '/cameras', { id: 'attic', name: 'Attic', source: { kind: 'upload' } })
})
test.afterEach(async () => {
  await closePages()
  await server.close()
})

/** Somebody else's browser, signed in by the page. */
async function signIn(browser: Browser, user: string, password: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(server.url)
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  return page
}
const status = async (path: string, key: string, method = 'GET') => {
  const response = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${key}` } })
  return response.status
}
const addUser = async (page: Page, name: string, role: string, password: string) => {
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Role').selectOption(role)
  await dialog.getByLabel('Password').fill(password)
  await dialog.getByRole('button', { name: 'Add user' }).click()
}

test('an owner lets somebody in, gives them a camera, takes it back, and shows them out; all of it stands in the activity', async ({
  browser,
}) => {
  const page = await openDashboard(browser, server, '/')
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Users' }).click()
  await addUser(page, 'ada', 'Viewer', PASSWORDS[0])
  await expect(page.getByText('ada may sign in now')).toBeVisible()

  // She sees what she was given, and that at once.
  const ada = await signIn(browser, 'ada', PASSWORDS[0])
  await expect(ada.getByText('No cameras yet')).toBeVisible()
  await page.goto('/camera/door')
  await page.getByRole('button', { name: 'Menu of Front door' }).click()
  await page.getByRole('menuitem', { name: 'Access and keys' }).click()
  await page.getByLabel('User').fill('nobody')
  await page.getByRole('button', { name: 'Give access' }).click()
  await expect(page.getByText('There is no such user')).toBeVisible()
  await page.getByLabel('User').fill('ada')
  await page.getByRole('button', { name: 'Give access' }).click()
  await expect(ada.locator('[data-camera="door"]')).toBeVisible()
  await expect(ada.locator('[data-camera="attic"]')).toHaveCount(0)
  await ada.goto(`${server.url}/camera/door`)
  await expect(ada.getByRole('heading', { name: 'Front door' })).toBeVisible()
  await expect(ada.getByRole('button', { name: 'Menu of Front door' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Take back from ada' }).click()
  await expect(ada.getByText('This was taken back')).toBeVisible()

  // A viewer has settings of her own, and nobody else's.
  await ada.goto(`${server.url}/settings/users`)
  await expect(ada).toHaveURL(`${server.url}/settings`)
  await expect(ada.getByRole('heading', { name: 'Keys for programs' })).toBeVisible()
  await expect(ada.getByRole('link', { name: 'Users' })).toHaveCount(0)
  await page.goto('/settings/users')
  await page.getByLabel('Role of ada').selectOption('Operator')
  await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
  await expect(page.getByText('ada is an operator now')).toBeVisible()
  await page.getByRole('button', { name: 'Set password of ada' }).click()
  await page.getByRole('dialog').getByLabel('Password').fill(PASSWORDS[1])
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('ada has a new password')).toBeVisible()
  await ada.goto(server.url)
  await expect(ada.getByRole('button', { name: 'Sign in' })).toBeVisible()

  const again = await signIn(browser, 'ada', PASSWORDS[1])
  await expect(again.getByRole('button', { name: 'Use this camera' }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Remove ada' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('ada was removed')).toBeVisible()
  await expect(again.getByRole('button', { name: 'Sign in' })).toBeVisible()

  await page.getByRole('link', { name: 'Activity' }).click()
  for (const deed of [
    'owner added user ada',
    'owner gave ada access to door',
    'owner took access to door back from ada',
    'owner made ada an operator',
    'owner removed user ada',
    'ada signed in',
  ])
    await expect(page.getByText(deed).first()).toBeVisible()
})

test('a session that nobody knows is signed out from another browser', async ({ browser }) => {
  const page = await openDashboard(browser, server, '/')
  const other = await openDashboard(browser, server, '/', { userAgent: 'Mozilla/5.0 (iPhone) Version/19 Mobile Safari/604' })
  await other.evaluate(() =>
    fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'owner', password: 'a-password-of-tests' }),
    }),
  )
  await other.reload()
  await expect(other.locator('[data-camera="door"]')).toBeVisible()
  await page.goto('/settings')
  await expect(page.getByText('This browser')).toBeVisible()
  await page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click()
  await expect(other.getByText('You were signed out')).toBeVisible()
  await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByText('Safari on iPhone')).toHaveCount(0)
})

test('keys are shown once, serve, get another secret, and end', async ({ browser }) => {
  const page = await openDashboard(browser, server, '/settings')
  const dialog = page.getByRole('dialog')
  const read = async () => {
    await expect(dialog.getByText('it is not shown again')).toBeVisible()
    const key = await dialog.getByLabel('Key').inputValue()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await expect(dialog).toHaveCount(0)
    return key
  }
  await page.getByRole('button', { name: 'New key', exact: true }).click()
  await dialog.getByLabel('What it is for').fill('Wall in the hall')
  await dialog.getByLabel('It may do').selectOption('No more than a viewer')
  await dialog.getByRole('button', { name: 'New key' }).click()
  const key = await read()
  expect(key).toMatch(/^ph_[0-9A-Za-z]{32}$/)
  expect([await status('/api/v1/cameras', key), await status('/api/v1/users', key)]).toEqual([200, 403])
  await page.reload()
  await expect(page.getByText('No more than a viewer')).toBeVisible()
  expect(await page.content()).not.toContain(key)

  await page.getByRole('button', { name: 'New secret for Wall in the hall' }).click()
  await dialog.getByRole('button', { name: 'New secret' }).click()
  const next = await read()
  expect([await status('/api/v1/cameras', key), await status('/api/v1/cameras', next)]).toEqual([401, 200])
  await page.getByRole('button', { name: 'Delete key Wall in the hall' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No keys yet')).toBeVisible()
  expect(await status('/api/v1/cameras', next)).toBe(401)

  await page.goto('/camera/door/access')
  await page.getByRole('button', { name: 'New key' }).click()
  await dialog.getByLabel('What it is for').fill('Camera at the door')
  await dialog.getByRole('button', { name: 'New key' }).click()
  const publish = await read()
  // Let in: the body that is missing comes after.
  expect([await status('/upload/door', publish, 'PUT'), await status('/upload/attic', publish, 'PUT')]).toEqual([400, 404])
})

test('a page that cannot be loaded leaves the rest as it is, and comes when the server is back', async ({ browser }) => {
  const page = await openDashboard(browser, server, '/')
  // Parts are fetched ahead: before that, it must not be there.
  await page.route('**/assets/settings-page-*', (route) => route.abort())
  await page.reload()
  await expect(page.locator('[data-camera="door"]')).toBeVisible()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await expect(page.getByText('This page could not be loaded')).toBeVisible()
  await page.unroute('**/assets/settings-page-*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Keys for programs' })).toBeVisible()
  // Where the keyboard was is not lost with a row.
  await server.call('POST', '/users', { name: 'a'.repeat(64), role: 'viewer', password: 'a-password-of-theirs' })
  await page.goto('/settings/users')
  await page.getByRole('button', { name: /^Remove a/ }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: /^Remove a/ })).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Users' })).toBeFocused()
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
})
