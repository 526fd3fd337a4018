import { appUrl } from '../transport/base.ts'
import { socketUrl } from '../transport/socket.ts'
import type { FromRuntime, ToRuntime } from './runtime-messages.ts'
import { Speaker } from './speaker.ts'
import type { Player, PlayerOptions, PlayerStatus } from './types.ts'

declare global {
  /** The players' worker, when the page started it in its first line (vite.config.ts). */
  var playersWorker: Worker | undefined
}

type Post = (message: ToRuntime, transfer?: Transferable[]) => void

const listeners = new Map<number, (message: FromRuntime) => void>()
let nextId = 1
let runtime: Promise<Post> | undefined

/** Whether workers can draw to this page's canvases. */
const drawsInWorkers = () => typeof Worker !== 'undefined' && 'transferControlToOffscreen' in HTMLCanvasElement.prototype

/** The page's one runtime: a worker, so that a busy page does not stall the pictures; else the page itself. */
function startRuntime(): Promise<Post> {
  const deliver = (message: FromRuntime) => listeners.get(message.id)?.(message)
  if (drawsInWorkers()) {
    const worker = globalThis.playersWorker ?? new Worker(new URL('./players-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }) => deliver(data)
    const post: Post = (message, transfer = []) => worker.postMessage(message, transfer)
    document.addEventListener('visibilitychange', () => post({ type: 'hidden', hidden: document.hidden }))
    return Promise.resolve(post)
  }
  return import('./runtime.ts').then(({ createRuntime }) => createRuntime(deliver))
}

/** Starts the runtime before there is a player for it: what it loads is there when the first one comes. */
export function warmUp(): void {
  runtime ??= startRuntime()
}

/** A player that was begun ahead of the page that will show it. */
let ahead: Begun | undefined

/** Begins a player before there is a page for it: the first `createPlayer` of the same camera takes it over, picture and all. */
export function playAhead(options: PlayerOptions): void {
  ahead = begin(options)
}

/** Shows one camera in one element, on a canvas that comes and goes with the player. */
export function createPlayer(options: PlayerOptions): Player {
  const { camera, host, rendition, onStatus } = options
  if (ahead?.camera !== camera) return begin(options).player
  const { player, moveTo } = ahead
  ahead = undefined
  player.setRendition(rendition)
  moveTo(host, onStatus)
  return player
}

interface Begun {
  readonly camera: string
  readonly player: Player
  moveTo(host: HTMLElement, onStatus: PlayerOptions['onStatus']): void
}

function begin({ camera, host, rendition, onStatus: told }: PlayerOptions): Begun {
  warmUp()
  const id = nextId++
  const ready = runtime as Promise<Post>
  const send = (message: ToRuntime, transfer?: Transferable[]) => void ready.then((post) => post(message, transfer))
  const snapshots = new Map<number, (blob: Blob | null) => void>()
  let snapshotId = 0
  let speaker: Speaker | undefined
  let onStatus = told
  let status: PlayerStatus | undefined
  let closed = false

  listeners.set(id, (message) => {
    if (message.type === 'status') {
      status = message.status
      onStatus(status)
    } else if (message.type === 'sound') speaker?.play(message)
    else snapshots.get(message.request)?.(message.blob)
  })
  // A canvas can be given to a worker once: each player has a new one.
  const canvas = document.createElement('canvas')
  canvas.setAttribute('aria-hidden', 'true')
  host.append(canvas)
  const drawing = drawsInWorkers() ? canvas.transferControlToOffscreen() : canvas
  const url = socketUrl(appUrl(`/ws/live/${encodeURIComponent(camera)}`))
  const webCodecs = 'VideoDecoder' in globalThis && 'EncodedVideoChunk' in globalThis
  send({ type: 'open', id, url, canvas: drawing, rendition, webCodecs }, drawing instanceof HTMLCanvasElement ? [] : [drawing])

  const player: Player = {
    setRendition: (rendition) => send({ type: 'rendition', id, rendition }),
    setAudio(on) {
      speaker?.close()
      speaker = on ? new Speaker((delay) => send({ type: 'delay', id, delay })) : undefined
      send({ type: 'audio', id, on })
    },
    setMotion: (on) => send({ type: 'motion', id, on }),
    setPaused: (paused) => send({ type: 'paused', id, paused }),
    async snapshot() {
      const request = ++snapshotId
      const blob = await new Promise<Blob | null>((resolve) => {
        snapshots.set(request, resolve)
        send({ type: 'snapshot', id, request })
      })
      snapshots.delete(request)
      if (!blob) throw new Error('there is no picture yet')
      return blob
    },
    close() {
      if (closed) return
      closed = true
      listeners.delete(id)
      speaker?.close()
      canvas.remove()
      send({ type: 'close', id })
    },
  }
  return {
    camera,
    player,
    moveTo(host, listener) {
      host.append(canvas)
      onStatus = listener
      if (status) onStatus(status)
    },
  }
}
