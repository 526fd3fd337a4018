import { createRuntime } from './runtime.ts'

const scope = globalThis as unknown as DedicatedWorkerGlobalScope
interface DedicatedWorkerGlobalScope {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown, transfer: Transferable[]): void
}

const handle = createRuntime((message, transfer) => scope.postMessage(message, transfer))
scope.onmessage = ({ data }) => handle(data)
