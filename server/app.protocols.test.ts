import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer, type TestServer } from './testing/server.ts'

const LIBRARY = JSON.stringify(new URL('./wamp/websocket/index.ts', import.meta.url).href)

/** Says what it was asked, as a mounted class sees it. */
const CHAT = `
import { ConnectionDeny, WebSocketServerProtocol } from ${LIBRARY}

export class webSocket extends WebSocketServerProtocol {
  static options = {
    protocols: ['chat.v2', 'chat.v1'],
    headers: { 'x-room': 'azalea' },
    allowedOrigins: ['https://*.example.org'],
    externalPort: 8443,
    maxMessageBytes: 1000,
    maxFrameBytes: 500,
  }
  async onConnect(request) {
    if (request.path === '/full') throw new ConnectionDeny(503, 'the room is full')
    this.request = { ...request, query: request.query.get('room') }
  }
  onOpen() { this.sendMessage(JSON.stringify(this.request)) }
  onMessage(payload, isBinary) {
    if (payload === 'throw') throw new Error('of a module')
    this.sendMessage(payload)
  }
  onClose(wasClean, code) { globalThis.protocolsClosed.push([wasClean, code]) }
}
`

let server: TestServer
let directory: string
const closed: unknown[] = []
beforeAll(async () => {
  Object.assign(globalThis, { protocolsClosed: closed })
  directory = mkdtempSync(join(tmpdir(), 'porthole-protocols-'))
  const module = join(directory, 'chat.mjs')
  writeFileSync(module, CHAT)
  const old = join(directory, 'old.mjs')
  writeFileSync(old, `export const webSocket = (ws) => ws.send('function')`)
  server = await startTestServer({
    file: {
      mounts: [
        { path: '/chat', module },
        { path: '/team', module, role: 'viewer' },
        { path: '/kept', module, forwardCredentials: true },
        { path: '/old', module: old },
      ],
    },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
  Reflect.deleteProperty(globalThis, 'protocolsClosed')
})

const dial = (path: string, { protocols = [] as string[], ...headers }: Record<string, unknown> = {}) => {
  const ws = new WebSocket(server.url.replace('http', 'ws') + path, protocols as string[], {
    headers: headers as Record<string, string>,
    perMessageDeflate: false,
  })
  ws.on('error', () => {})
  return ws
}

/** What the class was asked, as it says at once. */
async function asked(path: string, headers: Record<string, unknown> = {}) {
  const ws = dial(path, headers)
  const [text] = await once(ws, 'message')
  ws.terminate()
  return JSON.parse(String(text))
}

async function refused(path: string, headers: Record<string, string> = {}) {
  const [, response] = (await once(dial(path, headers), 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, problem: JSON.parse(text) }
}

describe('a class that is mounted', () => {
  it('opens WebSockets with the subprotocol and the headers of its options', async () => {
    const ws = dial('/chat/a?room=b', { protocols: ['chat.v1', 'chat.v2'] })
    const [[{ headers }], [text]] = await Promise.all([once(ws, 'upgrade') as Promise<[IncomingMessage]>, once(ws, 'message')])
    expect(headers).toMatchObject({ 'x-room': 'azalea', 'sec-websocket-protocol': 'chat.v2' })
    expect(JSON.parse(String(text))).toMatchObject({ path: '/a', query: 'b', address: '127.0.0.1', protocols: ['chat.v1', 'chat.v2'] })
    ws.send(Buffer.of(1, 2))
    expect(await once(ws, 'message')).toEqual([Buffer.of(1, 2), true])
    ws.terminate()
  })

  it('refuses as it says, in HTTP', async () => {
    expect(await refused('/chat/full')).toMatchObject({ status: 503, problem: { status: 503, detail: 'the room is full' } })
  })

  it('is not shown Porthole’s credentials, unless its mount says so', async () => {
    const headers = { cookie: `a=1; ${server.cookie}`, authorization: 'Bearer x' }
    const { headers: seen, user } = await asked('/chat', headers)
    expect(seen.cookie).toBe('a=1')
    expect(seen.authorization).toBeUndefined()
    expect(user).toBe('owner')
    expect((await asked('/kept', headers)).headers).toMatchObject(headers)
  })

  it('closes what is over its caps, and what it throws in', async () => {
    for (const [message, code] of [
      ['a'.repeat(1001), 1009],
      ['a'.repeat(501), 1009],
      ['throw', 1011],
    ] as const) {
      const ws = dial('/chat')
      await once(ws, 'message')
      ws.send('fine')
      expect(String((await once(ws, 'message'))[0])).toBe('fine')
      ws.send(message)
      expect((await once(ws, 'close'))[0]).toBe(code)
    }
    expect(server.lines.filter(({ msg }) => msg === 'mounted module failed')).toMatchObject([{ mount: 'mounts[0]' }])
    expect((await server.call('GET', '/healthz')).status).toBe(200)
  })

  it('leaves functions as they were', async () => {
    expect(String((await once(dial('/old'), 'message'))[0])).toBe('function')
    expect(await refused('/old', { origin: 'https://a.example.org' })).toMatchObject({ status: 403, problem: { code: 'origin.foreign' } })
  })
})

describe('pages of foreign origins', () => {
  const origin = 'https://app.example.org'

  it('may connect where a pattern says so, as strangers', async () => {
    const { headers, user, ...request } = await asked('/chat', { origin, cookie: `a=1; ${server.cookie}` })
    expect([request.origin, user, headers.cookie]).toEqual([origin, undefined, 'a=1'])
    expect((await asked('/kept', { origin, cookie: server.cookie, authorization: 'Bearer x' })).headers).not.toHaveProperty('cookie')
  })

  it('may not where none does', async () => {
    for (const foreign of ['https://example.org', 'https://example.org.evil.example', 'http://app.example.org', 'null'])
      expect(await refused('/chat', { origin: foreign, cookie: server.cookie }), foreign).toMatchObject({
        status: 403,
        problem: { code: 'origin.foreign' },
      })
    expect((await refused('/ws/events', { origin, cookie: server.cookie })).status).toBe(403)
    expect((await server.call('POST', '/chat', {}, { origin })).status).toBe(403)
  })

  it('have no role, whatever they show', async () => {
    expect(await refused('/team', { origin, cookie: server.cookie })).toMatchObject({ status: 401, problem: { code: 'auth.required' } })
    expect(await refused('/team', { origin, authorization: 'Basic x' })).toMatchObject({ status: 401 })
    expect((await asked('/team', { cookie: server.cookie })).user).toBe('owner')
  })

  it('are those of another port than the external one', async () => {
    const { user, host } = await asked('/team', { origin: 'https://127.0.0.1:8443', cookie: server.cookie })
    expect([user, host]).toEqual(['owner', '127.0.0.1:8443'])
    expect((await refused('/team', { origin: 'https://127.0.0.1:8444', cookie: server.cookie })).status).toBe(403)
    expect((await refused('/team', { host: 'evil.example', origin: 'https://evil.example:8443', cookie: server.cookie })).status).toBe(403)
  })
})

it.each([
  [`{ allowedOrigins: ['example.org'] }`, 'scheme://host'],
  [`{ closeCodes: { failure: 1006 } }`, 'closeCodes.failure is 1006'],
  [`{ colour: 1 }`, 'colour is no option'],
])('does not start with the options %s', async (options, named) => {
  const module = join(directory, `wrong-${named.length}.mjs`)
  writeFileSync(
    module,
    `import { WebSocketServerProtocol } from ${LIBRARY}\nexport class webSocket extends WebSocketServerProtocol { static options = ${options} }`,
  )
  await expect(startTestServer({ file: { mounts: [{ path: '/wrong', module }] } })).rejects.toThrow(
    new RegExp(`mounts\\[0\\]\\.module: webSocket\\.options: .*${named}`),
  )
})

it('is told that the server closes, and says so to its clients', async () => {
  const other = await startTestServer({ file: { mounts: [{ path: '/chat', module: join(directory, 'chat.mjs') }] } })
  const ws = new WebSocket(`${other.url.replace('http', 'ws')}/chat`)
  await once(ws, 'message')
  closed.length = 0
  const ended = once(ws, 'close')
  await other.close()
  expect((await ended)[0]).toBe(1001)
  expect(closed).toEqual([[true, 1001]])
})
