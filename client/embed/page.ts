import { setPlayersWorker } from '../player/player.ts'
import { define, setHome } from './view.ts'
import { workerOf } from './worker.ts'

/** @param script where `embed.js` was loaded from: its server has the shares */
export function begin(script: string | undefined): void {
  if (script) {
    setHome(new URL('.', script))
    setPlayersWorker(() => workerOf(script))
  }
  define()
}
