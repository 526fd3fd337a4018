import { createRuntime } from '../player/runtime.ts'

/** Milliseconds in which the worker must say that it is there. */
const START_MS = 4000
/** The worker's first word: no player has this id. */
const HELLO = { id: 0 }

interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown, transfer?: Transferable[]): void
}

/** In the worker: the same script, with no page around it. */
export function runWorker(): void {
  const scope = globalThis as unknown as WorkerScope
  const handle = createRuntime((message, transfer) => scope.postMessage(message, transfer))
  scope.onmessage = ({ data }) => handle(data)
  scope.postMessage(HELLO)
}

/**
 * In a page of another site: a worker must be of the page's own origin, what it imports need not (HTML, importScripts).
 * @returns undefined where the page's policy allows none: the player runs in the page then
 */
export async function workerOf(script: string): Promise<Worker | undefined> {
  const address = URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(script)})`], { type: 'text/javascript' }))
  try {
    const worker = new Worker(address)
    const answers = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), START_MS)
      const settle = (answers: boolean) => {
        clearTimeout(timer)
        resolve(answers)
      }
      worker.onmessage = () => settle(true)
      worker.onerror = (event) => {
        event.preventDefault()
        settle(false)
      }
    })
    if (answers) return worker
    worker.terminate()
  } catch {
    // Refused by the page's policy.
  } finally {
    URL.revokeObjectURL(address)
  }
  return undefined
}
