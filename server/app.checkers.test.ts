import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from '@node-rs/bcrypt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ERRORS } from '../shared/protocol/errors.ts'
import { basic, startTestServer, type TestServer, TestSocket } from './testing/server.ts'

let folder: string
let server: TestServer | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-checkers-'))
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(folder, { recursive: true })
})

const start = async (checkers: unknown[], args: string[] = []) => {
  server = await startTestServer({ file: { auth: { checkers } }, args })
  return server
}
const ask = ({ call }: TestServer, headers: Record<string, string>, path = '/api/v1/session') =>
  call('GET', path, undefined, { cookie: '', ...headers })
const shown = (user: string, password: string) => ({ authorization: basic(user, password) })

describe("a proxy's word on who the user is", () => {
  const FORWARDED = [{ kind: 'users' }, { kind: 'forwarded', header: 'X-Forwarded-User', role: 'operator' }]

  it('is taken of a trusted proxy, makes them a user, and goes before what else the request shows', async () => {
    const server = await start(FORWARDED, ['--trust-proxy', '127.0.0.0/8'])
    const ada = { 'x-forwarded-user': 'ada' }
    expect((await ask(server, ada)).body).toEqual({ session: { user: 'ada', role: 'operator', hasPassword: true } })
    expect((await server.call('GET', '/api/v1/users')).body).toMatchObject({
      users: [{ name: 'ada', role: 'operator', hasPassword: false, checker: 'forwarded' }, { name: 'owner' }],
    })
    // A proxy passes on what its own users signed in to it with.
    expect((await ask(server, { ...ada, ...shown('ada', 'for the proxy') })).body).toMatchObject({ session: { user: 'ada' } })
    expect((await ask(server, { ...ada, cookie: server.cookie })).body).toMatchObject({ session: { user: 'ada' } })
    expect((await ask(server, {})).body).toEqual({ session: null })
    expect((await ask(server, { 'x-forwarded-user': '../Ada' })).body).toEqual({ session: null })
    // A role that changed, and a user who was removed, count here too.
    await server.call('PATCH', '/api/v1/users/ada', { role: 'viewer' })
    expect((await ask(server, ada)).body).toMatchObject({ session: { role: 'viewer' } })
  })

  it('opens sockets, which end with the role', async () => {
    const server = await start(FORWARDED, ['--trust-proxy', '127.0.0.0/8'])
    await ask(server, { 'x-forwarded-user': 'ada' })
    await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
    await server.call('PUT', '/api/v1/cameras/cam/grants/ada', {})
    const socket = await new TestSocket(`${server.url.replace('http', 'ws')}/ws/live/cam`, { 'x-forwarded-user': 'ada' }).opened()
    await socket.message('state')
    await server.call('DELETE', '/api/v1/cameras/cam/grants/ada')
    expect(await socket.ended()).toMatchObject({ code: ERRORS['auth.revoked'].close })
  })

  it('means nothing of anybody else', async () => {
    const server = await start(FORWARDED, ['--trust-proxy', '10.0.0.0/8'])
    for (const name of ['x-forwarded-user', 'X-FORWARDED-USER', 'x_forwarded_user'])
      expect((await ask(server, { [name]: 'owner', 'x-forwarded-for': '10.1.1.1' })).body).toEqual({ session: null })
    const socket = new TestSocket(`${server.url.replace('http', 'ws')}/ws/events`, { 'x-forwarded-user': 'owner' })
    expect(await socket.until(() => socket.refused)).toBe(401)
  })

  it('is foreign from another site all the same', async () => {
    const server = await start(FORWARDED, ['--trust-proxy', '127.0.0.0/8'])
    const { body } = await server.call(
      'POST',
      '/api/v1/cameras',
      {},
      { cookie: '', 'x-forwarded-user': 'owner', origin: 'http://evil.example' },
    )
    expect(body).toMatchObject({ code: 'origin.foreign' })
  })

  it('is refused at start where no proxy is trusted', async () => {
    await expect(start(FORWARDED)).rejects.toThrow(/^auth\.checkers\[1\]: .*--trust-proxy/)
  })
})

describe('a password file alone', () => {
  it('serves Basic and the sign-in; Digest is not offered, and who tries is told why', async () => {
    const file = join(folder, 'passwords')
    writeFileSync(file, `ada:${hashSync('a password of hers', { cost: 4 })}\n`)
    const server = await startTestServer({ password: undefined, file: { auth: { checkers: [{ kind: 'htpasswd', file, role: 'owner' }] } } })
    try {
      expect((await ask(server, shown('ada', 'a password of hers'))).body).toMatchObject({ session: { user: 'ada', role: 'owner' } })
      const signedIn = await server.call('POST', '/api/v1/session', { user: 'ada', password: 'a password of hers' })
      expect(signedIn.status).toBe(200)
      const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] as string
      expect((await ask(server, { cookie }, '/api/v1/users')).status).toBe(200)
      const { hostname, port } = new URL(server.url)
      const [response] = await once(request({ hostname, port, path: '/api/v1/users' }).end(), 'response')
      expect(response.headers['www-authenticate']).toBe('Basic realm="Porthole", charset="UTF-8"')
      const digest = `Digest username="ada", realm="Porthole", nonce="x", uri="/api/v1/users", algorithm=SHA-256, response="${'0'.repeat(64)}", qop=auth, nc=00000001, cnonce="c"`
      const { status, body } = await ask(server, { authorization: digest }, '/api/v1/users')
      expect([status, body]).toEqual([401, expect.objectContaining({ code: 'auth.unsupported' })])
    } finally {
      await server.close()
    }
  })

  it('that cannot be read stops the start, and names the key', async () => {
    await expect(start([{ kind: 'htpasswd', file: join(folder, 'nothing') }])).rejects.toThrow(/^auth\.checkers\[0\]: .*ENOENT/)
  })

  it.each([
    [[], /auth\.checkers/],
    [[{ kind: 'ldap' }], /auth\.checkers/],
    [[{ kind: 'htpasswd' }], /auth\.checkers/],
    [[{ kind: 'forwarded', header: 'not a header' }], /auth\.checkers/],
    [[{ kind: 'users', role: 'owner' }], /auth\.checkers/],
  ])('a wrong list names its key: %j', async (checkers, message) => {
    await expect(start(checkers)).rejects.toThrow(message)
  })
})
