import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const SOURCES = ['--import', 'tsx', from('../main.ts')]
/** The program, as arguments of node: as it was built, where who runs the tests built it just now; else its sources. */
export const PROGRAM: readonly string[] = process.env.PORTHOLE_BUILT ? [from('../../dist/server/main.js')] : SOURCES
const START_MS = 20_000

/** A server as its user starts it, in a process of its own. */
export interface TestProcess {
  readonly port: number
  readonly log: () => string
  readonly running: () => boolean
  /** @returns its exit status */
  stop(): Promise<number | null>
}

/**
 * @param shell runs before it in the same shell, such as `ulimit -n 90`, which is counted for its sources
 * @param trust file of a certificate authority that it trusts too
 */
export async function startProcess(args: readonly string[], { shell = ':', trust = '' } = {}): Promise<TestProcess> {
  const child = spawn(
    'sh',
    ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...(shell === ':' ? PROGRAM : SOURCES), 'serve', ...args],
    {
      env: { ...process.env, PORTHOLE_OWNER_PASSWORD: 'a password of tests', ...(trust && { NODE_EXTRA_CA_CERTS: trust }) },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const port = () => Number(/"port":(\d+)/.exec(text)?.[1] ?? 0)
  const running = () => child.exitCode === null && child.signalCode === null
  const stop = async () => {
    if (running()) {
      child.kill()
      await once(child, 'exit')
    }
    return child.exitCode
  }
  try {
    await expect.poll(port, { timeout: START_MS }).toBeGreaterThan(0)
  } catch (error) {
    await stop()
    throw new Error(`the server did not start: ${text}`, { cause: error })
  }
  return { port: port(), log: () => text, running, stop }
}
