import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from './testing/ports.ts'
import { startTestServer, type TestServer } from './testing/server.ts'

// Clients and servers of other people, through the one port.

const run = promisify(execFile)
// Debian's own Python, for which the test set-up installs its module.
const PYTHON = '/usr/bin/python3'
const SILENT_MS = 300
/** Milliseconds for a program to start, and for one run of it. */
const START_MS = 10_000
const RUN_MS = 20_000

const has = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0
const ss = has('ss', '-V')
const ftp = ss && has(PYTHON, '-c', 'import pyftpdlib') && has('curl', '--version')
const ffmpeg = ss && has('ffmpeg', '-version')
if (!ftp) console.log("skipped: FTP through the port needs Debian's packages python3-pyftpdlib, curl and iproute2")
if (!ffmpeg) console.log("skipped: RTMP through the port needs Debian's packages ffmpeg and iproute2")

let folder: string
let server: TestServer
let ftpPort: number
let rtmpPort: number
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-clients-'))
  ;[ftpPort, rtmpPort] = (await freePorts(2)) as [number, number]
  server = await startTestServer({
    file: {
      services: {
        ftp: { match: { silentFrom: ['127.0.0.0/8'], afterMs: SILENT_MS }, to: `127.0.0.1:${ftpPort}` },
        rtmp: { match: { protocol: 'rtmp' }, to: `127.0.0.1:${rtmpPort}` },
      },
    },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** A program that listens until the test ends. It may take one connection only, so that none is tried. */
async function listening(port: number, command: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' })
  const listeners = async () => (await run('ss', ['-Htln', `sport = :${port}`])).stdout
  await expect.poll(listeners, { timeout: START_MS }).toContain(`:${port}`)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.kill()) return
  await once(child, 'exit')
}

describe.skipIf(!ftp)('an FTP server, which speaks first', () => {
  it('serves clients that are silent, while the others get what they ask for', { timeout: RUN_MS }, async () => {
    writeFileSync(join(folder, 'readme.txt'), 'of the FTP server')
    const child = await listening(ftpPort, PYTHON, ['-m', 'pyftpdlib', '-i', '127.0.0.1', '-p', `${ftpPort}`, '-d', folder])
    try {
      const { port } = server.app.address
      const curl = async (url: string) => (await run('curl', ['--silent', '--show-error', '--max-time', '10', url])).stdout
      expect(await curl(`ftp://127.0.0.1:${port}/readme.txt`)).toBe('of the FTP server')
      expect(await curl(`http://127.0.0.1:${port}/healthz`)).toContain('ok')
      // A browser's socket in stock that is used late is the server's that speaks first: why no network of browsers is named.
      const late = connect(port, '127.0.0.1')
      expect(String((await once(late, 'data'))[0])).toMatch(/^220 /)
      late.destroy()
    } finally {
      await end(child)
    }
  })
})

describe.skipIf(!ffmpeg)('an RTMP server', () => {
  it.each(['rtmp', 'rtmps'])('takes the stream of an encoder that comes by %s', { timeout: 2 * RUN_MS }, async (scheme) => {
    const received = join(folder, `${scheme}.flv`)
    const sink = ['-listen', '1', '-i', `rtmp://127.0.0.1:${rtmpPort}/live/azalea`, '-c', 'copy', '-y', received]
    const child = await listening(rtmpPort, 'ffmpeg', sink)
    const ended = once(child, 'exit')
    try {
      const source = ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=10', '-t', '2', '-c:v', 'flv1', '-f', 'flv']
      await run('ffmpeg', [...source, `${scheme}://127.0.0.1:${server.app.address.port}/live/azalea`], { timeout: RUN_MS })
      await ended
      const { stdout } = await run('ffprobe', [
        '-v',
        'error',
        '-count_frames',
        '-show_entries',
        'stream=width,height,nb_read_frames',
        '-of',
        'csv=p=0',
        received,
      ])
      expect(stdout.trim()).toBe('160,120,20')
    } finally {
      await end(child)
    }
  })
})
