import { flushSync } from 'react-dom'
import type { AroundNavHandler } from 'wouter'
import { liveUrl, playAhead } from '../player/player.ts'
import { playerKey } from '../state/players.ts'
import { players } from '../state/stores.ts'
import { lastCamera } from './navigation.ts'
import './transitions.css'

/** The name of the picture that grows from the wall into its page, and back. */
const NAME = 'picture'

const isStill = matchMedia('(prefers-reduced-motion: reduce)')

/** Ids are slugs: what is encoded is none. */
const cameraOf = (path: string): string | undefined => /^\/camera\/([a-z0-9-]+)$/.exec(path)?.[1]

const pictureOnWall = (id: string): HTMLElement | null => document.querySelector(`.tile[data-camera="${CSS.escape(id)}"] .picture`)

/** What the tile showed that was left last. */
let rendition: 'full' | 'thumb' = 'thumb'

/** From a navigation until the browser let it happen: some milliseconds. */
let busy = false

/**
 * Between the wall and a camera's page the picture grows and shrinks, where the browser can show it. The next page's player is begun before
 * the browser takes its time to look at what it leaves: no picture waits for the show.
 */
export const aroundNav: AroundNavHandler = (navigate, to, options) => {
  if (busy) return
  const opened = cameraOf(to)
  const tile = opened === undefined ? null : pictureOnWall(opened)
  const closed = to === '/' && document.querySelector('.stage') !== null ? lastCamera() : null
  const camera = tile ? opened : closed
  if (!document.startViewTransition || isStill.matches || !camera) return navigate(to, options)
  if (tile) {
    rendition = players.store.getState()[playerKey(camera, 'tile')]?.status.rendition === 'full' ? 'full' : 'thumb'
    tile.style.viewTransitionName = NAME
  }
  const host = document.createElement('div')
  const drop = playAhead({ url: liveUrl(camera), host, rendition: tile ? 'full' : rendition, onStatus() {} })
  busy = true
  let left: HTMLElement | null = null
  const transition = document.startViewTransition(() => {
    busy = false
    flushSync(() => navigate(to, options))
    left = closed === null ? null : pictureOnWall(closed)
    if (left) left.style.viewTransitionName = NAME
  })
  // Skipped (another navigation, a hidden page) is as good as shown.
  void transition.ready.catch(() => {})
  void transition.finished.finally(() => {
    left?.style.removeProperty('view-transition-name')
    drop()
  })
}
