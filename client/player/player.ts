import { appUrl } from '../transport/base.ts'
import { socketUrl } from '../transport/socket.ts'
import type { FromRuntime, ToRuntime } from './runtime-messages.ts'
import { Speaker } from './speaker.ts'
import type { Player, PlayerOptions, PlayerStatus } from './types.ts'

type Post = (message: ToRuntime, transfer?: Transferable[]) => void

interface Runtime {
  readonly post: Post
  /** Whether it draws in a worker, which canvases are handed to. */
  readonly inWorker: boolean
}

const listeners = new Map<number, (message: FromRuntime) => void>()
let nextId = 1
let runtime: Promise<Runtime> | undefined
let startWorker: (() => Promise<Worker | undefined>) | undefined

/** Whether workers can draw to this page's canvases. */
const drawsInWorkers = () => typeof Worker !== 'undefined' && 'transferControlToOffscreen' in HTMLCanvasElement.prototype

/**
 * Says where the players' worker comes from; once, before the first player. Without it, and where it gives none (a page's policy may
 * allow no worker), the players run in the page.
 */
export function setPlayersWorker(start: () => Promise<Worker | undefined>): void {
  startWorker = start
}

/** The page's one runtime: a worker, so that a busy page does not stall the pictures; else the page itself. */
async function startRuntime(): Promise<Runtime> {
  const deliver = (message: FromRuntime) => listeners.get(message.id)?.(message)
  const worker = drawsInWorkers() ? await startWorker?.() : undefined
  if (!worker) {
    const { createRuntime } = await import('./runtime.ts')
    return { post: createRuntime(deliver), inWorker: false }
  }
  worker.onmessage = ({ data }) => deliver(data)
  const post: Post = (message, transfer = []) => worker.postMessage(message, transfer)
  document.addEventListener('visibilitychange', () => post({ type: 'hidden', hidden: document.hidden }))
  return { post, inWorker: true }
}

/** Starts the runtime before there is a player for it: what it loads is there when the first one comes. */
export function warmUp(): void {
  runtime ??= startRuntime()
}

/** The address of a camera's viewers. */
export const liveUrl = (camera: string): string => socketUrl(appUrl(`/ws/live/${encodeURIComponent(camera)}`))

/** The address of a shared link's viewers. */
export const shareUrl = (token: string): string => socketUrl(appUrl(`/ws/share/${encodeURIComponent(token)}`))

/** A player that was begun ahead of the page that will show it. */
let ahead: Begun | undefined

/**
 * Begins a player before there is a page for it: the first `createPlayer` of the same address,
 * entered the same way, takes it over, picture and all.
 * @returns ends it, unless it was taken over
 */
export function playAhead(options: PlayerOptions): () => void {
  const begun = begin(options)
  ahead = begun
  return () => {
    if (ahead !== begun) return
    ahead = undefined
    begun.player.close()
  }
}

/** Ends what was begun ahead, and is not wanted as it was begun. */
export function dropAhead(): void {
  ahead?.player.close()
  ahead = undefined
}

/** Shows one camera in one element, on a canvas that comes and goes with the player. */
export function createPlayer(options: PlayerOptions): Player {
  const { url, host, rendition, onStatus } = options
  if (ahead?.url !== url || ahead.entered !== JSON.stringify(options.enter)) return begin(options).player
  const { player, moveTo } = ahead
  ahead = undefined
  player.setRendition(rendition)
  moveTo(host, onStatus)
  return player
}

interface Begun {
  readonly url: string
  /** How, as JSON. */
  readonly entered: string | undefined
  readonly player: Player
  moveTo(host: HTMLElement, onStatus: PlayerOptions['onStatus']): void
}

function begin({ url, enter, host, rendition, onStatus: told }: PlayerOptions): Begun {
  warmUp()
  const id = nextId++
  const ready = runtime as Promise<Runtime>
  const send = (message: ToRuntime) => void ready.then(({ post }) => post(message))
  const snapshots = new Map<number, (blob: Blob | null) => void>()
  let snapshotId = 0
  let speaker: Speaker | undefined
  let onStatus = told
  let status: PlayerStatus | undefined
  let closed = false
  /** Nobody will answer them any more. */
  const giveUp = () => {
    for (const resolve of snapshots.values()) resolve(null)
  }

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
  const webCodecs = 'VideoDecoder' in globalThis && 'EncodedVideoChunk' in globalThis
  void ready.then(({ post, inWorker }) => {
    const drawing = inWorker ? canvas.transferControlToOffscreen() : canvas
    post({ type: 'open', id, url, enter, canvas: drawing, rendition, webCodecs }, drawing instanceof HTMLCanvasElement ? [] : [drawing])
  })

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
      if (closed) throw new Error('the player is closed')
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
      giveUp()
      listeners.delete(id)
      speaker?.close()
      canvas.remove()
      send({ type: 'close', id })
    },
  }
  return {
    url,
    entered: JSON.stringify(enter),
    player,
    moveTo(host, listener) {
      host.append(canvas)
      onStatus = listener
      if (status) onStatus(status)
    },
  }
}
