import { type Browser, type BrowserContextOptions, expect, type Page, test } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { closePages, openDashboard, useThisCamera } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

const LOOKS: Record<string, BrowserContextOptions> = {
  large: { viewport: { width: 1280, height: 800 } },
  small: { viewport: { width: 390, height: 844 }, hasTouch: true },
}

let server: RunningServer
test.beforeEach(async () => {
  server = await startServer({ args: ['--demo'], config: { webhooks: { allow: ['127.0.0.1'] } } })
})
test.afterEach(async () => {
  await closePages()
  await server.close()
})
/** Nobody listens there. */
const NOBODY = 'http://127.0.0.1:9/'
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

for (const [look, options] of Object.entries(LOOKS)) {
  const open = (browser: Browser, path = '/') => openDashboard(browser, server, path, { reducedMotion: 'reduce', ...options })

  test(`pages are accessible, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000)
    await server.call('POST', '/cameras', { id: 'attic', name: 'Attic', source: { kind: 'browser' } })
    await server.call('POST', '/cameras', { id: 'gate', name: 'Gate', source: { kind: 'upload' } })
    const page = await open(browser)
    await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expectAccessible(page, 'the wall')
    await page.goto('/camera/azalea')
    await expect(page.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expect(page.locator('[data-fact="fps"]')).toBeVisible()
    await expectAccessible(page, 'a live camera')
    await page.goto('/camera/attic')
    await expect(page.getByText('Offline since').last()).toBeVisible()
    await expectAccessible(page, 'a camera that is offline')
    await server.call('DELETE', '/cameras/attic')
    await expect(page.getByText('This camera was deleted')).toBeVisible()
    await expectAccessible(page, 'a camera that was deleted')
    await server.call('POST', '/users', { name: 'ada', role: 'viewer', password: 'a-password-of-ada' })
    await server.call('POST', '/keys', { name: 'Backup script' })
    await server.call('PUT', '/cameras/gate/grants/ada')
    const { id: webhook } = (await server.call('POST', '/webhooks', { url: NOBODY })) as { id: string }
    await server.call('POST', `/webhooks/${webhook}/test`, {})
    for (const [path, text] of [
      ['/settings', 'Backup script'],
      ['/settings/users', 'ada'],
      ['/settings/activity', 'signed in'],
      ['/settings/webhooks', 'Failing since'],
      [`/settings/webhooks/${webhook}`, 'failed:'],
      ['/camera/gate/access', 'ada'],
      ['/nowhere', 'There is nothing here'],
    ] as const) {
      await page.goto(path === '/nowhere' ? '/settings/nowhere' : path)
      await expect(page.getByText(text).first()).toBeVisible()
      await expectAccessible(page, path)
    }
    await page.goto('/trust')
    await expectAccessible(page, '/trust')
    await page.goto('/offline.html')
    await expectAccessible(page, 'the offline page')
  })

  test(`signing in and the empty wall are accessible, ${look}`, async ({ browser }) => {
    const page = await open(browser)
    await server.call('DELETE', '/cameras/azalea')
    await expect(page.getByText('No cameras yet')).toBeVisible()
    await expect(page.getByRole('region', { name: 'A phone' })).toContainText('--lan')
    await expectAccessible(page, 'the empty wall')
    await page.context().clearCookies()
    await page.reload()
    await page.getByLabel('Password').fill('not the password')
    await button(page, 'Sign in').click()
    await expect(page.getByText('Wrong user or password')).toBeVisible()
    await expectAccessible(page, 'signing in')
  })

  test(`menus, dialogs, notices and what publishes are accessible, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000)
    await server.call('POST', '/cameras', { id: 'gate', name: 'Gate', source: { kind: 'upload' } })
    await server.call('POST', '/users', { name: 'ada', role: 'viewer', password: 'a-password-of-ada' })
    await server.call('POST', '/keys', { name: 'Backup script' })
    const page = await open(browser)
    const dialog = page.getByRole('dialog')
    const expectDialog = async (what: string) => {
      await expect(dialog).toBeVisible()
      await expectAccessible(page, what)
      await page.keyboard.press('Escape')
      await expect(dialog).toHaveCount(0)
    }
    const menu = async (name: string, item?: string) => {
      await button(page, name).click()
      if (item === undefined) return expect(page.getByRole('menu')).toBeVisible()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await menu('Account')
    await expectAccessible(page, 'the account menu')
    await page.getByRole('menuitem', { name: 'Change password' }).click()
    await expectDialog('a new password')
    await menu('Account', 'Keyboard shortcuts')
    await expectDialog('help')
    await menu('Menu of Gate')
    await expectAccessible(page, "a camera's menu")
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await expectDialog('another name')
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    await menu('Menu of Gate', 'Copy link')
    await expectDialog('a link')
    await menu('Menu of Gate', 'Delete')
    await expect(button(page, 'Undo')).toBeVisible()
    await expectAccessible(page, 'a notice')
    await button(page, 'Use this camera').first().click()
    await expectDialog('using this camera')
    await useThisCamera(page, 'Desk')
    await expect(page.locator('[data-publishing] video')).toBeVisible()
    await expectAccessible(page, 'what publishes')

    await page.goto('/settings')
    await button(page, 'New key').click()
    await expect(dialog).toBeVisible()
    await expectAccessible(page, 'a new key')
    await dialog.getByLabel('What it is for').fill('Wall')
    await dialog.getByRole('button', { name: 'New key' }).click()
    await expect(dialog.getByLabel('Key')).toBeVisible()
    await expectAccessible(page, 'a key')
    await dialog.getByRole('button', { name: 'Done' }).click()
    await button(page, 'Delete key Wall').click()
    await expectDialog('a question')
    await page.goto('/settings/users')
    await button(page, 'Add user').click()
    await expectDialog('a new user')
    await button(page, 'Set password of ada').click()
    await expectDialog("a user's new password")
    await page.getByLabel('Role of ada').selectOption('Operator')
    await expectDialog('another role')

    await page.goto('/settings/webhooks')
    await button(page, 'Add webhook').click()
    await dialog.getByLabel('Cameras', { exact: true }).selectOption('These cameras')
    await dialog.getByRole('checkbox').first().check()
    await dialog.getByLabel('Events').selectOption('These events')
    await dialog.getByRole('checkbox', { name: 'Camera changed' }).check()
    await dialog.getByLabel('Address').fill('http://10.0.0.1/')
    await dialog.getByRole('button', { name: 'Add webhook' }).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    await expectAccessible(page, 'a webhook whose address is refused')
    await dialog.getByLabel('Address').fill(NOBODY)
    await dialog.getByRole('button', { name: 'Add webhook' }).click()
    await expect(dialog.getByLabel('Secret')).toBeVisible()
    await dialog.getByRole('button', { name: 'Send a test' }).click()
    await expect(dialog.getByText('was not accepted')).toBeVisible()
    await expectDialog('a test')
    await page.goto('/settings/backup')
    const settings = { porthole: 1, users: [{ name: 'bo', role: 'viewer' }], cameras: [] }
    const file = { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(settings)) }
    await page.getByLabel('File with settings').setInputFiles(file)
    await expect(button(page, 'Apply')).toBeVisible()
    await expectAccessible(page, 'what a file would change')
  })

  test(`links, and what they show, are accessible, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000)
    const page = await open(browser, '/camera/azalea')
    const dialog = page.getByRole('dialog')
    await button(page, 'Share').click()
    await expect(button(page, 'Create link')).toBeVisible()
    await expectAccessible(page, 'the offer of a link')
    await button(page, 'Create link').click()
    await dialog.getByText('Put it into a page').click()
    await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible()
    await expectAccessible(page, 'a link and its code')
    const url = await page.getByRole('textbox', { name: 'Link' }).inputValue()
    await button(page, 'All links and their settings').click()
    await expect(page.getByText('0 watching')).toBeVisible()
    await expectAccessible(page, 'all links')
    await button(page, 'New link').click()
    await dialog.getByLabel('Sites that may embed it').selectOption('These sites')
    await expectAccessible(page, "a link's settings")

    const visitor = await (await browser.newContext({ reducedMotion: 'reduce', ...options })).newPage()
    await visitor.goto(url)
    await expect(visitor.locator('[data-camera="azalea"]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expectAccessible(visitor, 'a shared link')
    await button(visitor, 'Share').click()
    await expectAccessible(visitor, 'passing it on')
    const { token, url: guarded } = (await server.call('POST', '/shares', { camera: 'azalea', passcode: '1234' })) as Record<string, string>
    await visitor.goto(guarded as string)
    await visitor.getByLabel('Passcode').fill('4321')
    await button(visitor, 'Watch').click()
    await expect(visitor.getByText('That was not it')).toBeVisible()
    await expectAccessible(visitor, 'a passcode')
    await visitor.goto(`${server.url}/embed/${token}`)
    await expect(visitor.getByLabel('Passcode')).toBeVisible()
    await expectAccessible(visitor, 'a passcode in a frame')
    await visitor.goto(url.replace('/share/', '/embed/'))
    await expect(button(visitor, 'Pause')).toBeAttached()
    await expect(visitor.getByText('Live', { exact: true })).toBeVisible({ timeout: 20_000 })
    await expectAccessible(visitor, 'a frame')
    await visitor.goto(`${server.url}/share/${'A'.repeat(32)}`)
    await expect(visitor.getByText('This link is closed')).toBeVisible()
    await expectAccessible(visitor, 'a closed link')
    await visitor.context().close()
  })

  test(`the stage and joining it are accessible, ${look}`, async ({ browser }) => {
    test.setTimeout(180_000)
    const page = await open(browser, '/stage')
    await expect(page.getByRole('img', { name: /Test pattern/ })).toBeVisible()
    await expectAccessible(page, 'a stage that nobody joined')
    const code = await page.locator('[data-code]').getAttribute('data-code')
    const phone = await (await browser.newContext({ reducedMotion: 'reduce', ...options, permissions: ['camera', 'microphone'] })).newPage()
    await phone.goto(`${server.url}/join`)
    await expectAccessible(phone, 'asking for the code')
    await phone.goto(`${server.url}/join/${code}`)
    await expect(button(phone, 'Join with camera')).toBeVisible()
    await expectAccessible(phone, 'joining')
    await button(phone, 'Join with camera').click()
    await expect(phone.getByText('You are on the wall')).toBeVisible({ timeout: 20_000 })
    await expectAccessible(phone, 'a phone on the wall')
    await expect(page.locator('[data-camera]')).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expectAccessible(page, 'a stage with a phone')
    await server.call('DELETE', `/stages/${((await server.call('GET', '/stages')) as { stages: { id: string }[] }).stages[0]?.id}`)
    await expect(phone.getByText('The stage ended').first()).toBeVisible()
    await expectAccessible(phone, 'the end')
    await phone.context().close()
  })
}
