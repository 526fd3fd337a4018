import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

/** Milliseconds that one command may take. */
const COMMAND_MS = 15_000

export interface PlainTab {
  evaluate(expression: string): Promise<unknown>
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** Opens another tab before this one. */
  cover(): Promise<void>
}

/**
 * A browser with real tabs. Playwright tells every page that it is seen (focus emulation); here a tab behind another is
 * hidden, as it is for people.
 */
export async function openPlainBrowser(executable: string, args: readonly string[]): Promise<{ tab: PlainTab; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'porthole-browser-'))
  const browser = spawn(executable, [...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const endpoint = await new Promise<string>((resolve, reject) => {
    let text = ''
    browser.once('exit', () => reject(new Error(`the browser ended: ${text}`)))
    browser.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = /DevTools listening on (ws:\S+)/.exec(text)
      if (found) resolve(found[1] as string)
    })
  })
  const socket = new WebSocket(endpoint)
  await once(socket, 'open')
  const pending = new Map<number, { resolve(value: Record<string, unknown>): void; reject(error: Error): void }>()
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(String(data))
    if (error) pending.get(id)?.reject(new Error(error.message))
    else pending.get(id)?.resolve(result)
    pending.delete(id)
  })
  let last = 0
  const command = (method: string, params: object, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const id = ++last
      pending.set(id, { resolve, reject })
      setTimeout(() => reject(new Error(`${method} was not answered`)), COMMAND_MS).unref()
      socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }))
    })
  const { targetInfos } = (await command('Target.getTargets', {})) as { targetInfos: { type: string; targetId: string }[] }
  const { sessionId } = (await command('Target.attachToTarget', {
    targetId: targetInfos.find(({ type }) => type === 'page')?.targetId,
    flatten: true,
  })) as { sessionId: string }
  const send = (method: string, params: object = {}) => command(method, params, sessionId)
  return {
    tab: {
      send,
      async evaluate(expression) {
        const { result } = (await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })) as {
          result: { value: unknown }
        }
        return result.value
      },
      async cover() {
        await command('Target.createTarget', { url: 'about:blank' })
      },
    },
    async close() {
      const ended = once(browser, 'exit')
      await command('Browser.close', {})
      await ended
      socket.close()
      // Its helpers may still write their last words.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
