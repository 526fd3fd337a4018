import { type CallOptions, createCall } from '../../shared/client/call.ts'
import { appUrl, basePath } from '../transport/base.ts'
import { connect, socketUrl } from '../transport/socket.ts'
import { createCameras } from './cameras.ts'
import { createInstall, keepOfflinePage } from './install.ts'
import { createNotices } from './notices.ts'
import { createOverlays } from './overlays.ts'
import { createPlayers } from './players.ts'
import { createPublishing } from './publishing.ts'
import { createSession, takeLink } from './session.ts'
import { storageOf } from './storage.ts'
import { createTheme } from './theme.ts'

/** The stores of this page: the one place where they meet each other and the browser. */

/** Milliseconds until the offline page is fetched and kept: the first pictures have their time before. */
const LATE_MS = 4000

const local = storageOf(() => localStorage)

export const notices = createNotices()
export const overlays = createOverlays()
export const players = createPlayers()
export const theme = createTheme({ storage: local, root: document.documentElement })

export const install = createInstall({ target: globalThis, early: globalThis.installOffer })

/** Says that a page asks: a refusal then brings no dialogue of the browser's, over http on a LAN too. */
const FROM_PAGE = { 'x-requested-with': 'porthole' }

export const callOptions: CallOptions = {
  fetch: (...request) => fetch(...request),
  base: basePath,
  headers: FROM_PAGE,
  onRefused: (code) => {
    if (code === 'auth.required') session.lost()
  },
}

export const call = createCall(callOptions)

export const session = createSession({ call, storage: local })

export const cameras = createCameras({
  call,
  connect,
  url: (path) => socketUrl(appUrl(path)),
  notices,
  onUnopened: () => {
    // A refused upgrade says no reason to a page: the session does.
    if (session.store.getState().phase === 'signed-in') void session.check()
  },
  onRevoked: async () => {
    await session.check()
    if (session.store.getState().phase === 'signed-in') cameras.hurry()
  },
})

export const publishing = createPublishing({
  createPublisher: async (options) => (await import('../publisher/publisher.ts')).createPublisher(options),
  cameras,
  notices,
  tabStorage: storageOf(() => sessionStorage),
  browserStorage: local,
})

/** Session and feed at once: who is signed in needs no answer before the other question. */
export function start(): void {
  session.store.subscribe(({ phase }, before) => {
    if (phase === before.phase) return
    if (phase === 'signed-in') {
      cameras.start()
      cameras.hurry()
      if (before.phase === 'unknown') void publishing.resume(isReload())
    } else {
      cameras.stop()
      if (before.phase === 'signed-in') publishing.stop()
    }
  })
  const link = takeLink(location, history)
  if (link === undefined) {
    cameras.start()
    void session.check()
  } else void session.redeemLink(link)
  // A link that is pasted over this page's own address loads nothing.
  addEventListener('hashchange', () => {
    const pasted = takeLink(location, history)
    if (pasted !== undefined) void session.redeemLink(pasted)
  })
  if (import.meta.env.PROD && isSecureContext) setTimeout(() => void keepOfflinePage(appUrl('/sw.js'), navigator.serviceWorker), LATE_MS)
}

/** The same tab was loaded again (or was put aside by the browser, and came back). */
const isReload = (): boolean =>
  (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type === 'reload' ||
  (document as Document & { wasDiscarded?: boolean }).wasDiscarded === true

/** Where the application stands, for links and routes. */
export { appUrl, basePath }
