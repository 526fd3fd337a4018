import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { basic, PASSWORD, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

const run = promisify(execFile)
const curl = spawnSync('curl', ['--version']).status === 0
if (!curl) console.log("skipped: Basic by curl needs Debian's package curl")

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
})
afterAll(() => server.close())

const ask = (path: string, headers: Record<string, string>) => server.call('GET', path, undefined, { cookie: '', ...headers })

describe('Basic', () => {
  it.skipIf(!curl)('signs curl in, and makes no session of it', async () => {
    const { stdout } = await run('curl', ['-si', '-u', `owner:${PASSWORD}`, `${server.url}/api/v1/cameras`])
    expect(stdout).toMatch(/^HTTP\/1\.1 200 /)
    expect(stdout).toContain('"id":"cam"')
    expect(stdout.toLowerCase()).not.toContain('set-cookie')
    // Without being told to, curl waits to be asked.
    const { stdout: asked } = await run('curl', ['-si', '--anyauth', '-u', `owner:${PASSWORD}`, `${server.url}/api/v1/cameras`])
    expect(asked).toMatch(/401 [\s\S]*www-authenticate: Digest realm="Porthole"[\s\S]*www-authenticate: Basic realm="Porthole"[\s\S]*200 /i)
  })

  it('opens sockets', async () => {
    const headers = { authorization: basic('owner', PASSWORD) }
    const socket = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, headers).opened()
    expect(await socket.message('state')).toMatchObject({ name: 'Cam' })
    socket.ws.close()
  })

  it('asks for a password, but not over a page of ours', async () => {
    for (const headers of [{}, { authorization: basic('owner', 'wrong') }, { 'sec-fetch-mode': 'navigate' }]) {
      // Without fetch, which says that it is a page's.
      const { hostname, port } = new URL(server.url)
      const [response] = await once(request({ hostname, port, path: '/api/v1/cameras', headers }).end(), 'response')
      expect([response.statusCode, response.headers['www-authenticate']]).toEqual([
        401,
        expect.stringMatching(/, Basic realm="Porthole", charset="UTF-8"$/),
      ])
    }
    const { status, headers } = await ask('/api/v1/cameras', {})
    expect([status, headers.get('www-authenticate')]).toEqual([401, null])
  })

  it('goes before the cookie: who it names asks', async () => {
    await server.call('POST', '/api/v1/users', { name: 'ada', role: 'viewer', password: 'a password of hers' })
    const headers = { authorization: basic('ada', 'a password of hers'), cookie: server.cookie }
    expect((await ask('/api/v1/session', headers)).body).toMatchObject({ session: { user: 'ada' } })
    expect((await ask('/api/v1/cameras', headers)).body).toEqual({ cameras: [], next: null })
  })

  it('knows a new password at once, though it remembers those that were right', async () => {
    await server.call('POST', '/api/v1/users', { name: 'eve', role: 'viewer', password: 'the first one' })
    const status = async (password: string) => (await ask('/api/v1/cameras', { authorization: basic('eve', password) })).status
    for (let i = 0; i < 3; i++) expect(await status('the first one')).toBe(200)
    await server.call('PATCH', '/api/v1/users/eve', { password: 'the second one' })
    expect(await status('the first one')).toBe(401)
    expect(await status('the second one')).toBe(200)
    await server.call('DELETE', '/api/v1/users/eve')
    expect(await status('the second one')).toBe(401)
  })

  it('still passes those who were right a moment ago while their neighbour guesses', async () => {
    const known = { authorization: basic('owner', PASSWORD) }
    expect((await ask('/api/v1/cameras', known)).status).toBe(200)
    await Promise.all(Array.from({ length: 30 }, (_, i) => ask('/api/v1/cameras', { authorization: basic('owner', `guess ${i}`) })))
    expect((await ask('/api/v1/cameras', { authorization: basic('owner', 'another guess') })).status).toBe(429)
    expect((await ask('/api/v1/cameras', known)).status).toBe(200)
  })
})

describe('another kind of credential', () => {
  it.each([
    ['Bearer abc', 'auth.wrong'],
    ['Digest username="owner"', 'auth.unsupported'],
    ['Negotiate abc', 'auth.unsupported'],
    ['Basic !', 'auth.unsupported'],
  ])('%s is told to be none that can be verified', async (authorization, code) => {
    const { status, body } = await ask('/api/v1/cameras', { authorization })
    expect([status, (body as { code: string }).code]).toEqual([401, code])
    // It may be the proxy's.
    expect((await ask('/healthz', { authorization })).status).toBe(200)
    expect((await ask('/api/v1/cameras', { authorization, cookie: server.cookie })).status).toBe(200)
  })
})
