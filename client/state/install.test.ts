import { expect, test } from 'vitest'
import { createInstall, type InstallOffer, keepOfflinePage } from './install.ts'

const offerOf = (prompt: () => Promise<unknown>): InstallOffer =>
  Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt })

test('an offer of the browser is kept from its own bar, and is good once', async () => {
  const target = new EventTarget()
  const install = createInstall({ target })
  expect(install.store.getState().offer).toBeNull()
  let prompted = 0
  const offer = offerOf(async () => prompted++)
  target.dispatchEvent(offer)
  expect(offer.defaultPrevented).toBe(true)
  expect(install.store.getState().offer).toBe(offer)
  await Promise.all([install.install(), install.install()])
  expect(prompted).toBe(1)
  expect(install.store.getState().offer).toBeNull()
})

test('an offer that came before the application counts, until it is installed', () => {
  const target = new EventTarget()
  const early = offerOf(async () => {})
  const install = createInstall({ target, early })
  expect(install.store.getState().offer).toBe(early)
  target.dispatchEvent(new Event('appinstalled'))
  expect(install.store.getState().offer).toBeNull()
})

test('a browser that keeps no offline page has no say', async () => {
  const script = new URL('https://camera.example/sw.js')
  await keepOfflinePage(script, undefined)
  const refusing = { register: () => Promise.reject(new DOMException('', 'SecurityError')) }
  await keepOfflinePage(script, refusing as unknown as ServiceWorkerContainer)
})
