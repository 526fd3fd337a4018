import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { makeAuthority, makeServerCertificate } from '../../door/authority.ts'
import { FakeClock } from '../../testing/clock.ts'
import { type ServedProtocol, serveProtocol, startProxy } from '../../testing/protocols.ts'
import { ConnectionDeny, type ConnectionRequest, WebSocketServerProtocol } from './index.ts'
import { openWebSocket } from './open.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const asked: ConnectionRequest[] = []
/** Speaks first, and echoes. */
class Echo extends WebSocketServerProtocol {
  static override readonly options = { protocols: ['one', 'two'] }
  override onConnect(request: ConnectionRequest) {
    asked.push(request)
    if (request.path === '/deny') throw new ConnectionDeny(403)
    return undefined
  }
  override onOpen() {
    this.sendMessage('hello')
  }
  override onMessage(payload: string | Buffer) {
    this.sendMessage(payload)
  }
}

async function serve(options: Parameters<typeof serveProtocol>[1] = {}): Promise<ServedProtocol> {
  const served = await serveProtocol(Echo, options)
  closers.push(served.close)
  return served
}

/** A listener of bytes that says what it is given, once. */
async function speaker(says: string): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.once('data', () => says !== '' && socket.write(says))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets }
}

/** Resumes it. @returns its first message, its echo of another */
async function converse(ws: WebSocket): Promise<string[]> {
  const heard: string[] = []
  ws.on('message', (data) => heard.push(String(data)))
  ws.resume()
  ws.send('again')
  await expect.poll(() => heard.length).toBe(2)
  ws.terminate()
  return heard
}

