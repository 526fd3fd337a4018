import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { basic, startTestServer, type TestServer } from './testing/server.ts'

const FIRST = 'the first password'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.call('POST', '/api/v1/cameras', { id: 'cam', name: 'Cam', source: { kind: 'browser' } })
})
afterEach(() => server.close())

const addUser = (name: string, role: string) => server.call('POST', '/api/v1/users', { name, role, password: FIRST })
const names = async () => ((await server.call('GET', '/api/v1/users')).body as { users: { name: string }[] }).users.map(({ name }) => name)

/** A request whose headers came, and whose body waits. */
async function held(method: string, path: string, cookie: string) {
  const { hostname, port } = new URL(server.url)
  const headers = { cookie, 'content-type': 'application/json', 'transfer-encoding': 'chunked', expect: '100-continue' }
  const asked = request({ hostname, port, method, path, headers })
  asked.on('error', () => {})
  asked.flushHeaders()
  await once(asked, 'continue')
  asked.write('{')
  return asked
}
/** What became of it: a status, or that it was cut. */
const ended = (asked: ReturnType<typeof request>) =>
  new Promise<number | 'cut'>((resolve) => {
    asked.once('response', (response) => resolve(response.statusCode ?? 0))
    asked.once('close', () => resolve('cut'))
  })

describe('a request whose body is held back', () => {
  it.each([
    ['their removal', () => server.call('DELETE', '/api/v1/users/two')],
    ['their new role', () => server.call('PATCH', '/api/v1/users/two', { role: 'viewer' })],
    ['their new password', () => server.call('PATCH', '/api/v1/users/two', { password: 'the second password' })],
  ])('does nothing after %s', async (_what, change) => {
    await addUser('two', 'owner')
    const cookie = await server.signIn('two', FIRST)
    const asked = await held('POST', '/api/v1/users', cookie)
    const outcome = ended(asked)
    await change()
    asked.end('"name":"mallory","role":"owner","password":"a password of hers"}')
    expect(['cut', 401]).toContain(await outcome)
    expect(await names()).not.toContain('mallory')
  })
})

it('taking one’s own grant back is answered', async () => {
  await addUser('ada', 'operator')
  await server.call('PUT', '/api/v1/cameras/cam/grants/ada', {})
  const cookie = await server.signIn('ada', FIRST)
  expect((await server.call('DELETE', '/api/v1/cameras/cam/grants/ada', undefined, { cookie })).status).toBe(204)
  expect((await server.call('GET', '/api/v1/cameras/cam', undefined, { cookie })).status).toBe(404)
})

it('a change of password that was under way does not undo the owner’s reset', async () => {
  for (let delay = 0; delay < 8; delay++) {
    const name = `eve${delay}`
    await addUser(name, 'viewer')
    const cookie = await server.signIn(name, FIRST)
    const change = server
      .call('PUT', '/api/v1/session/password', { old: FIRST, password: 'of the thief' }, { cookie })
      .catch(() => undefined)
    for (let turn = 0; turn < delay * 40; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect((await server.call('PATCH', `/api/v1/users/${name}`, { password: 'of the owner' })).status).toBe(200)
    await change
    const status = async (password: string) =>
      (await server.call('POST', '/api/v1/session', { user: name, password }, { cookie: '' })).status
    expect([await status('of the thief'), await status('of the owner')], `${delay}`).toEqual([401, 200])
  }
})

describe('an owner who is removed', () => {
  it('stays away, and leaves their cameras to another owner', async () => {
    await addUser('alice', 'owner')
    expect((await server.call('DELETE', '/api/v1/users/owner')).status).toBe(204)
    const cookie = await server.signIn('alice', FIRST)
    expect((await server.call('GET', '/api/v1/cameras/cam', undefined, { cookie })).body).toMatchObject({ owner: 'alice' })
  })
})

describe('keys of an owner', () => {
  it('make and change no users', async () => {
    const { body } = await server.call('POST', '/api/v1/keys', { name: 'Script' })
    const headers = { cookie: '', authorization: `Bearer ${(body as { key: string }).key}` }
    expect((await server.call('POST', '/api/v1/users', { name: 'x', role: 'owner', password: FIRST }, headers)).status).toBe(403)
    expect((await server.call('PATCH', '/api/v1/users/owner', { password: FIRST }, headers)).status).toBe(403)
    expect((await server.call('DELETE', '/api/v1/users/owner', undefined, headers)).status).toBe(403)
    expect((await server.call('GET', '/api/v1/users', undefined, headers)).status).toBe(200)
  })
})

it('a deleted camera is given to nobody, and gets no keys', async () => {
  await server.call('DELETE', '/api/v1/cameras/cam')
  expect((await server.call('POST', '/api/v1/cameras/cam/keys', {})).body).toMatchObject({ code: 'camera.deleted' })
  expect((await server.call('PUT', '/api/v1/cameras/cam/grants/owner', {})).body).toMatchObject({ code: 'camera.deleted' })
})

it('a client that goes while its password is verified leaves no viewer', async () => {
  const { hostname, port } = new URL(server.url)
  for (const path of ['/live/cam.mjpeg', '/live/cam.jpg'])
    for (let i = 0; i < 3; i++) {
      await addUser(`cold${i}${path.length}`, 'owner')
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect')
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: ${basic(`cold${i}${path.length}`, FIRST)}\r\n\r\n`)
      await new Promise((resolve) => setImmediate(resolve))
      socket.resetAndDestroy()
    }
  // Each that stayed would be a viewer for good.
  const viewers = async () => ((await server.call('GET', '/api/v1/cameras/cam/status')).body as { viewers: number }).viewers
  await server.call('POST', '/api/v1/session', { user: 'owner', password: 'after all of them' })
  await expect.poll(viewers).toBe(0)
  await server.call('POST', '/api/v1/session', { user: 'owner', password: 'and once more' })
  expect(await viewers()).toBe(0)
})

it('a stream of what is mounted ends with its user', async () => {
  const upstream = createServer((_request, response) => void response.write('first')).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const to = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const mounted = await startTestServer({ file: { mounts: [{ path: '/inside', to, role: 'viewer' }] } })
  try {
    await mounted.call('POST', '/api/v1/users', { name: 'ada', role: 'viewer', password: FIRST })
    const { hostname, port } = new URL(mounted.url)
    const asked = request({ hostname, port, path: '/inside/', headers: { authorization: basic('ada', FIRST) } }).end()
    const [response] = await once(asked, 'response')
    await once(response, 'data')
    const cut = new Promise((resolve) => response.once('close', resolve).on('error', () => {}))
    await mounted.call('DELETE', '/api/v1/users/ada')
    await cut
  } finally {
    await mounted.close()
    upstream.closeAllConnections()
    upstream.close()
  }
})
