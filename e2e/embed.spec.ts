import { type Browser, expect, type Page, test } from '@playwright/test'
import type { Share } from '../shared/model/share.ts'
import { type RunningServer, startServer } from './support/server.ts'
import { type Site, startSite } from './support/site.ts'

/** What the page heard, as the tests' own code keeps it. */
declare global {
  var heard: { type: string; detail?: unknown; blob?: Blob; [key: string]: unknown }[]
}

let server: RunningServer
const sites: Site[] = []
test.beforeAll(async () => {
  server = await startServer({ args: ['--demo'] })
})
test.afterAll(() => server.close())
test.afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.close()))
})

const share = (settings: object = {}) => server.call('POST', '/shares', { camera: 'azalea', ...settings }) as Promise<Share>
const shareNow = async ({ id }: Share) =>
  ((await server.call('GET', '/shares')) as { shares: Share[] }).shares.find((known) => known.id === id) as Share
const script = () => `<script src="${server.url}/embed.js" async></script>`
const policy = (more: string) =>
  `default-src 'none'; script-src ${server.url} 'nonce-tests'; connect-src ${server.url.replace('http', 'ws')}; ${more}`

/** A page of somebody's own site, open in a browser. */
async function open(browser: Browser, html: string, headers: Record<string, string> = {}): Promise<Page> {
  const site = await startSite({ '/': { html, headers } })
  sites.push(site)
  const page = await (await browser.newContext({ viewport: { width: 900, height: 900 } })).newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(site.origin)
  return page
}
const stateOf = (page: Page, at = 0) =>
  page.evaluate((at) => (document.querySelectorAll('porthole-view')[at] as HTMLElement & { status?: { state: string } }).status?.state, at)
const expectLive = (page: Page, at = 0) => expect.poll(() => stateOf(page, at), { timeout: 15_000 }).toBe('live')

test('one line puts a live view into a page of another site; several share one worker; nothing else of the page is touched', async ({
  browser,
}) => {
  const shared = await share()
  const page = await open(
    browser,
    `<script>const before = Object.keys(window)</script>${script()}<porthole-view share="${shared.token}"></porthole-view><porthole-view share="${shared.token}" controls></porthole-view>`,
  )
  await expectLive(page, 0)
  await expectLive(page, 1)
  expect(page.workers()).toHaveLength(1)
  expect(await page.evaluate('Object.keys(window).filter((name) => !before.includes(name) && name !== "before")')).toEqual([])
  expect((await shareNow(shared)).viewers).toBe(2)
  // The picture moves: its canvas is in the element's shadow, under its camera's id.
  const look = () =>
    page.evaluate(() => {
      const canvas = document.querySelector('porthole-view')?.shadowRoot?.querySelector<HTMLCanvasElement>('[data-camera="azalea"] canvas')
      const probe = new OffscreenCanvas(32, 18).getContext('2d')
      if (canvas) probe?.drawImage(canvas, 0, 0, 32, 18)
      return String(probe?.getImageData(0, 0, 32, 18).data)
    })
  const first = await look()
  await expect.poll(look).not.toBe(first)
  await page.evaluate(() => document.querySelector('porthole-view')?.remove())
  await expect.poll(async () => (await shareNow(shared)).viewers).toBe(1)
  await page.context().close()
})

test('a view begins when it is seen, and pauses while it is not', async ({ browser }) => {
  const shared = await share()
  const page = await open(browser, `${script()}<div style="height: 3000px"></div><porthole-view share="${shared.token}"></porthole-view>`)
  await page.waitForFunction(() => customElements.get('porthole-view') !== undefined)
  await page.waitForTimeout(500)
  expect(await shareNow(shared)).toMatchObject({ viewers: 0, views: 0 })
  await page.evaluate(() => document.querySelector('porthole-view')?.scrollIntoView())
  await expectLive(page)
  expect(await shareNow(shared)).toMatchObject({ viewers: 1, views: 1 })
  await page.evaluate(() => scrollTo(0, 0))
  await expect
    .poll(() => page.evaluate(() => (document.querySelector('porthole-view') as HTMLElement & { status: { fps: number } }).status.fps))
    .toBe(0)
  await page.evaluate(() => document.querySelector('porthole-view')?.scrollIntoView())
  await expect
    .poll(() => page.evaluate(() => (document.querySelector('porthole-view') as HTMLElement & { status: { fps: number } }).status.fps))
    .toBeGreaterThan(3)
  await page.context().close()
})

