import { chromium, expect, test } from '@playwright/test'
import { openSocket } from './support/client.ts'
import { DevTools } from './support/devtools.ts'
import { closePages, expectMoving, factOf, lookAt, openDashboard, useThisCamera } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeEach(async () => {
  server = await startServer()
})
test.afterEach(async () => {
  await closePages()
  await server.close()
})

test('a window that uses its camera is seen in another within a second of both being there', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  await expect(viewer.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'live')
  await expect.poll(() => factOf(viewer, 'age'), { message: 'frame age is shown' }).toBeGreaterThanOrEqual(0)
  await expect.poll(() => factOf(viewer, 'fps')).toBeGreaterThan(20)
  expect(await factOf(viewer, 'age')).toBeLessThan(1000)
  await expect(publisher.getByText('Live — 2 watching')).toBeVisible()
  // The wall of the publisher shows it too: large while it is alone, by its thumb beside others.
  // A busy machine may have had it step down for a while: it must come back up.
  await expectMoving(publisher, camera)
  await expect.poll(async () => (await lookAt(publisher, camera))?.width, { timeout: 20_000 }).toBe(1280)
  for (const id of ['a', 'b', 'c', 'd', 'e']) await server.call('POST', '/cameras', { id, name: id, source: { kind: 'browser' } })
  await expect.poll(async () => (await lookAt(publisher, camera))?.width).toBe(320)
  await expectMoving(publisher, camera)
  await publisher.getByRole('button', { name: 'Stop' }).click()
  await expect(viewer.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'offline')
  await expect(viewer.getByText(/Offline since/).first()).toBeVisible()
})

test("a camera's picture is there before the application, which then takes it over", async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, '/camera/none')
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await viewer.route('**/assets/main-*.js', async (route) => {
    await held
    await route.continue()
  })
  await viewer.goto(`${server.url}/camera/${camera}`, { waitUntil: 'commit' })
  await expectMoving(viewer, camera)
  await expect(viewer.getByRole('button')).toHaveCount(0)
  const early = await viewer.locator(`[data-camera="${camera}"] canvas`).elementHandle()
  release()
  await expect(viewer.getByRole('button', { name: 'Menu of Desk' })).toBeVisible()
  await expectMoving(viewer, camera)
  const now = await viewer.locator(`[data-camera="${camera}"] canvas`).elementHandle()
  expect(await viewer.evaluate(([a, b]) => a === b, [early, now])).toBe(true)
})

test('who loads the page of a camera has its publisher begin, if they are signed in', async () => {
  await server.call('POST', '/cameras', { id: 'desk', name: 'Desk', source: { kind: 'browser' } })
  const socket = await openSocket(server, '/ws/publish/desk')
  const demands: unknown[] = []
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(String(data))
    if (message.type === 'demand') demands.push(message.full)
  })
  const renditions = { full: true, thumb: true, picture: true }
  socket.send(JSON.stringify({ type: 'publish', renditions, audio: false, takeover: false, instance: 'publisher-of-a-test' }))
  await expect.poll(() => demands).toEqual([null])
  expect((await fetch(`${server.url}/camera/desk`)).status).toBe(200)
  expect((await fetch(`${server.url}/camera/desk`, { headers: { cookie: server.cookie } })).status).toBe(200)
  // Asked for once, and no more when nobody came.
  await expect.poll(() => demands).toEqual([null, 3, null])
  socket.close()
})

test('nothing is sent while nobody watches', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  await expectMoving(publisher, camera)
  // Its own page away from the wall, on a camera that does not exist, watches nothing.
  await publisher.evaluate(() => history.pushState(null, '', '/camera/nobody'))
  await expect(publisher.getByText('Nobody is watching: nothing is sent')).toBeVisible()
})

test('a publisher in a tab that nobody sees goes on at its frame rate', async ({ browser }) => {
  await server.call('POST', '/cameras', { id: 'desk', name: 'Desk', source: { kind: 'browser' } })
  const { launchOptions = {} } = test.info().project.use
  const plain = await DevTools.launch(launchOptions.executablePath ?? chromium.executablePath(), launchOptions.args ?? [])
  try {
    const tab = await plain.open()
    const [name, value] = server.cookie.split('=')
    await tab.send('Network.setCookie', { name, value, url: server.url })
    await tab.send('Page.navigate', { url: `${server.url}/camera/nobody` })
    await expect.poll(() => tab.evaluate('document.readyState')).toBe('complete')
    // As after a reload of a tab that published.
    await tab.evaluate("sessionStorage.setItem('porthole.publishing', 'desk'), location.reload(), true")
    const viewer = await openDashboard(browser, server, '/camera/desk')
    await expectMoving(viewer, 'desk')
    await plain.open()
    await expect.poll(() => tab.evaluate('document.visibilityState')).toBe('hidden')
    // Long enough for a page's own timers to be slowed down to one a second.
    await viewer.evaluate(() => new Promise((resolve) => setTimeout(resolve, 8000)))
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden')
    await expect.poll(() => factOf(viewer, 'fps')).toBeGreaterThan(20)
    await expectMoving(viewer, 'desk')
  } finally {
    await plain.close()
  }
})
