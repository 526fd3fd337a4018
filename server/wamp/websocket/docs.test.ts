import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { startProcess, type TestProcess } from '../../testing/process.ts'
import { CLIENT_DEFAULTS } from './client-options.ts'
import { SERVER_DEFAULTS } from './server-options.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const docs = readFileSync(at('../../../docs/websockets.md'), 'utf8')

/** Options and defaults of the table below a heading. */
const table = (heading: string): Record<string, string> =>
  Object.fromEntries(
    [...(docs.split(`## ${heading}\n`)[1] ?? '').split('\n## ')[0]!.matchAll(/^\| `([^`]+)` \| (.*?) \| .+ \|$/gm)].map(
      ([, name, value]) => [name, value],
    ),
  )

/** Defaults as the tables write them. */
const written = (defaults: object, prefix = ''): Record<string, string> =>
  Object.assign(
    {},
    ...Object.entries(defaults).map(([name, value]) =>
      ['closeCodes', 'reconnect'].includes(name)
        ? written(value, `${name}.`)
        : {
            [prefix + name]:
              value === undefined ? 'none' : value === Number.POSITIVE_INFINITY ? 'no limit' : `\`${JSON.stringify(value)}\``,
          },
    ),
  )

describe('the tables of docs/websockets.md', () => {
  it('have every option and its default', () => {
    expect(table('Options of the server')).toEqual(written(SERVER_DEFAULTS))
    expect(table('Options of the client')).toEqual({ url: 'required', ...written(CLIENT_DEFAULTS) })
  })
})

describe('the examples of docs/websockets.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-websockets-'))
  let server: TestProcess | undefined
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  /** Runs the client. @returns what it printed */
  async function chat(url: string): Promise<string> {
    const loader = process.env.PORTHOLE_BUILT ? [] : ['--import', 'tsx']
    const child = spawn(process.execPath, [...loader, join(folder, 'client.mjs'), url], { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
    await once(child, 'close')
    return text
  }

  it('are a chat and who speaks in it, or is refused without a name', async () => {
    for (const [, name, code] of docs.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g))
      writeFileSync(join(folder, name as string), code as string)
    install(folder)
    const config = docs.match(/```json\n([\s\S]*?)```/)?.[1]?.replace('/srv/chat', folder) as string
    writeFileSync(join(folder, 'config.json'), config)
    server = await startProcess(['--port', '0', '--data', join(folder, 'data'), '--config', join(folder, 'config.json')])
    const url = `ws://127.0.0.1:${server.port}/chat`
    expect(await chat(`${url}?name=azalea`)).toBe('azalea: hello\n')
    expect(await chat(url)).toContain('the server refused: 400')
  }, 60_000)
})

/** What `npm install` of this package makes there: as it was built, where who runs the tests built it just now; else its sources. */
function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules'))
  const to = join(folder, 'node_modules', 'porthole')
  if (process.env.PORTHOLE_BUILT) return symlinkSync(at('../../..'), to)
  mkdirSync(to)
  writeFileSync(join(to, 'package.json'), '{ "name": "porthole", "type": "module", "exports": { "./websocket": "./index.ts" } }')
  writeFileSync(join(to, 'index.ts'), `export * from ${JSON.stringify(at('./index.ts'))}`)
}
