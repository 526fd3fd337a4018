import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError } from './base/errors.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer | undefined
afterEach(() => server?.close())

describe('the server', () => {
  test('is refused to the network without an owner password, in words that say what to do', async () => {
    for (const args of [['--lan'], ['--host', '0.0.0.0']]) {
      const start = startTestServer({ args, password: undefined })
      await expect(start).rejects.toThrow(ConfigError)
      await expect(start).rejects.toThrow('PORTHOLE_OWNER_PASSWORD')
    }
    server = await startTestServer({ args: ['--lan'] })
    expect(server.app.address.address).toBe('0.0.0.0')
  })

  test('gives a sign-in link while the owner has no password, and no log line has its secret', async () => {
    server = await startTestServer({ password: undefined })
    const secret = /^\/#signin=(.{32})$/.exec(server.app.signInPath ?? '')?.[1]
    expect(secret).toBeDefined()
    expect(await server.call('POST', '/api/v1/session', { link: secret })).toMatchObject({
      status: 200,
      body: { user: 'owner', hasPassword: false },
    })
    expect(JSON.stringify(server.lines)).not.toContain(secret)
  })

  test('keeps cameras and sessions over a restart', async () => {
    const data = mkdtempSync(join(tmpdir(), 'porthole-app-'))
    server = await startTestServer({ data })
    const { cookie } = server
    await server.call('POST', '/api/v1/cameras', { name: 'Garden', source: { kind: 'browser' } })
    await server.close()
    server = await startTestServer({ data })
    expect((await server.call('GET', '/api/v1/cameras', undefined, { cookie })).body).toMatchObject({ cameras: [{ id: 'garden' }] })
    await server.close()
    rmSync(data, { recursive: true })
  })

  test('believes X-Forwarded headers of trusted proxies alone', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost', 'x-forwarded-for': '203.0.113.9' }
    const cookieOf = async (args: string[]) => {
      server = await startTestServer({ args })
      const answer = await server.call('POST', '/api/v1/session', { user: 'owner', password: PASSWORD }, headers)
      const addresses = server.lines.filter(({ msg }) => msg === 'signed in').map(({ address }) => address)
      await server.close()
      return [answer.headers.get('set-cookie')?.includes('Secure'), addresses.at(-1)]
    }
    expect(await cookieOf(['--trust-proxy', '127.0.0.0/8,::1'])).toEqual([true, '203.0.113.9'])
    expect(await cookieOf([])).toEqual([false, '127.0.0.1'])
  })

  test('closes twice, within its time, with sockets open that say goodbye', async () => {
    server = await startTestServer()
    await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
    const sockets = await Promise.all(['/ws', '/ws/events', '/ws/live/cam'].map((path) => (server as TestServer).socket(path).opened()))
    const started = performance.now()
    await Promise.all([server.close(), server.close()])
    expect(performance.now() - started).toBeLessThan(5000)
    for (const socket of sockets) expect(await socket.ended()).toMatchObject({ code: 1001 })
  })

  test('that cannot have its port leaves nothing open', async () => {
    server = await startTestServer()
    const { port } = server.app.address
    await expect(startTestServer({ args: ['--port', `${port}`] })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
