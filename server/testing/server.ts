import { once } from 'node:events'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import type { App } from '../app.ts'
import { startApp } from '../app.ts'
import { systemClock } from '../base/clock.ts'
import { readConfig } from '../config/config.ts'
import { checkFileConfig } from '../config/file.ts'
import { IN_MEMORY } from '../store/database.ts'

export const PASSWORD = 'correct horse battery'

/** An Authorization header of Basic. */
export const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export interface TestServer {
  readonly app: App
  readonly url: string
  /** Lines of the log, parsed. */
  readonly lines: Record<string, unknown>[]
  /** `porthole_session=...` of the owner. */
  readonly cookie: string
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: never; headers: Headers }>
  /** Signs somebody in. @returns `porthole_session=...` */
  signIn(user: string, password: string): Promise<string>
  socket(path: string, headers?: Record<string, string>): TestSocket
  close(): Promise<void>
}

/** A real server on a free port, with its owner signed in. */
export async function startTestServer(
  options: { data?: string; args?: string[]; password?: string | undefined; file?: unknown } = {},
): Promise<TestServer> {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  const password = 'password' in options ? options.password : PASSWORD
  const env = password === undefined ? {} : { PORTHOLE_OWNER_PASSWORD: password }
  const config = {
    ...readConfig(['--port', '0', ...(options.args ?? [])], env),
    data: options.data ?? IN_MEMORY,
    file: checkFileConfig(options.file ?? {}),
  }
  const app = await startApp({ config, log, clock: systemClock })
  const url = `http://127.0.0.1:${app.address.port}`
  let cookie = ''
  const call: TestServer['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(cookie ? { cookie } : {}), ...headers },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, headers: response.headers, body: (json && text !== '' ? JSON.parse(text) : text) as never }
  }
  const signIn: TestServer['signIn'] = async (user, password) => {
    const { headers } = await call('POST', '/api/v1/session', { user, password }, { cookie: '' })
    return (headers.get('set-cookie') ?? '').split(';', 1)[0] as string
  }
  if (password !== undefined) {
    cookie = await signIn('owner', password)
  }
  return {
    app,
    url,
    lines,
    get cookie() {
      return cookie
    },
    call,
    signIn,
    socket: (path, headers = { cookie }) => new TestSocket(url.replace('http', 'ws') + path, headers),
    close: () => app.close(),
  }
}

/** Milliseconds a test waits for what should happen at once. */
const DEADLINE_MS = 5000

/** A WebSocket client that keeps what it hears. */
export class TestSocket {
  readonly ws: WebSocket
  readonly texts: Record<string, unknown>[] = []
  readonly binaries: Buffer[] = []
  closed: { code: number; reason: string } | undefined
  /** HTTP status, when the upgrade was refused. */
  refused: number | undefined

  constructor(url: string, headers: Record<string, string>) {
    this.ws = new WebSocket(url, { headers, perMessageDeflate: false })
    this.ws.on('message', (data: Buffer, binary) => {
      if (binary) this.binaries.push(data)
      else this.texts.push(JSON.parse(String(data)))
    })
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
    })
    this.ws.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode
      response.resume()
    })
    this.ws.on('error', () => {})
  }

  async opened(): Promise<this> {
    if (this.ws.readyState === WebSocket.CONNECTING) await once(this.ws, 'open')
    return this
  }

  say(message: object): void {
    this.ws.send(JSON.stringify(message))
  }

  /** Waits until `condition` holds after some event of the socket. */
  async until<T>(condition: () => T | undefined | false): Promise<T> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    for (;;) {
      const value = condition()
      if (value) return value
      const next = new AbortController()
      const either = AbortSignal.any([signal, next.signal])
      const events = ['message', 'close', 'error', 'unexpected-response'].map((event) =>
        once(this.ws, event, { signal: either }).catch(() => {}),
      )
      await Promise.race(events)
      next.abort()
      if (signal.aborted)
        throw new Error(`nothing came: ${JSON.stringify({ texts: this.texts, closed: this.closed, refused: this.refused })}`)
    }
  }

  /** The next (or an earlier) message of a type. */
  message(type: string): Promise<Record<string, unknown>> {
    return this.until(() => this.texts.find((message) => message.type === type))
  }

  ended(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed)
  }
}
