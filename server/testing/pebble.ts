import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { makeAuthority, makeServerCertificate } from '../door/authority.ts'
import { freePorts } from './ports.ts'

/** An ACME authority for tests (Let's Encrypt's Pebble), and a name server that says 127.0.0.1 for every name. */
export interface Pebble {
  readonly directory: string
  /** PEM of the authority that its own https is of. */
  readonly trust: string
  /** PEM of the root that the certificates it gives are of. */
  readonly root: string
  close(): Promise<void>
}

/** @param ports where it looks for proofs */
export async function startPebble(folder: string, ports: { readonly tls: number; readonly http: number }): Promise<Pebble> {
  const now = new Date()
  const authority = await makeAuthority(['localhost', '127.0.0.1'], now)
  const server = await makeServerCertificate(authority, ['localhost', '127.0.0.1'], now)
  const [api, management, dns] = (await freePorts(3)) as [number, number, number]
  const file = (name: string) => join(folder, name)
  await writeFile(file('pebble.pem'), server.cert)
  await writeFile(file('pebble.key'), server.key)
  const pebble = {
    listenAddress: `127.0.0.1:${api}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file('pebble.pem'),
    privateKey: file('pebble.key'),
    httpPort: ports.http,
    tlsPort: ports.tls,
  }
  await writeFile(file('pebble.json'), JSON.stringify({ pebble }))
  // Only the name server of the two test servers in one.
  const names = ['-dns01', `127.0.0.1:${dns}`, '-defaultIPv6', '', '-http01', '', '-https01', '', '-tlsalpn01', '', '-management', '']
  const children = [
    spawn('pebble-challtestsrv', names, { stdio: 'ignore' }),
    spawn('pebble', ['-config', file('pebble.json'), '-dnsserver', `127.0.0.1:${dns}`], {
      stdio: 'ignore',
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' },
    }),
  ]
  const close = async () => void (await Promise.all(children.map(end)))
  try {
    const root = await answerOf(`https://127.0.0.1:${management}/roots/0`, authority.cert)
    await answerOf(`https://127.0.0.1:${api}/dir`, authority.cert)
    return { directory: `https://127.0.0.1:${api}/dir`, trust: authority.cert, root, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.kill()) return
  await once(child, 'exit')
}

/** Milliseconds between two tries while it starts, and how many. */
const TRY_MS = 100
const TRIES = 100

async function answerOf(url: string, ca: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const answer = await get(url, ca).catch((error: Error) => error)
    if (typeof answer === 'string') return answer
    if (tries >= TRIES) throw answer
    await new Promise((resolve) => setTimeout(resolve, TRY_MS))
  }
}

const get = (url: string, ca: string) =>
  new Promise<string>((resolve, reject) => {
    request(url, { ca }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
