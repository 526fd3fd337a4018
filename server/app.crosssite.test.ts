import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import type { Socket } from '../shared/contract/define.ts'
import { sockets } from '../shared/contract/index.ts'
import { basic, PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

// Before the tests are told apart: they are made of what this server declares.
const server: TestServer = await startTestServer()
const { hostname, port } = new URL(server.url)
const OURS = `${hostname}:${port}`
await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
const { body: ofUser } = await server.call('POST', '/api/v1/keys', { name: 'Key' })
const { body: ofCamera } = await server.call('POST', '/api/v1/cameras/cam/keys', {})
afterAll(() => server.close())

/** One attempt of a page or program. @returns status and code */
async function attempt(method: string, path: string, headers: Record<string, string>): Promise<string> {
  const asked = request({ hostname, port, method, path, headers })
  asked.end()
  const [response, socket] = await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])
  if (response.statusCode === 101) {
    socket.destroy()
    return '101'
  }
  const text = Buffer.concat(await response.toArray()).toString()
  return `${response.statusCode} ${text.startsWith('{') ? (JSON.parse(text).code ?? '') : ''}`
}

/** Made anew for each request: Digest's count. */
const credentials: Record<string, (method: string, uri: string) => Promise<Record<string, string>> | Record<string, string>> = {
  none: () => ({}),
  session: () => ({ cookie: server.cookie }),
  Basic: () => ({ authorization: basic('owner', PASSWORD) }),
  Digest: async (method, uri) => {
    const h = (text: string) => createHash('sha256').update(text).digest('hex')
    const [response] = await once(request({ hostname, port, path: '/api/v1/users' }).end(), 'response')
    response.resume()
    const nonce = /nonce="([^"]+)"/.exec(response.headers['www-authenticate'])?.[1] as string
    const proof = h(`${h(`owner:Porthole:${PASSWORD}`)}:${nonce}:00000001:c:auth:${h(`${method}:${uri}`)}`)
    const said = `username="owner", realm="Porthole", nonce="${nonce}", uri="${uri}", algorithm=SHA-256, response="${proof}", qop=auth, nc=00000001, cnonce="c"`
    return { authorization: `Digest ${said}` }
  },
  'key of a user': () => ({ authorization: `Bearer ${(ofUser as { key: string }).key}` }),
  'publish key': () => ({ authorization: `Bearer ${(ofCamera as { key: string }).key}` }),
}

const filled = (path: string) =>
  path
    .replace(/:(camera|id)\b/, 'cam')
    .replace(/:\w+/g, 'none')
    .replace('*', 'none')
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}
const SAFE = new Set(['GET', 'HEAD'])
const unsafe = server.app.routes.filter(({ method }) => !SAFE.has(method)).map(({ method, url }) => [method, filled(url), {}] as const)
const upgradesOf = (list: readonly Socket[]) => list.map(({ path }) => ['GET', filled(path), UPGRADE] as const)
/** What a shared link may open for pages of other sites it says itself, and no cookie counts on it: server/app.share.test.ts. */
const closed = upgradesOf(Object.values(sockets as Record<string, Socket>).filter(({ embeds }) => !embeds))
const upgrades = upgradesOf(Object.values(sockets))
const reads = server.app.routes
  .filter(({ method, url }) => method === 'GET' && !url.startsWith('/ws'))
  .map(({ url }) => ['GET', filled(url), {}] as const)
const shownHere = reads.filter(([, path]) => !server.app.routes.some(({ url, embed }) => embed && filled(url) === path))

/** What a page of another site may say of where it comes from. */
const FOREIGN = [
  'http://evil.example',
  `https://${hostname}:${Number(port) + 1}`,
  'null',
  'file://',
  'http://localhost:1',
  `http://${OURS}.evil.example`,
  'not an origin',
]
const UNKNOWN = [
  'evil.example',
  `evil.example:${port}`,
  '127.0.0.1.evil.example',
  'localhost@evil.example',
  'localhost.',
  'xn--localhost-x',
]

describe.each(Object.keys(credentials))('with %s', (kind) => {
  const shown = (method: string, path: string) => (credentials[kind] as (typeof credentials)[string])(method, path)

  it('a page of another origin is refused every unsafe method and every socket', async () => {
    for (const [method, path, headers] of [...unsafe, ...closed])
      for (const origin of FOREIGN) {
        const all = { host: OURS, ...(await shown(method, path)), ...headers, origin }
        expect(await attempt(method, path, all), `${method} ${path} ${origin}`).toBe('403 origin.foreign')
      }
  })

  it('an unknown host is refused everything', async () => {
    for (const [method, path, headers] of [...unsafe, ...upgrades, ...reads])
      for (const host of UNKNOWN) {
        const said = await attempt(method, path, { ...(await shown(method, path)), ...headers, host })
        // Node itself refuses a host that is none.
        expect(['403 host.unknown', '400 '], `${method} ${path} ${host}: ${said}`).toContain(said)
      }
  })
})

it('nothing says that another origin may read, but what is made to be shown elsewhere', async () => {
  for (const [, path] of shownHere) {
    const headers = { host: OURS, cookie: server.cookie, origin: 'http://evil.example' }
    const asked = request({ hostname, port, path, headers }).end()
    const [response] = await once(asked, 'response')
    asked.destroy()
    expect(
      Object.keys(response.headers).filter((name) => name.startsWith('access-control-')),
      path,
    ).toEqual([])
  }
  expect(
    await attempt('OPTIONS', '/api/v1/cameras', { host: OURS, origin: 'http://evil.example', 'access-control-request-method': 'POST' }),
  ).toMatch(/^404/)
})

it('a program without an origin is asked who it is, and no more', async () => {
  for (const [method, path, headers] of [...unsafe, ...upgrades]) {
    const said = await attempt(method, path, { host: OURS, ...headers })
    expect(said, `${method} ${path}`).not.toMatch(/^403/)
  }
})
