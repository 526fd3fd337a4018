import { socketUrl } from '../transport/socket.ts'
import type { FromRuntime, ToRuntime } from './runtime-messages.ts'
import { Speaker } from './speaker.ts'
import type { Player, PlayerOptions } from './types.ts'

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
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
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

/** Shows one camera on one canvas. */
export function createPlayer(options: PlayerOptions): Player {
  warmUp()
  const id = nextId++
  const ready = runtime as Promise<Post>
  const send = (message: ToRuntime, transfer?: Transferable[]) => void ready.then((post) => post(message, transfer))
  const snapshots = new Map<number, (blob: Blob | null) => void>()
  let snapshotId = 0
  let speaker: Speaker | undefined
  let closed = false

  listeners.set(id, (message) => {
    if (message.type === 'status') options.onStatus(message.status)
    else if (message.type === 'sound') speaker?.play(message)
    else snapshots.get(message.request)?.(message.blob)
  })
  const canvas = drawsInWorkers() ? options.canvas.transferControlToOffscreen() : options.canvas
  const url = socketUrl(`/ws/live/${encodeURIComponent(options.camera)}`, location.href)
  const webCodecs = 'VideoDecoder' in globalThis && 'EncodedVideoChunk' in globalThis
  send({ type: 'open', id, url, canvas, rendition: options.rendition, webCodecs }, canvas instanceof HTMLCanvasElement ? [] : [canvas])

  return {
    setRendition: (rendition) => send({ type: 'rendition', id, rendition }),
    setAudio(on) {
      speaker?.close()
      speaker = on ? new Speaker((delay) => send({ type: 'delay', id, delay })) : undefined
      send({ type: 'audio', id, on })
    },
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
      send({ type: 'close', id })
    },
  }
}
