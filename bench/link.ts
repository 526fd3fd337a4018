import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the server listens, and the other end. */
export const NEAR = '10.78.0.1'
export const FAR = '10.78.0.2'

export interface LinkOptions {
  /** Milliseconds one way. */
  readonly delay: number
  /** Percent of the packets, each way. */
  readonly loss: number
  /** Kilobits a second, 0 unlimited. */
  readonly rate?: number
  /** Milliseconds of the drop-tail queue. */
  readonly queue?: number
}

export interface Link {
  readonly namespace: string
  /** Kilobits a second, from now on. */
  setRate(kbit: number): Promise<void>
  setLoss(percent: number): Promise<void>
  /** A program that runs the given one at the far end. */
  wrapper(program: string): string
  close(): Promise<void>
}

/** Why no link can be made here; undefined when one can. */
export function linkMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
    return undefined
  } catch {
    return 'there is no /dev/net/tun'
  }
}

export async function openLink({ delay, loss, rate = 0, queue = 300 }: LinkOptions): Promise<Link> {
  const namespace = `porthole${process.pid}`
  const child = spawn(
    'python3',
    [fileURLToPath(new URL('./link.py', import.meta.url)), namespace, `${delay}`, `${loss}`, `${rate}`, `${queue}`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  await line(child)
  const say = async (text: string) => {
    const answer = line(child)
    child.stdin?.write(`${text}\n`)
    await answer
  }
  return {
    namespace,
    setRate: (kbit) => say(`rate ${kbit}`),
    setLoss: (percent) => say(`loss ${percent}`),
    wrapper(program) {
      const path = join(tmpdir(), `${namespace}-run`)
      writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`)
      chmodSync(path, 0o755)
      return path
    },
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.stdin?.end()
      }),
  }
}

/** The next line of the link's output. */
function line(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the link ended with status ${code}`)))
  })
}
