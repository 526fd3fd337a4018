import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url))
export const PASSWORD = 'a-password-of-tests'
/** Milliseconds a server has to answer. */
const START_MS = 15_000

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** `porthole_session=...` of the owner. */
  readonly cookie: string
  /** What it wrote to standard output: the address, a sign-in link. */
  readonly stdout: string
  /** Asks the API as the owner; the path is behind `/api/v1`. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Ends the process and starts it again on the same data and port. */
  restart(signal?: NodeJS.Signals): Promise<void>
  close(): Promise<void>
}

export interface ServerOptions {
  /** Address to listen on, and that the clients use. */
  readonly host?: string
  readonly args?: readonly string[]
  /** Put before the command: `taskset -c 0`, `ip netns exec x`. */
  readonly prefix?: readonly string[]
  /** What stands in its configuration file. */
  readonly config?: object
  /** Without one the owner has none and signs in by the link. */
  readonly password?: string | null
}

/** A built server of its own, with an owner who is signed in, and nothing kept. */
export async function startServer({
  host = '127.0.0.1',
  args = [],
  prefix = [],
  config,
  password = PASSWORD,
}: ServerOptions = {}): Promise<RunningServer> {
  const data = mkdtempSync(join(tmpdir(), 'porthole-test-'))
  const file = join(data, 'porthole.json')
  if (config) writeFileSync(file, JSON.stringify(config))
  const more = config ? ['--config', file, ...args] : args
  let child: ChildProcess
  let port = 0
  let stdout = ''
  const start = async () => {
    const command = [...prefix, process.execPath, MAIN, 'serve', '--port', `${port}`, '--host', host, '--data', data, ...more]
    child = spawn(command[0] as string, command.slice(1), {
      env: { ...process.env, ...(password === null ? {} : { PORTHOLE_OWNER_PASSWORD: password }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    port = await listening(child)
  }
  const stop = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', () => resolve())
      child.kill(signal)
    })
  await start()
  let cookie = ''
  const url = `http://${host}:${port}`
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
  if (password !== null) await call('POST', '/session', { user: 'owner', password })
  return {
    url,
    port,
    get pid() {
      return child.pid as number
    },
    get cookie() {
      return cookie
    },
    get stdout() {
      return stdout
    },
    call,
    async restart(signal = 'SIGTERM') {
      await stop(signal)
      await start()
    },
    async close() {
      await stop('SIGTERM')
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
