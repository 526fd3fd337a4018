import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

const run = promisify(execFile)
const curl = spawnSync('curl', ['--version']).status === 0
if (!curl) console.log("skipped: Digest by curl needs Debian's package curl")

let server: TestServer
let old: TestServer
let asked = 0
beforeAll(async () => {
  server = await startTestServer({ args: ['--public-url', 'http://camera.example/porthole', '--trust-proxy', '127.0.0.0/8'] })
  old = await startTestServer({ file: { auth: { digestMd5: true } } })
  for (const { call } of [server, old]) {
    await call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
    await call('POST', '/api/v1/cameras', { id: 'up', name: 'Up', source: { kind: 'upload' } })
  }
})
afterAll(() => Promise.all([server.close(), old.close()]))

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly challenges: readonly string[]
}

async function ask({ url }: TestServer, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(url)
  // Each from elsewhere: wrong ones of one test shall not make another wait.
  const from = { 'x-forwarded-for': `203.0.113.${++asked % 256}` }
  const [response] = await once(request({ hostname, port, path, method, headers: { ...from, ...headers } }).end(), 'response')
  const text = Buffer.concat(await response.toArray()).toString()
  const challenges = response.rawHeaders.flatMap((name: string, i: number, all: string[]) =>
    i % 2 === 0 && name.toLowerCase() === 'www-authenticate' ? [all[i + 1]] : [],
  )
  return { status: response.statusCode, code: text.startsWith('{') ? JSON.parse(text).code : undefined, challenges }
}

const nonceOf = ({ challenges }: Answer) => /nonce="([^"]+)"/.exec(challenges[0] ?? '')?.[1] as string

