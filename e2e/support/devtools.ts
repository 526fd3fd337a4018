/**
 * A browser driven by the bare DevTools protocol. Playwright tells every page that it is seen (focus emulation), and attaches
 * itself to every worker and holds it until it was seen (Target.setAutoAttach with waitForDebuggerOnStart): here a page behind
 * another is hidden, and nobody slows a worker's start down.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'

type Params = Readonly<Record<string, unknown>>
type Answer = { readonly id?: number; readonly result?: Record<string, unknown>; readonly error?: { readonly message: string } }

/** Milliseconds that a command may take. */
const COMMAND_MS = 20_000

/** One page of the browser. */
export interface Tab {
  readonly targetId: string
  send<T = Record<string, unknown>>(method: string, params?: Params): Promise<T>
  /** The value of an expression, or of the promise that it is. */
  evaluate<T = unknown>(expression: string): Promise<T>
}

/** One browser process with a profile of its own. */
export class DevTools {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process
    this.#profile = profile
    this.#socket = socket
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data)) as Answer
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer)
    })
  }

  static async launch(executable: string, args: readonly string[]): Promise<DevTools> {
    const profile = mkdtempSync(join(tmpdir(), 'porthole-browser-'))
    const browser = spawn(
      executable,
      [...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    for await (const line of createInterface({ input: browser.stderr as NodeJS.ReadableStream })) {
      const [, url] = /^DevTools listening on (ws:\S+)/.exec(line) ?? []
      if (url) {
        const socket = new WebSocket(url)
        await once(socket, 'open')
        return new DevTools(browser, profile, socket)
      }
      said += `${line}\n`
    }
    throw new Error(`the browser ended before it listened: ${said}`)
  }

  /** @throws Error with the browser's words */
  async send<T = Record<string, unknown>>(method: string, params: Params = {}, sessionId?: string): Promise<T> {
    const id = ++this.#lastId
    const answer = await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), COMMAND_MS)
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    }).finally(() => this.#waiting.delete(id))
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result as T
  }

  /** Opens an empty page before all others. */
  async open(browserContextId?: string): Promise<Tab> {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
    const send = <T>(method: string, params: Params = {}) => this.send<T>(method, params, sessionId)
    return {
      targetId,
      send,
      async evaluate<T>(expression: string) {
        const options = { expression, awaitPromise: true, returnByValue: true }
        const { result } = await send<{ result: { value: T } }>('Runtime.evaluate', options)
        return result.value
      },
    }
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit')
    await this.send('Browser.close').catch(() => this.#process.kill('SIGKILL'))
    await ended
    this.#socket.close()
    // Its helpers may still write their last words.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}
