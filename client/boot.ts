import './player/worker.ts'
import { liveUrl, playAhead, shareUrl, warmUp } from './player/player.ts'
import type { PlayerOptions } from './player/types.ts'
import { basePath } from './transport/base.ts'
import './ui/base.css'
import './ui/picture.css'
import './ui/camera.css'

/** Milliseconds that the application waits for a first picture: it takes the processor that decodes it. */
const PATIENCE_MS = 400

/** What follows a prefix in the page's address, `/camera/ID`. */
function nameIn(path: string, prefix: string): string | undefined {
  const [, first, name] = /^\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? []
  if (first !== prefix || name === undefined) return undefined
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}

const isJoinPage = (path: string): boolean => /^\/join(\/|$)/.test(path)

/** The camera page's frame as the application will draw it, with nothing but the picture in it. */
function showPicture(where: Pick<PlayerOptions, 'url' | 'enter'>, camera: string, onSettled: () => void): void {
  const element = (tag: string, className: string, ...children: HTMLElement[]) => {
    const made = document.createElement(tag)
    made.className = className
    made.append(...children)
    return made
  }
  const host = element('div', 'picture')
  const stage = element('div', 'stage', host)
  const area = element('div', 'stage-area', stage)
  const main = element('main', 'camera', area, element('div', 'camera-bar'))
  document.getElementById('root')?.append(element('div', 'shell', element('header', 'header'), main))
  stage.dataset.camera = camera
  stage.dataset.state = 'connecting'
  playAhead({
    ...where,
    host,
    rendition: 'full',
    onStatus({ state, width, height }) {
      stage.dataset.state = state
      if (height > 0) area.style.setProperty('--aspect', `${width / height}`)
      if (state !== 'connecting' && state !== 'waiting') onSettled()
    },
  })
}

// Browsers offer once to install the application, perhaps before it is there (state/install.ts).
addEventListener('beforeinstallprompt', (offer) => {
  offer.preventDefault()
  globalThis.installOffer = offer
})

const path = location.pathname.slice(basePath().length)
const camera = nameIn(path, 'camera')
const token = nameIn(path, 'share')

/** Who opens a shared link, or joins a stage, gets its page, and nothing of the dashboard. */
const applications = {
  dashboard: () => import('./main.tsx'),
  portal: () => import('./portal/visitor.tsx'),
  join: () => import('./stage/join/join-main.tsx'),
}
const application = token !== undefined ? 'portal' : isJoinPage(path) ? 'join' : 'dashboard'

let begun = false
const loadApplication = () => {
  if (begun) return
  begun = true
  void applications[application]()
}

// A live picture needs a small part of what its page needs: it begins before the rest is loaded.
if (camera !== undefined || token !== undefined) {
  showPicture(token === undefined ? { url: liveUrl(camera as string) } : { url: shareUrl(token), enter: {} }, camera ?? '', loadApplication)
  setTimeout(loadApplication, PATIENCE_MS)
} else {
  // A phone that joins shows no other camera.
  if (application !== 'join') warmUp()
  loadApplication()
}