/** A response as RFC 7616 §3.4 words it. */
function digest(
  nonce: string,
  uri: string,
  { password = PASSWORD, nc = 1, algorithm = 'SHA-256', method = 'GET', first = 'client', realm = 'Porthole' } = {},
): Record<string, string> {
  const h = (text: string) =>
    createHash(algorithm.startsWith('MD5') ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const secret = h(`owner:${realm}:${password}`)
  const a1 = algorithm.endsWith('-sess') ? h(`${secret}:${nonce}:${first}`) : secret
  const count = nc.toString(16).padStart(8, '0')
  const response = h(`${a1}:${nonce}:${count}:client:auth:${h(`${method}:${uri}`)}`)
  return {
    authorization: `Digest username="owner", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}", qop=auth, nc=${count}, cnonce="client"`,
  }
}

const CAMERAS = '/api/v1/cameras'

describe('Digest', () => {
  it.skipIf(!curl).each([
    ['API', CAMERAS, []],
    ['a picture', '/live/cam.jpg', []],
    ['an upload', '/upload/up', ['-T', 'package.json']],
  ])('signs curl in to %s', async (_what, path, more) => {
    const status = async (password: string) => {
      const { stdout } = await run('curl', [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        '--digest',
        '-u',
        `owner:${password}`,
        ...more,
        server.url + path,
      ])
      return Number(stdout)
    }
    const right = await status(PASSWORD)
    // Let in: a camera that does not send, and a file that is no picture, come after.
    expect([200, 415, 503]).toContain(right)
    expect(await status('wrong')).toBe(401)
  })

  it('offers SHA-256, its session variant, and Basic; MD5 where it is switched on', async () => {
    const offers = ({ challenges }: Answer) =>
      challenges.map((challenge) => /algorithm=([^,]+)/.exec(challenge)?.[1] ?? challenge.split(' ')[0])
    expect(offers(await ask(server, CAMERAS))).toEqual(['SHA-256', 'SHA-256-sess', 'Basic'])
    expect(offers(await ask(old, CAMERAS))).toEqual(['SHA-256', 'SHA-256-sess', 'MD5', 'Basic'])
  })

  it('takes what it offers, and MD5 only where it is switched on', async () => {
    for (const algorithm of ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess']) {
      const nonce = nonceOf(await ask(server, CAMERAS))
      const { status, code } = await ask(server, CAMERAS, digest(nonce, CAMERAS, { algorithm }))
      expect([status, code], algorithm).toEqual(algorithm.startsWith('MD5') ? [401, 'auth.unsupported'] : [200, undefined])
      const { status: ofOld } = await ask(old, CAMERAS, digest(nonceOf(await ask(old, CAMERAS)), CAMERAS, { algorithm }))
      expect(ofOld, algorithm).toBe(200)
    }
  })

  it('counts: a response serves once, and a repeated one is told to be stale', async () => {
    const nonce = nonceOf(await ask(server, CAMERAS))
    const first = digest(nonce, CAMERAS)
    expect((await ask(server, CAMERAS, first)).status).toBe(200)
    expect((await ask(server, CAMERAS, digest(nonce, CAMERAS, { nc: 2 }))).status).toBe(200)
    const again = await ask(server, CAMERAS, first)
    expect([again.status, again.code]).toEqual([401, 'auth.stale'])
    expect(again.challenges[0]).toMatch(/stale=true/)
    expect(nonceOf(again)).not.toBe(nonce)
    // The new one serves at once; a wrong password learns nothing of stale.
    expect((await ask(server, CAMERAS, digest(nonceOf(again), CAMERAS))).status).toBe(200)
    const wrong = await ask(server, CAMERAS, digest(nonce, CAMERAS, { password: 'wrong' }))
    expect([wrong.code, wrong.challenges[0]?.includes('stale')]).toEqual(['auth.wrong', false])
  })

  it('is stale, not wrong, with a nonce of an earlier process', async () => {
    const { code } = await ask(server, CAMERAS, digest(nonceOf(await ask(old, CAMERAS)), CAMERAS))
    expect(code).toBe('auth.stale')
  })

  it('goes on with the session key of its first response, or with one of each', async () => {
    const nonce = nonceOf(await ask(server, CAMERAS))
    expect((await ask(server, CAMERAS, digest(nonce, CAMERAS, { algorithm: 'SHA-256-sess' }))).status).toBe(200)
    const next = digest(nonce, CAMERAS, { algorithm: 'SHA-256-sess', nc: 2, first: 'client' })
    expect((await ask(server, CAMERAS, next)).status).toBe(200)
  })

  it('is for one method and one address, with or without the path of the public one', async () => {
    const path = `${CAMERAS}/cam?x=1`
    const nonce = nonceOf(await ask(server, CAMERAS))
    expect((await ask(server, path, digest(nonce, `${CAMERAS}/cam`))).code).toBe('auth.wrong')
    expect((await ask(server, CAMERAS, digest(nonce, CAMERAS, { method: 'DELETE' }))).code).toBe('auth.wrong')
    expect((await ask(server, CAMERAS, digest(nonce, `/porthole${CAMERAS}`))).status).toBe(200)
    expect((await ask(server, `/porthole${CAMERAS}`, digest(nonce, CAMERAS, { nc: 2 }))).status).toBe(200)
    expect((await ask(server, CAMERAS, digest(nonce, `http://camera.example${CAMERAS}`, { nc: 3 }))).status).toBe(200)
    expect((await ask(server, '/healthz', digest(nonce, '/other', { realm: 'Another' }))).status).toBe(200)
  })

  it('opens sockets', async () => {
    const nonce = nonceOf(await ask(server, CAMERAS))
    const socket = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, digest(nonce, '/ws/live/cam')).opened()
    expect(await socket.message('state')).toMatchObject({ name: 'Cam' })
    socket.ws.close()
    const refused = new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, {})
    const [, response] = (await once(refused.ws, 'unexpected-response')) as [unknown, { headers: Record<string, string> }]
    expect(response.headers['www-authenticate']).toMatch(/^Digest realm="Porthole", qop="auth", algorithm=SHA-256, /)
  })
})
