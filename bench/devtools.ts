/**
 * A browser driven by the bare DevTools protocol. Playwright attaches itself to every worker of a page and holds each until
 * it was seen (Target.setAutoAttach with waitForDebuggerOnStart): a page that starts a worker is slowed down by being watched.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { browserPath, FLAGS } from './browser.ts'

type Params = Readonly<Record<string, unknown>>
type Answer = { readonly id?: number; readonly result?: Record<string, unknown>; readonly error?: { readonly message: string } }

/** Milliseconds that a command may take. */
const COMMAND_MS = 20_000

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

  static async launch(): Promise<DevTools> {
    const profile = mkdtempSync(join(tmpdir(), 'porthole-bench-profile-'))
    const args = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...FLAGS, 'about:blank']
    const browser = spawn(await browserPath(), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    for await (const line of createInterface({ input: browser.stderr as NodeJS.ReadableStream })) {
      const [, url] = /^DevTools listening on (ws:\S+)/.exec(line) ?? []
      if (!url) continue
      const socket = new WebSocket(url)
      await once(socket, 'open')
      return new DevTools(browser, profile, socket)
    }
    throw new Error('the browser ended before it listened')
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

  /**
   * Opens an empty page of a context, with a script that runs at the start of each document in it.
   * @returns navigates it, and evaluates an expression in it when it has a promise for it
   */
  async page(browserContextId: string, script: string) {
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
    await this.send('Page.enable', {}, sessionId)
    await this.send('Page.addScriptToEvaluateOnNewDocument', { source: script }, sessionId)
    return {
      goto: (url: string) => this.send('Page.navigate', { url }, sessionId),
      evaluate: async <T>(expression: string): Promise<T> => {
        const options = { expression, awaitPromise: true, returnByValue: true }
        const { result } = await this.send<{ result: { value: T } }>('Runtime.evaluate', options, sessionId)
        return result.value
      },
      close: () => this.send('Target.closeTarget', { targetId }),
    }
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit')
    await this.send('Browser.close').catch(() => this.#process.kill('SIGKILL'))
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
