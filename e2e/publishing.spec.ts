import { chromium, expect, test } from '@playwright/test'
import { closePages, expectMoving, lookAt, openDashboard, useThisCamera } from './support/pages.ts'
import { type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
test.beforeEach(async () => {
  server = await startServer()
})
test.afterEach(async () => {
  await closePages()
  await server.close()
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
