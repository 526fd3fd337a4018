/** Shows a page of its own where a page of the dashboard cannot be had. Everything else goes its way as without it: it keeps nothing that is live. */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis))

const { scope } = worker.registration
/** Of this Porthole: others may stand under other paths of the same origin. */
const PREFIX = `porthole-offline ${scope} `
/** The build writes the page's hash: another page is another cache. */
const CACHE = `${PREFIX}{{version}}`
const PAGE = new URL('offline.html', scope).href
/** Pages of the dashboard, relative to where it stands. */
const DASHBOARD = /^(settings(\/.*)?|camera\/.*)?$/

worker.addEventListener('install', (event) => {
  // Browsers that know routes ask the network for all but pages without waking this worker.
  const { addRoutes } = /** @type {{ addRoutes?: (routes: object) => Promise<void> }} */ (/** @type {unknown} */ (event))
  event.waitUntil(
    Promise.all([
      keep(),
      addRoutes?.call(event, { condition: { not: { requestMode: 'navigate' } }, source: 'network' }).catch(() => {}),
      worker.skipWaiting(),
    ]),
  )
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([forgetOthers(), worker.registration.navigationPreload?.enable()]))
})

worker.addEventListener('fetch', (event) => {
  const { request, preloadResponse } = event
  if (request.method === 'GET' && request.mode === 'navigate' && isDashboard(request.url)) event.respondWith(load(request, preloadResponse))
})

/** @param {string} url */
const isDashboard = (url) => url.startsWith(scope) && DASHBOARD.test(new URL(url).pathname.slice(new URL(scope).pathname.length))

/**
 * @param {Request} request
 * @param {Promise<Response | undefined>} preload the browser's own request for the page, begun before this worker was awake
 */
async function load(request, preload) {
  try {
    return (await preload) ?? (await fetch(request))
  } catch (error) {
    const page = await caches.match(PAGE, { cacheName: CACHE })
    if (page) return page
    throw error
  }
}

async function keep() {
  const cache = await caches.open(CACHE)
  await cache.add(new Request(PAGE, { cache: 'no-cache' }))
}

async function forgetOthers() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)))
}
