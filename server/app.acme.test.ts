import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Pebble, startPebble } from './testing/pebble.ts'
import { freePorts } from './testing/ports.ts'
import { startProcess, type TestProcess } from './testing/process.ts'

const NAMES = ['cam.example.org', 'www.example.org']
/** Milliseconds for an order. */
const ORDER_MS = 30_000

const pebble = spawnSync('pebble', ['-h']).error === undefined
if (!pebble) console.log("skipped: an ACME authority's tests need Debian's package pebble")

describe.skipIf(!pebble)('a certificate by ACME, from a real authority', { timeout: 60_000 }, () => {
  let folder: string
  let port: number
  let closed: number
  let authority: Pebble | undefined
  let server: TestProcess | undefined

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'porthole-acme-'))
    ;[port, closed] = (await freePorts(2)) as [number, number]
  })
  afterEach(async () => {
    await stop()
    await authority?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Porthole as its user starts it, trusting the authority's own https. */
  async function start(): Promise<void> {
    const config = {
      acme: { names: NAMES, directory: authority?.directory, email: 'owner@example.org' },
      // What is mounted for a name does not stand between the authority and its answer.
      mounts: [{ host: 'www.example.org', directory: folder }],
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'trust.pem'), authority?.trust ?? '')
    const args = ['--port', String(port), '--data', join(folder, 'data'), '--config', join(folder, 'config.json'), '--log-level', 'debug']
    server = await startProcess(args, { trust: join(folder, 'trust.pem') })
  }
  const log = () => server?.log() ?? ''
  const stop = () => server?.stop()

  /** The certificate that a browser is shown, if it trusts `ca`; else why it does not. */
  const shown = (name: string, ca: string | undefined) =>
    new Promise<PeerCertificate | string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername: name, ...(ca && { ca }), ALPNProtocols: ['h2', 'http/1.1'] })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      socket.once('secureConnect', () => {
        resolve(socket.getPeerCertificate())
        socket.destroy()
      })
    })
  const received = () => expect.poll(log, { timeout: ORDER_MS }).toContain('certificate received')

  it('is proven on the TLS port, served with its chain, and kept over a restart', async () => {
    authority = await startPebble(folder, { tls: port, http: closed })
    await start()
    await received()
    expect(log()).not.toContain('not proven')
    for (const name of NAMES)
      await expect
        .poll(() => shown(name, authority?.root), { timeout: ORDER_MS })
        .toMatchObject({ subjectaltname: expect.stringContaining(name) })
    expect(await stop()).toBe(0)

    await start()
    for (const name of NAMES) expect(await shown(name, authority.root)).toMatchObject({ subjectaltname: expect.stringContaining(name) })
    expect(log()).not.toContain('certificate ordered')
  })

  it('is proven over http where only that is reached, whatever is mounted for the name', async () => {
    authority = await startPebble(folder, { tls: closed, http: port })
    await start()
    await received()
    expect(log()).toContain('not proven by tls-alpn-01')
    await expect.poll(() => shown('cam.example.org', authority?.root), { timeout: ORDER_MS }).toMatchObject({ subject: {} })
    const stranger = await fetch(`http://127.0.0.1:${port}/.well-known/acme-challenge/token`)
    expect(stranger.status).toBe(404)
  })

  it('is told to be missing where neither is reached; https goes on with the local one, and the server ends at once', async () => {
    authority = await startPebble(folder, { tls: closed, http: closed })
    await start()
    await expect.poll(log, { timeout: ORDER_MS }).toContain('no certificate received')
    expect(log()).toMatch(/(cam|www)\.example\.org was not proven by http-01: /)
    expect(log()).toContain('"againInMinutes":20')
    expect(await shown('localhost', undefined)).toBe('SELF_SIGNED_CERT_IN_CHAIN')
    expect(await stop()).toBe(0)
  })

  it('does not hold up the end of a server that is still ordering', async () => {
    authority = await startPebble(folder, { tls: port, http: port })
    await start()
    await expect.poll(log, { timeout: ORDER_MS }).toContain('certificate ordered')
    expect(await stop()).toBe(0)
    expect(log()).not.toContain('close failed')
  })
})