describe('a WebSocket', () => {
  it('opens with what it is told, and loses nothing of what the server says first', async () => {
    const { url } = await serve()
    const headers: unknown[] = []
    const ws = await openWebSocket({
      url: url.replace('ws', 'http'),
      protocols: ['two'],
      origin: 'http://a.example',
      userAgent: 'test/1',
      headers: { 'x-mine': 'm' },
      onAnswer: (said) => headers.push(said),
    })
    expect(ws.protocol).toBe('two')
    expect(headers).toMatchObject([{ upgrade: 'websocket' }])
    expect(asked.at(-1)?.headers).toMatchObject({ origin: 'http://a.example', 'user-agent': 'test/1', 'x-mine': 'm' })
    expect(await converse(ws)).toEqual(['hello', 'again'])
  })

  it('does not open with a server that refuses, is none, or is not there', async () => {
    const { url } = await serve()
    await expect(openWebSocket({ url: `${url}/deny` })).rejects.toMatchObject({ name: 'OpenError', code: 'refused', status: 403 })
    await expect(openWebSocket({ url, protocols: ['unheard'] })).rejects.toMatchObject({ code: 'unreachable' })
    const { port } = await speaker('SSH-2.0-x\r\n')
    await expect(openWebSocket({ url: `ws://127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'unreachable' })
    await expect(openWebSocket({ url: 'ws://127.0.0.1:1' })).rejects.toMatchObject({ code: 'unreachable' })
    await expect(openWebSocket({ url: 'ftp://a' })).rejects.toThrow(SyntaxError)
  })

  it('does not wait longer than it is told, for the server or the proxy', async () => {
    const { port, sockets } = await speaker('')
    for (const proxy of [undefined, { host: '127.0.0.1', port }]) {
      const clock = new FakeClock()
      const opening = openWebSocket({ url: `ws://127.0.0.1:${port}`, timeoutMs: 300, clock, ...(proxy && { proxy }) })
      opening.catch(() => {})
      await expect.poll(() => sockets.length).toBeGreaterThan(0)
      clock.advance(300)
      await expect(opening).rejects.toMatchObject({ code: 'timeout' })
      await once(sockets.pop() as Socket, 'close')
    }
  })

  it('is given up when the signal aborts', async () => {
    const { port, sockets } = await speaker('')
    for (const proxy of [undefined, { host: '127.0.0.1', port }]) {
      const abort = new AbortController()
      const opening = openWebSocket({ url: `ws://127.0.0.1:${port}`, signal: abort.signal, ...(proxy && { proxy }) })
      opening.catch(() => {})
      await expect.poll(() => sockets.length).toBeGreaterThan(0)
      abort.abort(new Error('enough'))
      await expect(opening).rejects.toThrow('enough')
      await once(sockets.pop() as Socket, 'close')
      await expect(openWebSocket({ url: `ws://127.0.0.1:${port}`, signal: abort.signal })).rejects.toThrow('enough')
    }
  })

  it('has caps for messages and frames of the server', async () => {
    const { url } = await serve()
    for (const caps of [{ maxMessageBytes: 100 }, { maxFrameBytes: 100 }]) {
      const ws = await openWebSocket({ url, ...caps })
      const heard: number[] = []
      ws.on('message', (data: Buffer) => heard.push(data.length))
      ws.resume()
      ws.send('a'.repeat(100))
      await expect.poll(() => heard.length).toBe(2)
      ws.send('a'.repeat(101))
      await new Promise((closed) => ws.once('close', closed))
      expect(heard).toEqual([5, 100])
    }
  })
})

describe('over TLS', () => {
  it('trusts the authority that it is told, and no other', async () => {
    const authority = await makeAuthority(['localhost'], new Date())
    const { url } = await serve({ tls: await makeServerCertificate(authority, ['localhost'], new Date()) })
    expect(await converse(await openWebSocket({ url, tls: { ca: authority.cert } }))).toEqual(['hello', 'again'])
    await expect(openWebSocket({ url })).rejects.toMatchObject({ code: 'unreachable' })
    await expect(openWebSocket({ url, tls: { ca: authority.cert, servername: 'other' } })).rejects.toMatchObject({ code: 'unreachable' })
    const proxy = await startProxy()
    closers.push(proxy.close)
    expect(await converse(await openWebSocket({ url, proxy, tls: { ca: authority.cert } }))).toEqual(['hello', 'again'])
    expect(proxy.tunnels).toEqual([new URL(url).host])
    await expect(openWebSocket({ url, proxy })).rejects.toMatchObject({ code: 'unreachable' })
    await expect(openWebSocket({ url, proxy, tls: { ca: authority.cert, servername: 'other' } })).rejects.toMatchObject({
      code: 'unreachable',
    })
  })
})

describe('through a proxy', () => {
  it('opens, with a password where it wants one', async () => {
    const { url } = await serve()
    const proxy = await startProxy({ authorization: 'Basic dTpw' })
    closers.push(proxy.close)
    const { host, port } = proxy
    expect(await converse(await openWebSocket({ url, proxy: { host, port, authorization: 'Basic dTpw' } }))).toEqual(['hello', 'again'])
    expect(proxy.tunnels).toEqual([new URL(url).host])
    await expect(openWebSocket({ url, proxy: { host, port } })).rejects.toMatchObject({
      code: 'proxy',
      cause: { code: 'refused', status: 407 },
    })
    await expect(openWebSocket({ url, proxy: { host, port, authorization: 'a\r\nb' } })).rejects.toThrow(TypeError)
  })

  it('tells what is wrong with it', async () => {
    const of = async (proxy: { host: string; port: number }) =>
      openWebSocket({ url: 'ws://a.example', proxy }).catch(({ code, cause }) => [code, cause.code])
    expect(await of({ host: '127.0.0.1', port: 1 })).toEqual(['proxy', 'unreachable'])
    expect(await of({ host: '127.0.0.1', port: (await speaker('SSH-2.0-x\r\n')).port })).toEqual(['proxy', 'malformed'])
    const { port, sockets } = await speaker('')
    const ended = of({ host: '127.0.0.1', port })
    await expect.poll(() => sockets.length).toBe(1)
    sockets[0]?.end()
    expect(await ended).toEqual(['proxy', 'ended'])
  })
})