test('a page steers its view by properties and methods, and hears of it by events', async ({ browser }) => {
  const shared = await share()
  const page = await open(
    browser,
    `${script()}<porthole-view share="${shared.token}" autoplay="off" fit="cover" controls></porthole-view>
<script>
  globalThis.heard = []
  const view = document.querySelector('porthole-view')
  for (const type of ['ready', 'live', 'behind', 'offline', 'gap', 'error']) view.addEventListener(type, ({ detail }) => heard.push({ type, detail }))
</script>`,
  )
  await expect(page.getByRole('button', { name: 'Play' }).first()).toBeVisible()
  expect(await shareNow(shared)).toMatchObject({ viewers: 0 })
  await page.evaluate('view.play()')
  await expectLive(page)
  expect(await page.evaluate(() => globalThis.heard.map(({ type }) => type))).toEqual(['ready', 'live'])
  expect(await page.evaluate(() => globalThis.heard[0]?.detail)).toEqual({ name: 'Azalea' })
  expect(await page.evaluate('view.snapshot().then(({ type, size }) => [type, size > 5000])')).toEqual(['image/jpeg', true])
  expect(await page.evaluate('[view.fit, view.muted, view.controls, view.autoplay, view.paused, view.share]')).toEqual([
    'cover',
    false,
    true,
    false,
    false,
    shared.token,
  ])
  await page.evaluate('view.pause()')
  await expect.poll(() => page.evaluate('view.status.fps')).toBe(0)
  await server.call('DELETE', `/shares/${shared.id}`)
  await page.evaluate('view.play()')
  await expect.poll(() => page.evaluate(() => globalThis.heard.at(-1))).toMatchObject({ type: 'error', detail: { code: 'share.unknown' } })
  await expect(page.getByText('This link was taken back, or never was one.')).toBeVisible()
  await page.context().close()
})

test('a share says which sites may show it: the others’ widgets and frames show nothing', async ({ browser }) => {
  const frame = ({ token }: Share) => `<iframe src="${server.url}/embed/${token}" width="640" height="360"></iframe>`
  const widget = ({ token }: Share) => `${script()}<porthole-view share="${token}"></porthole-view>`
  const other = await share({ origins: ['https://blog.example'] })
  const refused = await open(browser, widget(other) + frame(other))
  await expect.poll(() => stateOf(refused)).toBe('ended')
  await expect(refused.getByText('This live view may not be shown on this site.')).toBeVisible()
  const framed = refused.frames().find((candidate) => candidate !== refused.mainFrame())
  expect(framed?.url()).toMatch(/^chrome-error:/)
  expect((await shareNow(other)).views).toBe(0)
  await refused.context().close()

  const mine = await share()
  const page = await open(browser, widget(mine) + frame(mine))
  await server.call('PATCH', `/shares/${mine.id}`, { origins: [new URL(page.url()).origin] })
  await page.reload()
  await expectLive(page)
  await expect(page.frameLocator('iframe').getByText('Live', { exact: true })).toBeVisible()
  await page.context().close()
})

