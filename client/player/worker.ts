import { setPlayersWorker } from './player.ts'

declare global {
  /** The players' worker, when the page started it in its first line (vite.config.ts). */
  var playersWorker: Worker | undefined
}

/** The players' worker of this server's own pages: a module of the build. */
setPlayersWorker(async () => globalThis.playersWorker ?? new Worker(new URL('./players-worker.ts', import.meta.url), { type: 'module' }))
