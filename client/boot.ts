import { playAhead, warmUp } from './player/player.ts'
import { basePath } from './transport/base.ts'
import './ui/base.css'
import './ui/picture.css'
import './ui/camera.css'

/** Milliseconds that the application waits for a camera's first picture: it takes the processor that decodes it. */
const PATIENCE_MS = 400

/** The camera whose page this address is. */
function cameraOfPage(path: string): string | undefined {
  const [, id] = /^\/camera\/([^/]+)\/?$/.exec(path) ?? []
  try {
    return id && decodeURIComponent(id)
  } catch {
    return undefined
  }
}

const isJoinPage = (path: string): boolean => /^\/join(\/|$)/.test(path)

/** The camera page's frame as the application will draw it, with nothing but the picture in it. */
function showPicture(camera: string, onSettled: () => void): void {
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
    camera,
    host,
    rendition: 'full',
    onStatus({ state, width, height }) {
      stage.dataset.state = state
      if (height > 0) area.style.setProperty('--aspect', `${width / height}`)
      if (state !== 'connecting' && state !== 'waiting') onSettled()
    },
  })
}

let begun = false
const loadApplication = () => {
  if (begun) return
  begun = true
  void import('./main.tsx')
}

// A live picture needs a small part of what its page needs: it begins before the rest is loaded.
const path = location.pathname.slice(basePath().length)
const camera = cameraOfPage(path)
if (camera) {
  showPicture(camera, loadApplication)
  setTimeout(loadApplication, PATIENCE_MS)
} else if (isJoinPage(path)) {
  // A phone that joins a stage needs nothing of the dashboard.
  void import('./stage/join/join-main.tsx')
} else {
  warmUp()
  loadApplication()
}