test('a frame is steered by messages of its page, and of nobody else', async ({ browser }) => {
  const shared = await share()
  const page = await open(
    browser,
    `<script>
  globalThis.heard = []
  addEventListener('message', ({ data, origin }) => heard.push({ ...data, origin }))
  const say = (message) => document.querySelector('iframe').contentWindow.postMessage({ porthole: 1, ...message }, '*')
</script>
<iframe src="${server.url}/embed/${shared.token}?controls=0&muted=1" width="640" height="360" allow="autoplay; fullscreen"></iframe>`,
  )
  const types = () => page.evaluate(() => globalThis.heard.map(({ type }) => type))
  const last = (type: string) => page.evaluate((type) => globalThis.heard.findLast((message) => message.type === type), type)
  await expect(page.frameLocator('iframe').locator('canvas')).toBeAttached()
  // Nobody said hello: nobody is told anything.
  await page.waitForTimeout(1500)
  expect(await types()).toEqual([])
  await page.evaluate(`say({ type: 'hello' })`)
  await expect.poll(() => last('ready')).toMatchObject({ porthole: 1, name: 'Azalea', origin: server.url })
  await expect.poll(() => last('state')).toMatchObject({ state: 'live', muted: true, width: 640 })
  await page.evaluate(`say({ type: 'snapshot', id: 7 })`)
  await expect.poll(async () => (await last('snapshot'))?.id).toBe(7)
  expect(await page.evaluate(() => globalThis.heard.findLast(({ type }) => type === 'snapshot')?.blob instanceof Blob)).toBe(true)
  await page.evaluate(`say({ type: 'pause' })`)
  await expect.poll(() => last('state')).toMatchObject({ state: 'paused', age: null })
  await page.evaluate(`say({ type: 'play' }); say({ type: 'muted', muted: false })`)
  await expect.poll(() => last('state')).toMatchObject({ state: 'live', muted: false })
  // What is no message of the protocol is none.
  await page.evaluate(
    `say({ type: 'pause', more: 1 }); say({ type: 'eval', code: '1' }); document.querySelector('iframe').contentWindow.postMessage('pause', '*')`,
  )
  await page.waitForTimeout(300)
  expect(await last('state')).toMatchObject({ state: 'live' })
  await server.call('DELETE', `/shares/${shared.id}`)
  await expect.poll(() => last('error')).toMatchObject({ code: 'share.unknown' })
  await page.context().close()
})

test('a link that is pasted into a page plays in the sandboxed frame that such pages make of it', async ({ browser }) => {
  const { url } = await share()
  const { html } = (await (await fetch(`${server.url}/oembed?url=${encodeURIComponent(url)}&maxwidth=600`)).json()) as { html: string }
  // What WordPress leaves of the frame of a site that it does not know (wp_filter_oembed_result).
  const left = html.replace('<iframe', '<iframe sandbox="allow-scripts" security="restricted"').replace(/(src="[^"]*)/, '$1#?secret=tests')
  const page = await open(browser, left)
  await expect(page.frameLocator('iframe').getByText('Live', { exact: true })).toBeVisible({ timeout: 15_000 })
  await page.context().close()
})

test('a page with a strict policy shows it, with a worker or without', async ({ browser }) => {
  const { token } = await share()
  const html = `${script()}<porthole-view share="${token}"></porthole-view>`
  const strict = await open(browser, html, { 'content-security-policy': policy(`worker-src blob:; img-src ${server.url}`) })
  const said: string[] = []
  strict.on('console', (message) => said.push(message.text()))
  await expectLive(strict)
  expect(strict.workers()).toHaveLength(1)
  expect(said).toEqual([])
  await strict.context().close()
  const without = await open(browser, html, { 'content-security-policy': policy("worker-src 'none'") })
  await expectLive(without)
  expect(without.workers()).toHaveLength(0)
  await without.context().close()
})

test('a view with a passcode asks its visitor; a camera that stops is told of, and comes back by itself', async ({ browser }) => {
  await server.call('POST', '/cameras', { id: 'shed', name: 'Shed', source: { kind: 'upload' } })
  const { token } = await share({ camera: 'shed', passcode: 'openup' })
  const page = await open(browser, `${script()}<porthole-view share="${token}" controls></porthole-view>`)
  await page.getByRole('textbox', { name: 'Passcode' }).fill('nonsense')
  await page.getByRole('button', { name: 'Watch' }).click()
  await expect(page.getByText('That was not it. Try again.')).toBeVisible()
  await page.getByRole('textbox', { name: 'Passcode' }).fill('openup')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The camera is not sending.')).toBeVisible()
  const picture = Buffer.from(await (await fetch(`${server.url}/live/azalea.jpg`, { headers: { cookie: server.cookie } })).arrayBuffer())
  const upload = await fetch(`${server.url}/upload/shed`, {
    method: 'PUT',
    headers: { cookie: server.cookie, 'content-type': 'image/jpeg' },
    body: picture,
  })
  expect(upload.status).toBe(201)
  await expectLive(page)
  await page.context().close()
})
