import { setPlayersWorker } from './player.ts'

declare global {
  /** The players' worker, when the page started it in its first line (vite.config.ts). */
  var playersWorker: Worker | undefined
}

/** The players' worker of this server's own pages: a module of the build. None in a sandboxed frame, whose origin is nobody's. */
setPlayersWorker(async () => {
  if (globalThis.playersWorker) return globalThis.playersWorker
  try {
    return new Worker(new URL('./players-worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return undefined
  }
})
