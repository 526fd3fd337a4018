import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/server/main.js', import.meta.url))
const PASSWORD = 'bench-password'
/** Milliseconds a server has to answer. */
const START_MS = 15_000

export interface BenchServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** `porthole_session=...` of the owner. */
  readonly cookie: string
  call(method: string, path: string, body?: unknown): Promise<unknown>
  close(): Promise<void>
}

export interface BenchServerOptions {
  /** Address to listen on, and that the clients use. */
  readonly host?: string
  readonly args?: readonly string[]
  /** Put before the command: `taskset -c 0`, `ip netns exec x`. */
  readonly prefix?: readonly string[]
}

/** A built server of its own, with an owner who is signed in, and nothing kept. */
export async function startServer({ host = '127.0.0.1', args = [], prefix = [] }: BenchServerOptions = {}): Promise<BenchServer> {
  const data = mkdtempSync(join(tmpdir(), 'porthole-bench-'))
  const command = [...prefix, process.execPath, MAIN, 'serve', '--port', '0', '--host', host, '--data', data, ...args]
  const child = spawn(command[0] as string, command.slice(1), {
    env: { ...process.env, PORTHOLE_OWNER_PASSWORD: PASSWORD },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const port = await listening(child)
  const url = `http://${host}:${port}`
  let cookie = ''
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(cookie ? { cookie } : {}) },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const set = response.headers.get('set-cookie')
    if (set) cookie = set.split(';', 1)[0] as string
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.status === 204 ? undefined : await response.json()
  }
  await call('POST', '/session', { user: 'owner', password: PASSWORD })
  return {
    url,
    port,
    pid: child.pid as number,
    get cookie() {
      return cookie
    },
    call,
    async close() {
      await new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      })
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** The port, off the log line that says so. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error(`the server did not start: ${text}`)), START_MS)
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4000)
      const found = /"port":(\d+),"msg":"listening"/.exec(text)
      if (!found) return
      clearTimeout(timer)
      resolve(Number(found[1]))
    })
  })
}
