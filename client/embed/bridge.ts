import { fault, type Schema } from '../../shared/protocol/check.ts'
import { type FromFrame, ToFrame } from '../../shared/protocol/embed.ts'
import type { PortholeEvents, PortholeView } from './view.ts'

/** Milliseconds between two reports when nothing but the age changed. */
const REPORT_MS = 1000

/** The page around the frame, as far as it is needed. */
export interface Parent {
  postMessage(message: unknown, targetOrigin: string): void
}

/**
 * Lets the page around the frame steer the player, and tells it what happens. It is told nothing before it said `hello`, and only when
 * its origin is one of the share's: frame-ancestors says the same to the browser, this says it once more.
 * @param origins sites that may embed the share; `*`: any
 */
export function bridge(
  view: PortholeView,
  parent: Parent,
  origins: readonly string[],
  listen: (heard: (event: MessageEvent) => void) => void,
): void {
  let answerTo: string | undefined
  let name: string | undefined
  let told = ''
  const tell = (message: FromFrame & { readonly blob?: Blob }) => {
    if (answerTo !== undefined) parent.postMessage(message, answerTo)
  }
  const report = () => {
    const { status } = view
    if (status?.name && status.name !== name) {
      name = status.name
      tell({ porthole: 1, type: 'ready', name })
    }
    const state = view.paused ? 'paused' : (status?.state ?? 'connecting')
    const message: FromFrame = {
      porthole: 1,
      type: 'state',
      state,
      age: state === 'live' || state === 'behind' ? (status?.age ?? null) : null,
      muted: view.muted,
      width: status?.width ?? 0,
      height: status?.height ?? 0,
    }
    const text = JSON.stringify(message)
    if (text !== told) tell(message)
    told = text
  }
  listen((event) => {
    if (event.source !== (parent as unknown) || (!origins.includes('*') && !origins.includes(event.origin))) return
    if (fault(ToFrame as Schema, event.data) !== undefined) return
    const message = event.data as ToFrame
    switch (message.type) {
      case 'hello':
        // An opaque origin ("null") cannot be named as a target.
        answerTo = event.origin === 'null' ? '*' : event.origin
        name = undefined
        told = ''
        return report()
      case 'play':
        return view.play()
      case 'pause':
        view.pause()
        return report()
      case 'muted':
        view.muted = message.muted
        return report()
      case 'camera':
        view.camera = message.camera
        return
      case 'snapshot':
        view.snapshot().then(
          (blob) => tell({ porthole: 1, type: 'snapshot', id: message.id, blob }),
          () => tell({ porthole: 1, type: 'snapshot', id: message.id, error: true }),
        )
    }
  })
  for (const event of ['ready', 'live', 'behind', 'offline']) view.addEventListener(event, report)
  view.addEventListener('gap', (event) => tell({ porthole: 1, type: 'gap', ...(event as CustomEvent<PortholeEvents['gap']>).detail }))
  view.addEventListener('error', (event) => {
    const { detail } = event as unknown as CustomEvent<PortholeEvents['error']>
    tell({ porthole: 1, type: 'error', ...detail } as FromFrame)
    report()
  })
  setInterval(report, REPORT_MS)
}
