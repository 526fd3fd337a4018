import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, expect, type Page, test } from '@playwright/test'
import { findBrowser } from '../scripts/browser.mjs'
import { publishFrames } from './support/client.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

/** Newer browsers ask before a page reaches into the local network; what is tried here is this server. */
const WITHOUT_ITS_OWN_GUARD = ['--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets']
/** A name that an attacker owns, and has lead to this machine. */
const REBOUND = 'rebind.example'

let server: RunningServer
let evil: Server
/** Requests that reached the other site. */
const seen: IncomingMessage[] = []
test.beforeAll(async () => {
  server = await startServer()
  await server.call('POST', '/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
  evil = createServer((request, response) => {
    seen.push(request)
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Elsewhere</title>')
  }).listen(0, '127.0.0.1')
})
test.afterAll(async () => {
  evil.close()
  await server.close()
})

/** What a page can try against a server: all in its own browser, with the owner's session in it. */
const attack = (page: Page, target: string) =>
  page.evaluate(async (url) => {
    const tried = async (what: () => Promise<string>): Promise<string> => {
      try {
        return await what()
      } catch (error) {
        return `refused: ${(error as Error).name}`
      }
    }
    const fetched = (path: string, init: RequestInit = {}) =>
      tried(async () => {
        const response = await fetch(url + path, { credentials: 'include', ...init })
        return `${response.type} ${response.status} ${response.type === 'opaque' ? '' : await response.text()}`
      })
    const socket = (path: string) =>
      tried(
        () =>
          new Promise((resolve) => {
            const ws = new WebSocket(url.replace('http', 'ws') + path)
            ws.onmessage = () => resolve('told something')
            ws.onopen = () => resolve('open')
            ws.onclose = () => resolve('closed')
          }),
      )
    const element = (tag: 'img' | 'script' | 'iframe', path: string) =>
      new Promise<string>((resolve) => {
        const made = document.createElement(tag)
        made.onload = () => resolve('loaded')
        made.onerror = () => resolve('failed')
        made.src = url + path
        document.body.append(made)
      })
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ id: 'made', name: 'Made', source: { kind: 'browser' } })
    return {
      read: await fetched('/api/v1/cameras'),
      readBlind: await fetched('/api/v1/cameras', { mode: 'no-cors' }),
      post: await fetched('/api/v1/cameras', { method: 'POST', headers: json, body }),
      postBlind: await fetched('/api/v1/cameras', { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body }),
      remove: await fetched('/api/v1/cameras/cam', { method: 'DELETE' }),
      live: await socket('/ws/live/cam'),
      events: await socket('/ws/events'),
      echo: await socket('/ws'),
      picture: await element('img', '/live/cam.jpg'),
      icon: await element('img', '/favicon.svg'),
      script: await element('script', '/api/v1/cameras'),
    }
  }, target)

/** What sockets and elements are to get. */
const NOTHING = { live: 'closed', events: 'closed', echo: 'closed', picture: 'failed', icon: 'failed', script: 'failed' }

/** Signs the browser in, so that its cookie would go along. */
async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.locator('[data-camera="cam"]')).toBeVisible()
}

const cameras = async () => ((await server.call('GET', '/cameras')) as { cameras: { id: string }[] }).cameras.map(({ id }) => id)

// The first is of the same site: there the browser even sends the cookie.
for (const host of ['localhost', '127.0.0.1'])
  test(`a page of http://${host} on another port can read nothing, change nothing, open nothing, frame nothing`, async ({ page }) => {
    const target = `http://localhost:${server.port}`
    await signIn(page, target)
    await page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`)
    expect(await attack(page, target)).toEqual({
      read: 'refused: TypeError',
      readBlind: 'refused: TypeError',
      post: 'refused: TypeError',
      postBlind: 'refused: TypeError',
      remove: 'refused: TypeError',
      ...NOTHING,
    })
    expect(await cameras()).toEqual(['cam'])
    // A form posts what it likes; it is refused by where it comes from.
    const answer = page.waitForResponse(`${target}/api/v1/cameras`)
    await page.evaluate((url) => {
      document.body.innerHTML = `<form method="post" enctype="text/plain" action="${url}/api/v1/cameras"><input name='{"id":"made","name":"Made","source":{"kind":"browser"},"x":"' value='"}'></form>`
      document.querySelector('form')?.submit()
    }, target)
    expect((await answer).status()).toBe(403)
    await page.waitForURL(`${target}/api/v1/cameras`)
    expect(await cameras()).toEqual(['cam'])
    await page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`)
    await page.evaluate((url) => {
      document.body.innerHTML = `<iframe src="${url}/"></iframe>`
    }, target)
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/)
  })

test('a name that was made to lead here reaches nothing, as if it were of the same origin', async () => {
  const executablePath = findBrowser()
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
      ...WITHOUT_ITS_OWN_GUARD,
    ],
  })
  try {
    const page = await browser.newPage()
    const target = `http://${REBOUND}:${server.port}`
    // The attacker's page came while the name still led to them.
    await page.route(`${target}/attack`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Attack</title><body>' }),
    )
    await page.goto(`${target}/attack`)
    const refused = expect.stringMatching(/^basic 403 .*host\.unknown/)
    expect(await attack(page, target)).toMatchObject({
      read: refused,
      post: refused,
      postBlind: refused,
      remove: refused,
      ...NOTHING,
    })
    const page2 = await browser.newPage()
    expect((await page2.goto(`${target}/`))?.status()).toBe(403)
  } finally {
    await browser.close()
  }
  expect(await cameras()).toEqual(['cam'])
})

test('the dashboard tells no other site where it stands', async ({ page }) => {
  const publisher = await publishFrames(server, 'cam', { bytes: 1000, fps: 5 })
  await signIn(page, `http://localhost:${server.port}`)
  await page.goto(`http://localhost:${server.port}/camera/cam?secret=planted#planted`)
  const elsewhere = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/from-the-dashboard`
  await page.evaluate((url) => {
    const link = document.createElement('a')
    link.href = url
    document.body.append(link)
    link.click()
  }, elsewhere)
  await page.waitForURL(elsewhere)
  const request = seen.find(({ url }) => url === '/from-the-dashboard')
  expect(request?.headers.referer).toBeUndefined()
  publisher.close()
})
