import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
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
 * @param shell runs before it in the same shell, such as `ulimit -n 90`
 * @param trust file of a certificate authority that it trusts too
 */
export async function startProcess(args: readonly string[], { shell = ':', trust = '' } = {}): Promise<TestProcess> {
  const command = `${shell}; exec "$0" --import tsx "${MAIN}" serve "$@"`
  const child = spawn('sh', ['-c', command, process.execPath, ...args], {
    env: { ...process.env, PORTHOLE_OWNER_PASSWORD: 'a password of tests', ...(trust && { NODE_EXTRA_CA_CERTS: trust }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
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
