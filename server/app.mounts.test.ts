import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { makeAuthority, makeServerCertificate } from './door/authority.ts'
import { startProcess } from './testing/process.ts'
import { startTestServer, type TestServer } from './testing/server.ts'

let server: TestServer
let directory: string
let tcpSite: string
const upstreams: (Server | SecureServer)[] = []
const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = []

/** A site: says what it was asked, echoes bodies as they come, sets cookies, redirects, takes WebSockets. */
async function startSite(name: string, where: object): Promise<Server> {
  const sockets = new WebSocketServer({ noServer: true })
  const site = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
    if (request.url === '/echo') return void request.pipe(response)
    if (request.url === '/away') return void response.writeHead(302, { location: '/login' }).end()
    response.setHeader('set-cookie', ['site=1; Path=/', 'porthole_session=stolen; Path=/'])
    response.setHeader('x-site', name)
    response.end(`${name} ${request.url}`)
  })
  site.on('upgrade', (request, socket, head) => {
    if (request.url === '/plain') {
      seen.push({ method: 'GET', url: '/plain', headers: request.headers })
      return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ntcp /plain')
    }
    seen.push({ method: 'upgrade', url: request.url ?? '', headers: request.headers })
    sockets.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(`${name} ${data}`)))
  })
  site.listen(where)
  await once(site, 'listening')
  upstreams.push(site)
  return site
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-mounts-'))
  const tcp = await startSite('tcp', { port: 0, host: '127.0.0.1' })
  await startSite('unix', { path: join(directory, 'site.sock') })
  tcpSite = `http://127.0.0.1:${(tcp.address() as { port: number }).port}`
  const to = tcpSite
  mkdirSync(join(directory, 'files', 'sub'), { recursive: true })
  writeFileSync(join(directory, 'files', 'index.html'), '<h1>files</h1>')
  writeFileSync(join(directory, 'files', 'sub', 'a.txt'), 'text')
  writeFileSync(join(directory, 'files', '.secret'), 'secret')
  writeFileSync(join(directory, 'secret.txt'), 'secret')
  const module = join(directory, 'plugin.mjs')
  writeFileSync(
    module,
    `export default async (app) => { app.get('/hello', async (request) => ({ hello: request.query.name })) }\nexport class webSocket { constructor(ws, request) { if (request.url === '/bad') throw new Error('bad'); ws.on('message', (data) => ws.send(request.url + ' ' + data)) } }\n`,
  )
  server = await startTestServer({
    file: {
      mounts: [
        { path: '/mywebsite', to },
        { path: '/mywebsite/inner', to: `unix:${join(directory, 'site.sock')}` },
        { host: 'site.example', to },
        { host: '*.wild.example', path: '/deep/er', to, role: 'viewer' },
        { path: '/trusted', to, forwardCredentials: true },
        { path: '/files', directory: join(directory, 'files') },
        { path: '/files/sub', directory: join(directory, 'files', 'sub'), role: 'owner' },
        { path: '/module', module, role: 'operator' },
        { path: '/down', to: 'http://127.0.0.1:1' },
      ],
    },
  })
})
afterAll(async () => {
  await server.close()
  for (const upstream of upstreams) {
    upstream.closeAllConnections()
    upstream.close()
  }
  rmSync(directory, { recursive: true })
})

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** A request whose path is sent as it stands. */
async function get(path: string, headers: Record<string, string> = {}, url = server.url): Promise<Answer> {
  const { port } = new URL(url)
  const request = httpRequest({ port, host: '127.0.0.1', path, headers }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

describe('a mounted site', () => {
  it('is found by path, the longest first, and sees its own addresses', async () => {
    for (const [path, text] of [
      ['/mywebsite', 'tcp /'],
      ['/mywebsite/', 'tcp /'],
      ['/mywebsite/a%2Fb?x=%20', 'tcp /a%2Fb?x=%20'],
      ['/%6Dywebsite/a', 'tcp /a'],
      ['/mywebsite/inner/b', 'unix /b'],
      ['/mywebsite//evil.example/x', 'tcp /evil.example/x'],
    ])
      expect((await get(path as string)).text, path).toBe(text)
    expect((await get('/mywebsites')).status).toBe(404)
  })

  it('is found by host, for every address', async () => {
    expect((await get('/api/v1/cameras', { host: 'site.example:8080' })).text).toBe('tcp /api/v1/cameras')
    expect((await get('/', { host: 'site.example' })).text).toBe('tcp /')
    expect((await get('/deep/er/x', { host: 'a.wild.example' })).status).toBe(401)
    expect((await get('/deep/er/x', { host: 'a.wild.example', cookie: server.cookie })).text).toBe('tcp /x')
    expect((await get('/', { host: 'other.example' })).status).toBe(403)
  })

  it('is decided for each request of a connection anew', async () => {
    const socket = connect(server.app.address.port, '127.0.0.1')
    const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
    socket.write(ask('/mywebsite/a') + ask('/healthz') + ask('/api/v1/cameras') + ask('/mywebsite/inner/b', 'Connection: close\r\n'))
    let text = ''
    for await (const chunk of socket) text += chunk
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200', '401', '200'])
    expect(text).toMatch(/tcp \/a[\s\S]*"ok"[\s\S]*auth\.required[\s\S]*unix \/b/)
  })

  it('gets no way past a guard by another spelling', async () => {
    for (const path of [
      '/%61pi/v1/cameras',
      '/mywebsite/../api/v1/cameras',
      '/mywebsite/%2e%2e/api/v1/cameras',
      '//api/v1/cameras',
      '/api%2Fv1/cameras',
      '/./api/v1/cameras',
    ]) {
      const { status, text } = await get(path)
      expect([401, 404, 400].includes(status) || text.startsWith('tcp /'), `${path}: ${status} ${text}`).toBe(true)
    }
  })

  it('is not told who is signed in here, but who asks, and signs nobody in', async () => {
    seen.length = 0
    const headers = { cookie: `a=1; ${server.cookie}; b=2`, authorization: 'Bearer x', 'x-forwarded-for': '10.0.0.1' }
    const answer = await get('/mywebsite/a', headers)
    expect(answer.headers['set-cookie']).toEqual(['site=1; Path=/mywebsite'])
    expect(seen[0]?.headers).toMatchObject({
      cookie: 'a=1; b=2',
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-prefix': '/mywebsite',
    })
    expect(seen[0]?.headers.authorization).toBeUndefined()
    await get('/trusted/a', headers)
    expect(seen[1]?.headers).toMatchObject({ cookie: headers.cookie, authorization: 'Bearer x' })
    expect((await get('/mywebsite/away')).headers.location).toBe('/mywebsite/login')
  })

  it('is sent bodies as they come', async () => {
    const { port } = new URL(server.url)
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/mywebsite/echo',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    request.write('one')
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(String((await once(response, 'data'))[0])).toBe('one')
    request.end('two')
    expect(String((await once(response, 'data'))[0])).toBe('two')
  })

  it('is never left waiting for a body that does not come, by which it would take the next request for one', async () => {
    const socket = connect(server.app.address.port, '127.0.0.1')
    socket.write('GET /mywebsite/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello')
    socket.write('GET /mywebsite/second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk
    expect(text).toMatch(/tcp \/first[\s\S]*tcp \/second/)
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: '/second' })
    expect(seen.at(-2)?.headers['content-length']).toBeUndefined()
  })

  it('has WebSockets', async () => {
    seen.length = 0
    const url = server.url.replace('http', 'ws')
    for (const [path, headers, name, at] of [
      ['/mywebsite/chat?x', { cookie: `a=1; ${server.cookie}` }, 'tcp', '/chat?x'],
      ['/mywebsite/inner/chat', {}, 'unix', '/chat'],
      ['/ws/live/none', { host: 'site.example' }, 'tcp', '/ws/live/none'],
    ] as const) {
      const ws = new WebSocket(url + path, { headers: { ...headers } })
      await once(ws, 'open')
      ws.send('hi')
      expect(String((await once(ws, 'message'))[0])).toBe(`${name} hi`)
      expect(seen.at(-1)).toMatchObject({ method: 'upgrade', url: at })
      ws.terminate()
    }
    expect(seen[0]?.headers.cookie).toBe('a=1')
    const down = server.socket('/down/ws')
    await expect(down.until(() => down.refused)).resolves.toBe(502)
  })

  it('that takes no WebSocket gives its answer, and hears nothing more of the connection', async () => {
    seen.length = 0
    const socket = connect(server.app.address.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve))
    socket.write('GET /mywebsite/plain HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    await expect.poll(() => text).toContain('tcp /plain')
    socket.write('GET /past HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await closed
    expect(seen.map(({ url }) => url)).toEqual(['/plain'])
  })

  it('that is down is a clear error', async () => {
    expect(await get('/down/x')).toMatchObject({ status: 502, text: expect.stringContaining('service.unreachable') })
  })
})

describe('a mount of a server behind a path of another', () => {
  it.each([
    ['leaves the path in', '/cams'],
    ['takes it away', ''],
  ])('is found, and sends its own addresses there, when the proxy %s', async (_what, left) => {
    const own = await startTestServer({
      args: ['--public-url', 'https://example.org/cams'],
      file: { mounts: [{ path: '/mywebsite', to: tcpSite }] },
    })
    try {
      seen.length = 0
      const ask = (path: string) => get(`${left}${path}`, {}, own.url)
      expect(await ask('/mywebsite/a')).toMatchObject({ text: 'tcp /a', headers: { 'set-cookie': ['site=1; Path=/cams/mywebsite'] } })
      expect(seen[0]?.headers['x-forwarded-prefix']).toBe('/cams/mywebsite')
      expect((await ask('/mywebsite/away')).headers.location).toBe('/cams/mywebsite/login')
      expect((await ask('/healthz')).text).toContain('ok')
    } finally {
      await own.close()
    }
  })
})

describe('a mounted https server', () => {
  it('is asked when its certificate is of somebody that is trusted, and not else', { timeout: 40_000 }, async () => {
    const authority = await makeAuthority(['localhost'], new Date())
    const secure = createSecureServer(await makeServerCertificate(authority, ['localhost'], new Date()), (_request, response) => {
      response.end('secure')
    })
    secure.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    await once(secure.listen(0, '127.0.0.1'), 'listening')
    upstreams.push(secure)
    writeFileSync(join(directory, 'authority.pem'), authority.cert)
    const file = { mounts: [{ path: '/secure', to: `https://localhost:${(secure.address() as { port: number }).port}` }] }
    writeFileSync(join(directory, 'secure.json'), JSON.stringify(file))
    const args = ['--port', '0', '--data', join(directory, 'data'), '--config', join(directory, 'secure.json')]
    for (const [trust, status, upgrade] of [
      [join(directory, 'authority.pem'), 200, 101],
      ['', 502, 502],
    ] as const) {
      const own = await startProcess(args, { trust })
      const url = `http://127.0.0.1:${own.port}`
      expect((await get('/secure/', {}, url)).status).toBe(status)
      const socket = connect(own.port, '127.0.0.1')
      socket.write('GET /secure/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      expect(String((await once(socket, 'data'))[0])).toContain(`HTTP/1.1 ${upgrade} `)
      socket.destroy()
      await own.stop()
    }
  })
})

describe('a mounted directory', () => {
  it('serves its files and nothing else', async () => {
    expect((await get('/files')).text).toBe('<h1>files</h1>')
    expect((await get('/files/')).text).toBe('<h1>files</h1>')
    expect((await get('/files/sub/a.txt', { cookie: server.cookie })).text).toBe('text')
    for (const path of ['/files/none', '/files/../secret.txt', '/files/%2e%2e/secret.txt', '/files/..%2fsecret.txt', '/files/.secret'])
      expect((await get(path)).status, path).toBe(404)
  })
})

describe('a mount inside another', () => {
  it.each([
    ...['/files/sub/a.txt', '/files//sub/a.txt', '/files/./sub/a.txt', '/files/%2e/sub/a.txt', '/files/sub%2fa.txt'],
    ...['/files/%73ub/a.txt', '/files/x/../sub/a.txt', '/files/x/%2e%2e/sub/a.txt', '/files/x%2f..%2fsub/a.txt'],
  ])('keeps its role when its address is spelled %s', async (path) => {
    expect([401, 404]).toContain((await get(path)).status)
  })
})

describe('a mounted module', () => {
  it('is a Fastify plugin in this process, for the role of its mount', async () => {
    expect((await get('/module/hello?name=x')).status).toBe(401)
    expect((await get('/module/hello?name=x', { cookie: server.cookie })).text).toBe('{"hello":"x"}')
    const url = `${server.url.replace('http', 'ws')}/module`
    const ws = new WebSocket(`${url}/chat`, { headers: { cookie: server.cookie } })
    await once(ws, 'open')
    ws.send('hi')
    expect(String((await once(ws, 'message'))[0])).toBe('/chat hi')
    ws.terminate()
    const bad = new WebSocket(`${url}/bad`, { headers: { cookie: server.cookie } })
    expect((await once(bad, 'close'))[0]).toBe(1011)
  })
})

describe('mounts that cannot be', () => {
  it.each([
    [[{ to: 'http://x' }], 'mounts[0] must say a path'],
    [[{ path: '/a' }], 'mounts[0] must say exactly one of'],
    [[{ path: '/api', to: 'http://x' }], "mounts[0].path is /api, which is Porthole's own"],
    [[{ path: '/a', to: 'x:1' }], 'mounts[0].to'],
    [[{ path: '/a', to: 'http://x/b' }], 'mounts[0].to'],
    [[{ path: '/a', directory: 'b' }], 'mounts[0].directory'],
    [
      [
        { path: '/a', to: 'http://x' },
        { path: '/a', to: 'http://y' },
      ],
      'mounts[1] is at the same place as mounts[0]',
    ],
    [[{ path: 'a', to: 'http://x' }], 'mounts[0].path'],
    [[{ path: '/a', to: 'http://x', colour: 1 }], 'mounts[0]'],
  ])('are refused by name: %j', async (mounts, named) => {
    await expect(startTestServer({ file: { mounts } })).rejects.toThrow(named)
  })
})
