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

test('a deleted camera says so to who watches, and undo brings back picture and publisher', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  const witness = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  await expectMoving(witness, camera)
  await viewer.getByRole('button', { name: 'Menu of Desk' }).click()
  await viewer.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(witness.getByText('This camera was deleted')).toBeVisible()
  await viewer.getByRole('button', { name: 'Undo' }).click()
  await expectMoving(witness, camera)
  await expect(witness.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'live')
})

test('a restart of the server is survived by who publishes and who watches', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await server.restart(signal)
    await expect(viewer.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'live', { timeout: 20_000 })
    await expectMoving(viewer, camera)
  }
})

test('a reload of the publisher goes on with the same camera', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  await publisher.reload()
  await expect(publisher.locator('[data-publishing]')).toHaveAttribute('data-publishing', camera)
  await expect(viewer.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'live')
  await expectMoving(viewer, camera)
})

test('a second publisher is refused, and takes over when it says so', async ({ browser }) => {
  const first = await openDashboard(browser, server)
  const camera = await useThisCamera(first, 'Desk')
  await expectMoving(first, camera)
  const second = await openDashboard(browser, server)
  // What "Use this camera here" does when the camera was offline a moment ago.
  await second.evaluate((id) => {
    sessionStorage.setItem('porthole.publishing', id)
  }, camera)
  await second.goto('/?again')
  await expect(second.getByText('Another device feeds this camera')).toBeVisible()
  await expectMoving(first, camera)
  await second.getByRole('button', { name: 'Take over' }).click()
  await expect(first.getByText('Another device took over')).toBeVisible()
  await expect(second.locator('[data-publishing]')).toHaveAttribute('data-state', 'live')
  await expectMoving(second, camera)
})

test('a change of the resolution in mid-stream goes on in the new size', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  await expect.poll(() => lookAt(viewer, camera)).toMatchObject({ width: 1280, height: 720 })
  await publisher.evaluate(async () => {
    const stream = document.querySelector<HTMLVideoElement>('[data-publishing] video')?.srcObject as MediaStream
    await stream.getVideoTracks()[0]?.applyConstraints({ width: 640, height: 480 })
  })
  await expect.poll(async () => (await lookAt(viewer, camera))?.height).toBe(480)
  await expectMoving(viewer, camera)
  await expect(viewer.locator(`[data-camera="${camera}"]`)).toHaveAttribute('data-state', 'live')
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

test('a browser without WebCodecs watches by pictures, and publishes them', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const plain = await openDashboard(browser, server, '/camera/nobody')
  await plain.addInitScript(() => {
    for (const name of ['VideoDecoder', 'VideoEncoder', 'AudioDecoder', 'AudioEncoder', 'EncodedVideoChunk', 'MediaStreamTrackProcessor'])
      Reflect.deleteProperty(globalThis, name)
  })
  await plain.goto(`/camera/${camera}`)
  await expectMoving(plain, camera)
  await expect(plain.locator('[data-fact="codec"] dd')).toHaveText(/jpeg/i)
  await publisher.getByRole('button', { name: 'Stop' }).click()
  await plain.goto('/')
  const pictures = await useThisCamera(plain, 'Old browser')
  const viewer = await openDashboard(browser, server, `/camera/${pictures}`)
  await expectMoving(viewer, pictures)
  await expect(viewer.locator('[data-fact="codec"] dd')).toHaveText(/jpeg/i)
})

test('a refused permission says what to do, and the camera that was made for it can be given up', async () => {
  const { launchOptions = {} } = test.info().project.use
  const args = (launchOptions.args ?? []).filter((arg) => !arg.startsWith('--use-fake-ui'))
  const browser = await chromium.launch({ ...launchOptions, args: [...args, '--use-fake-ui-for-media-stream=deny'] })
  const page = await openDashboard(browser, server)
  await useThisCamera(page, 'Desk')
  await expect(page.getByRole('alert')).toContainText('The camera is not allowed')
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.locator('[data-publishing]')).toHaveCount(0)
  await browser.close()
})

test('sound is off, and can be heard when the microphone is on and somebody asks', async ({ browser }) => {
  const publisher = await openDashboard(browser, server)
  const camera = await useThisCamera(publisher, 'Desk')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`)
  await expectMoving(viewer, camera)
  await expect(viewer.getByRole('button', { name: 'Turn sound on' })).toHaveCount(0)
  // What is played is counted where it leaves the page.
  await viewer.evaluate(() => {
    const start = AudioBufferSourceNode.prototype.start
    const played = { packets: 0, loud: 0 }
    Object.assign(globalThis, { played })
    AudioBufferSourceNode.prototype.start = function (...args) {
      played.packets++
      if (this.buffer?.getChannelData(0).some((sample) => Math.abs(sample) > 0.01)) played.loud++
      return start.apply(this, args)
    }
  })
  const heard = () => viewer.evaluate(() => (globalThis as unknown as { played: { packets: number; loud: number } }).played)
  await publisher.getByRole('switch', { name: 'Microphone' }).click()
  const on = viewer.getByRole('button', { name: 'Turn sound on' })
  await expect(on).toBeVisible()
  expect((await heard()).packets).toBe(0)
  await on.click()
  // The fake microphone beeps once a second.
  await expect.poll(async () => (await heard()).loud, { timeout: 15_000 }).toBeGreaterThan(1)
  await expectMoving(viewer, camera)
  await viewer.getByRole('button', { name: 'Turn sound off' }).click()
  const silent = (await heard()).packets
  await expectMoving(viewer, camera)
  expect((await heard()).packets).toBeLessThanOrEqual(silent + 2)
})

test('on a phone: publish and watch in portrait, nothing sticks out', async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
  const publisher = await openDashboard(browser, server, '/', phone)
  const camera = await useThisCamera(publisher, 'Pocket')
  const viewer = await openDashboard(browser, server, `/camera/${camera}`, phone)
  await expectMoving(viewer, camera)
  for (const page of [publisher, viewer]) expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await viewer.getByRole('link', { name: 'All cameras' }).click()
  await expectMoving(viewer, camera)
})
