import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { basic, PASSWORD, startTestServer, type TestServer } from './testing/server.ts'
import { RUNNER } from './testing/wamp-peer.ts'
import { ticketAuth } from './wamp/auth/answers.ts'
import { connect } from './wamp/client/connect.ts'
import { joinSession } from './wamp/client/join.ts'
import type { Session } from './wamp/client/session.ts'

// docs/components.md, as it stands, on a real server.

const page = readFileSync(new URL('../docs/components.md', import.meta.url), 'utf8')
const example = /```ts\n(\/\/ garden\.ts\n[\s\S]*?)```/.exec(page)?.[1] ?? ''
/** Milliseconds that starting a process and an encoder may take on a machine that does other things too. */
const START_MS = 20_000

let server: TestServer
let folder: string
let child: ChildProcess
let lines: Record<string, unknown>[]
let session: Session

const joined = async (url: string) => joinSession(await connect({ url }), { realm: 'porthole', auth: [ticketAuth('owner', PASSWORD)] })
const logged = (message: string) =>
  vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining({ msg: message })), { timeout: START_MS })

describe('the component of the documentation', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    server = await startTestServer({ args: ['--demo'] })
    folder = mkdtempSync(join(tmpdir(), 'porthole-components-'))
    writeFileSync(join(folder, 'garden.ts'), example)
    const url = `${server.url.replace('http', 'ws')}/ws`
    lines = []
    const args = ['run', 'garden.ts', '--url', url, '--realm', 'porthole', '--authid', 'owner', '--extra', '{"camera":"azalea"}']
    child = spawn(process.execPath, [...RUNNER, ...args], {
      cwd: folder,
      env: { ...process.env, PORTHOLE_RUN_TICKET: PASSWORD },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      lines = text
        .split('\n')
        .slice(0, -1)
        .map((line) => (line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { msg: line }))
    })
    await logged('ready')
    session = await joined(url)
  }, START_MS * 2)
  afterAll(async () => {
    child?.kill('SIGKILL')
    await session?.leave()
    await server?.close()
    rmSync(folder, { recursive: true })
  })

  it('keeps the picture when somebody calls its procedure', async () => {
    const kept = await session.call<{ bytes: number }>('com.example.garden.keep')
    expect(kept).toEqual({ bytes: expect.any(Number), type: 'image/jpeg', time: expect.stringMatching(/^\d{4}-.*Z$/) })
    const jpeg = readFileSync(join(folder, 'azalea.jpg'))
    expect([jpeg.length, jpeg.readUInt16BE(0)]).toEqual([kept.bytes, 0xffd8])
  })

  it("hears the camera's status", async () => {
    const watching = await server.socket('/ws/live/azalea').opened()
    await logged('status')
    watching.ws.close()
    expect(lines.find(({ msg }) => msg === 'status')).toMatchObject({ id: 'azalea', state: expect.any(String) })
  })

  it('may be joined as who opens the connection', async () => {
    const headers = { Authorization: basic('owner', PASSWORD) }
    const link = await connect({ url: `${server.url.replace('http', 'ws')}/ws`, headers })
    const other = await joinSession(link, { realm: 'porthole' })
    expect(other).toMatchObject({ authid: 'owner', authrole: 'owner' })
    await other.leave()
  })

  it('leaves when it is told to', async () => {
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(lines.find(({ msg }) => msg === 'the garden is left alone')).toMatchObject({ reason: 'wamp.close.close_realm' })
    await expect(session.call('com.example.garden.keep')).rejects.toMatchObject({ uri: 'wamp.error.no_such_procedure' })
  })
})
