import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** Open files that the server may have: enough to start, and for some connections. */
const FILES = 90
const CONNECTIONS = 300
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A server in a process of its own that may have few files. @returns what it logs, and its port */
async function start(folder: string, door: object) {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ door }))
  const command = `ulimit -n ${FILES}; exec "$0" --import tsx "${MAIN}" serve --port 0 --data "$1/data" --config "$1/config.json"`
  const child = spawn('sh', ['-c', command, process.execPath, folder], {
    env: { ...process.env, PORTHOLE_OWNER_PASSWORD: 'a password of tests' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const port = () => Number(/"port":(\d+)/.exec(text)?.[1] ?? 0)
  await expect.poll(port, { timeout: 15_000 }).toBeGreaterThan(0)
  return { child, port: port(), log: () => text }
}

it.skipIf(process.platform !== 'linux').each([
  ['by its own limit', {}],
  ['by running out of them', { maxConnections: 10_000 }],
])('survives without descriptors (%s), and serves again when there are some', { timeout: 30_000 }, async (how, door) => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-files-'))
  const { child, port, log } = await start(folder, door)
  const sockets: Socket[] = []
  const status = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.status,
      () => 0,
    )
  try {
    expect(await status()).toBe(200)
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.write('GET / HTTP/1.1\r\nX-Wait: ')
      sockets.push(socket)
    }
    if (how === 'by its own limit') await expect.poll(log).toContain('connections are not taken')
    // Answered or not: the room is taken by others.
    await status()
    for (const socket of sockets) socket.destroy()
    await expect.poll(status, { timeout: 5000 }).toBe(200)
    expect(child.exitCode).toBe(null)
  } finally {
    for (const socket of sockets) socket.destroy()
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true })
  }
})
