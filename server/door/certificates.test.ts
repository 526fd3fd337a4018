import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../base/log.ts'
import { makeAuthority, makeServerCertificate } from './authority.ts'
import { type LocalCertificate, localCertificate } from './certificates.ts'

const log = createLog({ level: 'silent' })
const NOW = new Date()
const NAMES = ['myhost', 'myhost.local', 'localhost', '127.0.0.1', '192.168.7.9', '::1', 'fd00::1']
const DAY_MS = 86_400_000

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porthole-tls-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const make = (names: readonly string[] = NAMES, now = NOW) => localCertificate(directory, names, now, log)

/** Whether OpenSSL, as a client that trusts the authority, takes the certificate for the name. */
async function verify({ key, cert }: { key: string; cert: string }, ca: string, name: string): Promise<string> {
  const server = createServer({ key, cert }, (socket) => socket.end())
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  try {
    return await new Promise((resolve) => {
      const socket: TLSSocket = connect({
        port,
        host: '127.0.0.1',
        ca,
        servername: /^[\d.:]+$|:/.test(name) ? '' : name,
        rejectUnauthorized: true,
        checkServerIdentity: () => undefined,
      })
      socket.once('secureConnect', () => resolve('ok'))
      socket.once('error', (error) => resolve(error.message))
    })
  } finally {
    server.close()
  }
}

describe('the local certificate', () => {
  it('is valid for every name, by the authority that came with it', async () => {
    const made = await make()
    const certificate = new X509Certificate(made.cert)
    for (const name of NAMES)
      expect(name.includes(':') || /^\d/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name)).toBe(name)
    expect(certificate.verify(new X509Certificate(made.authority).publicKey)).toBe(true)
    expect(await verify(made, made.authority, 'localhost')).toBe('ok')
  })

  it('keeps its keys for its owner alone', async () => {
    await make()
    for (const file of await readdir(directory)) expect((await stat(join(directory, file))).mode & 0o777, file).toBe(0o600)
  })

  it('is of an authority that may vouch for nobody else', async () => {
    await make()
    const [key, cert] = await Promise.all(['authority.key', 'authority.pem'].map((file) => readFile(join(directory, file), 'utf8')))
    const authority = { key: key as string, cert: cert as string }
    for (const foreign of ['bank.example', '192.168.7.10'])
      expect(await verify(await makeServerCertificate(authority, [foreign], NOW), authority.cert, foreign)).toBe(
        'permitted subtree violation',
      )
  })

  it('stays as it is while it fits', async () => {
    const first = await make()
    expect(await make()).toEqual(first)
    expect(await make(NAMES.slice(2))).toEqual(first)
  })

  it('is made anew by the same authority before it ends', async () => {
    const first = await make()
    const second = await make(NAMES, new Date(NOW.getTime() + 370 * DAY_MS))
    expect(second.cert).not.toBe(first.cert)
    expect(second.authority).toBe(first.authority)
  })

  it('gets a new authority for an address that the old one may not vouch for', async () => {
    const first = await make()
    const second = await make([...NAMES, '10.0.0.5'])
    expect(second.authority).not.toBe(first.authority)
    expect(await verify(second, second.authority, '10.0.0.5')).toBe('ok')
  })

  it('needs no third authority when the machine comes back to an address of before', async () => {
    await make()
    const second = await make([...NAMES.slice(0, 3), '10.0.0.5'])
    const back = await make()
    expect(back.authority).toBe(second.authority)
    expect(await verify(back, second.authority, 'localhost')).toBe('ok')
  })

  it.each(['server.key', 'server.pem', 'authority.key', 'authority.pem'])('is made anew when %s is cut short', async (file) => {
    await make()
    await writeFile(join(directory, file), 'x')
    const again: LocalCertificate = await make()
    expect(await verify(again, again.authority, 'localhost')).toBe('ok')
  })

  it('is made anew when the key is of another', async () => {
    await make()
    await writeFile(join(directory, 'authority.key'), (await makeAuthority(NAMES, NOW)).key)
    const again = await make()
    expect(await verify(again, again.authority, 'localhost')).toBe('ok')
  })
})
