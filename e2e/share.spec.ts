import { type Browser, expect, type Page, test } from '@playwright/test'
import type { Share } from '../shared/model/share.ts'
import { closePages, expectMoving, openDashboard } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeAll(async () => {
  server = await startServer({ args: ['--demo'] })
})
test.afterAll(() => server.close())
test.afterEach(closePages)

const share = (settings: object = {}) => server.call('POST', '/shares', { camera: 'azalea', ...settings }) as Promise<Share>
/** Somebody without an account opens a link. */
async function visit(browser: Browser, url: string, options: object = {}): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(url)
  return page
}
const tag = (html: string, name: string) => new RegExp(`<meta (?:name|property)="${name}" content="([^"]*)">`).exec(html)?.[1]

test('a link is made by one click, watched by somebody without an account, and taken back while they watch', async ({ browser }) => {
  const page = await openDashboard(browser, server, '/camera/azalea')
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await page.getByRole('button', { name: 'Create link' }).click()
  const url = await page.getByRole('textbox', { name: 'Link' }).inputValue()
  expect(url).toMatch(new RegExp(`^${server.url}/share/[A-Za-z0-9_-]{32}$`))
  await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible()

  const visitor = await visit(browser, url, { viewport: { width: 390, height: 844 } })
  await expect(visitor.getByRole('heading', { name: 'Azalea' })).toBeVisible()
  await expectMoving(visitor, 'azalea')
  await expect(visitor.getByText('Live', { exact: true })).toBeVisible()
  await expect(visitor.locator('[data-fact="age"]')).toHaveText(/^Picture \d+ ms old$/)
  const download = visitor.waitForEvent('download')
  await visitor.getByRole('button', { name: 'Save picture' }).click()
  expect((await download).suggestedFilename()).toBe('Azalea.jpg')
  await visitor.getByRole('button', { name: 'Full screen' }).click()
  await expect.poll(() => visitor.evaluate(() => document.fullscreenElement?.className)).toBe('stage')
  await visitor.evaluate(() => document.exitFullscreen())
  await visitor.getByRole('button', { name: 'Share' }).click()
  await expect(visitor.getByRole('textbox', { name: 'Link' })).toHaveValue(url)
  for (const site of ['Facebook', 'X', 'WhatsApp'])
    await expect(visitor.getByRole('link', { name: `Share on ${site}` })).toHaveAttribute('href', new RegExp(encodeURIComponent(url)))
  await visitor.keyboard.press('Escape')
  // Of the server they have nothing else.
  expect(await visitor.evaluate(() => fetch('/api/v1/cameras').then(({ status }) => status))).toBe(401)

  await page.getByRole('button', { name: 'All links and their settings' }).click()
  await expect(page.getByText('1 watching, opened 1 time')).toBeVisible()
  await page.getByRole('button', { name: /^Take back / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click()
  await expect(page.getByText('The link was taken back')).toBeVisible()
  const asked = Date.now()
  await expect(visitor.getByText('This link was taken back, or never was one.')).toBeVisible({ timeout: 1000 })
  expect(Date.now() - asked).toBeLessThan(1000)
  await visitor.reload()
  await expect(visitor.getByText('This link is closed')).toBeVisible()
  await visitor.context().close()
})

test('a passcode is asked for, once a tab', async ({ browser }) => {
  const { url } = await share({ passcode: 'porthole', label: 'Behind the glass' })
  const visitor = await visit(browser, url)
  await expect(visitor.getByText('This live view has a passcode')).toBeVisible()
  expect(await visitor.content()).not.toContain('Behind the glass')
  expect(await visitor.content()).not.toContain('Azalea')
  await visitor.getByLabel('Passcode').fill('wrong')
  await visitor.keyboard.press('Enter')
  await expect(visitor.getByText('That was not it. Try again.')).toBeVisible()
  await visitor.getByLabel('Passcode').fill('porthole')
  await visitor.getByRole('button', { name: 'Watch' }).click()
  await expectMoving(visitor, 'azalea')
  await expect(visitor.getByRole('heading', { name: 'Behind the glass' })).toBeVisible()
  await visitor.reload()
  await expectMoving(visitor, 'azalea')
  await visitor.context().close()
})

test('a link expires under who watches', async ({ browser }) => {
  const { url } = await share({ expiresIn: 4 })
  const visitor = await visit(browser, url)
  await expectMoving(visitor, 'azalea')
  await expect(visitor.getByText('This link expired.')).toBeVisible()
  expect((await fetch(url)).status).toBe(410)
  await visitor.context().close()
})

test('a full link lets the next one in when somebody leaves', async ({ browser }) => {
  const { url } = await share({ maxViewers: 1 })
  const first = await visit(browser, url)
  await expectMoving(first, 'azalea')
  const second = await visit(browser, url)
  await expect(second.getByText('You get in when somebody leaves')).toBeVisible()
  await first.context().close()
  await expectMoving(second, 'azalea')
  await second.context().close()
})

test('a link to some cameras shows one, and the others by a press', async ({ browser }) => {
  await server.call('POST', '/cameras', { id: 'shed', name: 'Shed', source: { kind: 'upload' } })
  const { url } = await share({ camera: undefined, cameras: ['azalea', 'shed'] })
  const visitor = await visit(browser, url)
  await expectMoving(visitor, 'azalea')
  await visitor.getByRole('button', { name: 'Shed' }).click()
  await expect(visitor.locator('[data-camera="shed"]')).toHaveAttribute('data-state', 'offline')
  await visitor.getByRole('button', { name: 'Azalea' }).click()
  await expectMoving(visitor, 'azalea')
  await visitor.context().close()
})

test('a crawler reads the tags, and gets a picture of just now', async () => {
  const { url, token } = await share({ label: 'Look at this' })
  const html = await (await fetch(url)).text()
  expect(html).toContain('<title>Look at this · Porthole</title>')
  expect(tag(html, 'og:title')).toBe('Look at this')
  expect(tag(html, 'og:url')).toBe(url)
  expect(tag(html, 'twitter:card')).toBe('summary_large_image')
  expect(tag(html, 'og:video')).toBe(`${server.url}/embed/${token}`)
  const picture = await fetch(tag(html, 'og:image') as string)
  expect(picture.headers.get('content-type')).toBe('image/jpeg')
  expect(picture.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(Date.now() - Date.parse(picture.headers.get('x-porthole-time') as string)).toBeLessThan(10_000)
  const bytes = Buffer.from(await picture.arrayBuffer())
  expect(bytes.length).toBeLessThan(300_000)
  const size = await new Promise<string>((resolve) => {
    // SOF0: height and width at 5 and 7 behind the marker.
    const at = bytes.indexOf(Buffer.from([0xff, 0xc0]))
    resolve(`${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`)
  })
  expect(size).toBe('1200x630')
  const discovered = /type="application\/json\+oembed" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') as string
  expect(await (await fetch(discovered)).json()).toMatchObject({ version: '1.0', type: 'video', title: 'Look at this' })
})

test('a closed link, and one with a passcode, show a crawler no picture and no name', async () => {
  const closed = await share({ label: 'Told nobody' })
  await server.call('DELETE', `/shares/${closed.id}`)
  const coded = await share({ label: 'Told nobody', passcode: '1234' })
  for (const [{ url }, status, pictureStatus] of [
    [closed, 404, 404],
    [coded, 200, 401],
  ] as const) {
    const answer = await fetch(url)
    expect(answer.status).toBe(status)
    const html = await answer.text()
    for (const word of ['Told nobody', 'Azalea', 'azalea', 'og:', 'picture.jpg', 'oembed']) expect(html).not.toContain(word)
    expect((await fetch(`${url}/picture.jpg`)).status).toBe(pictureStatus)
    expect((await fetch(`${server.url}/oembed?url=${encodeURIComponent(url)}`)).status).toBe(pictureStatus)
  }
})

test('markup in names is text in every tag and on every page', async ({ browser }) => {
  const name = `</title><script>alert(1)</script>"'><img src=x onerror=alert(2)>`
  await server.call('POST', '/cameras', { id: 'markup', name, source: { kind: 'upload' } })
  const { url, token } = await share({ camera: 'markup', label: name })
  const html = await (await fetch(url)).text()
  expect(html).not.toContain('<script>alert')
  expect(html).not.toContain('<img src=x')
  const xml = await (await fetch(`${server.url}/oembed?format=xml&url=${encodeURIComponent(url)}`)).text()
  expect(xml).not.toContain('<script>')
  const { html: frame, title } = (await (await fetch(`${server.url}/oembed?url=${encodeURIComponent(url)}`)).json()) as Record<
    string,
    string
  >
  expect(title).toBe(name)
  expect(frame).not.toContain('<script>')
  for (const address of [url, `${server.url}/embed/${token}?controls=1`]) {
    const context = await browser.newContext()
    const visitor = await context.newPage()
    const ran: string[] = []
    visitor.on('dialog', (dialog) => {
      ran.push(dialog.message())
      void dialog.dismiss()
    })
    await visitor.goto(address)
    await expect.poll(() => visitor.title()).toBe(`${name} · Porthole`)
    await expect(visitor.locator('canvas')).toBeAttached()
    expect(ran).toEqual([])
    await visitor.context().close()
  }
})
