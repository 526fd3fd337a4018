import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from './testing/process.ts'

/** Open files that the server may have: enough to load its sources, which are read many at once, and for some connections. */
const FILES = 600
const CONNECTIONS = 900

it.skipIf(process.platform !== 'linux').each([
  ['by its own limit', {}],
  ['by running out of them', { maxConnections: 10_000 }],
])('survives without descriptors (%s), and serves again when there are some', { timeout: 30_000 }, async (how, door) => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-files-'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ door }))
  const args = ['--port', '0', '--data', join(folder, 'data'), '--config', join(folder, 'config.json')]
  const server = await startProcess(args, { shell: `ulimit -n ${FILES}` })
  const { port, log } = server
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
    expect(server.running()).toBe(true)
  } finally {
    for (const socket of sockets) socket.destroy()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
})
