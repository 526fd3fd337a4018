import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinned } from '../fan-out-run.ts'
import { startServer } from '../server.ts'
import type { Target } from './session.ts'

/** Ways of getting a message from one client to another: bare `ws` servers, of which the second is for calls alone, and routers. */
export const WAYS = ['bare ws', 'ws hop', 'porthole', 'fox-wamp', 'wamp-server', 'wamp.rt'] as const
export type Way = (typeof WAYS)[number]
export const isOther = (way: Way): boolean => way !== 'bare ws' && way !== 'ws hop' && way !== 'porthole'

const PEER = fileURLToPath(new URL('peer.mjs', import.meta.url))
/** Where the set-up of the tests installs other routers. */
const PEERS_FOLDER = fileURLToPath(new URL('../../e2e/peers/wamp', import.meta.url))
const START_MS = 15_000

export interface Server extends Target {
  close(): Promise<void>
}

/** Where other routers are looked for: the tests' folder, then those that were named. */
export const foldersOf = (named: string): string[] => [PEERS_FOLDER, ...named.split(',').filter((folder) => folder !== '')]

/** The folder that a router is installed in, and its version; undefined when it is in none. */
export function installed(way: Way, folders: readonly string[]): { folder: string; version: string } | undefined {
  for (const folder of folders) {
    const file = path.join(folder, 'node_modules', way, 'package.json')
    if (existsSync(file)) return { folder, version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version }
  }
  return undefined
}

export interface StartOptions {
  /** What the bare server does with a message. */
  readonly bare: 'echo' | 'relay'
  readonly folders: readonly string[]
  /** Folder for a CPU profile of Porthole, '' for none. */
  readonly profile: string
  /** Connections that Porthole must take; its own number when left out. */
  readonly connections?: number
}

/** A server on core 0. */
export async function start(way: Way, { bare, folders, profile, connections }: StartOptions): Promise<Server> {
  if (way === 'porthole') {
    const profiled = profile ? ['sh', '-c', `exec "$0" --cpu-prof --cpu-prof-dir='${path.resolve(profile)}' "$@"`] : []
    const server = await startServer({
      prefix: [...pinned(0), ...profiled],
      ...(connections !== undefined && { config: { door: { maxConnections: connections } } }),
    })
    return { port: server.port, pid: server.pid, path: '/ws', kind: 'router', close: () => server.close() }
  }
  const other = isOther(way)
  const kind = other ? 'router' : way === 'ws hop' ? 'hop' : bare
  const command = [...pinned(0), process.execPath, PEER, other ? way : kind, ...(other ? [installed(way, folders)?.folder ?? ''] : [])]
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const { port } = await heard<{ port: number }>(child, START_MS)
  return {
    port,
    pid: child.pid as number,
    path: '/',
    kind,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** The next message of a process; throws when it ends first, or after so long. */
export async function heard<T>(child: ChildProcess, ms: number): Promise<T> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(ms)])
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(([code]): T => {
        throw new Error(`a process of the benchmark ended with status ${code}`)
      }),
    ])
  } finally {
    stop.abort()
  }
}
