import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { FakeClock } from '../../testing/clock.ts'
import { recorder, type ServedProtocol, serveProtocol } from '../../testing/protocols.ts'
import { ConnectionDeny, type ConnectionRequest, type ServerOptions, WebSocketServerProtocol } from './index.ts'

let served: ServedProtocol
afterEach(() => served.close())

async function dial(path = '/', protocols: string[] = [], options: object = {}): Promise<WebSocket> {
  const ws = new WebSocket(served.url + path, protocols, { perMessageDeflate: false, ...options })
  ws.on('error', () => {})
  await once(ws, 'open')
  return ws
}

const closeOf = async (ws: WebSocket) => {
  const [code, reason] = await once(ws, 'close')
  return [code, String(reason)]
}

/** The HTTP answer of a refused upgrade. */
async function refused(path = '/', headers: Record<string, string> = {}) {
  const ws = new WebSocket(served.url + path, { headers })
  ws.on('error', () => {})
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, problem: JSON.parse(text) }
}

describe('a connection', () => {
  it('is told from its opening to its close, text as strings and binary as bytes', async () => {
    const { Recorder, told, all } = recorder()
    served = await serveProtocol(Recorder)
    const ws = await dial()
    ws.send('text')
    ws.send(Buffer.of(1, 2))
    await expect.poll(() => told.length).toBe(3)
    expect(all[0]?.sendMessage('back')).toBe(true)
    expect(await once(ws, 'message')).toEqual([Buffer.from('back'), false])
    all[0]?.sendMessage(Buffer.of(3))
    expect(await once(ws, 'message')).toEqual([Buffer.of(3), true])
    all[0]?.sendPing('p')
    await expect.poll(() => told.at(-1)).toEqual(['pong', 'p'])
    ws.close(3001, 'bye')
    await expect
      .poll(() => told)
      .toEqual([
        ['open', ''],
        ['message', 'text', false],
        ['message', Buffer.of(1, 2), true],
        ['pong', 'p'],
        ['close', true, 3001, 'bye'],
      ])
    expect(all[0]?.isOpen).toBe(false)
    expect(all[0]?.sendMessage('late')).toBe(false)
  })

  it('is closed with a code and a reason that fits, or cut', async () => {
    const { Recorder, told, all } = recorder()
    served = await serveProtocol(Recorder)
    const ws = await dial()
    await expect.poll(() => all.length).toBe(1)
    for (const code of [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000]) expect(() => all[0]?.sendClose(code)).toThrow(RangeError)
    expect(() => all[0]?.sendPing('a'.repeat(126))).toThrow(RangeError)
    all[0]?.sendClose(4000, 'é'.repeat(100))
    expect(await closeOf(ws)).toEqual([4000, 'é'.repeat(61)])
    await expect.poll(() => told.at(-1)).toEqual(['close', true, 4000, 'é'.repeat(61)])
    const other = await dial()
    await expect.poll(() => all.length).toBe(2)
    all[1]?.dropConnection()
    expect(await closeOf(other)).toEqual([1006, ''])
    await expect.poll(() => told.at(-1)).toEqual(['close', false, 1006, 'dropped'])
  })

  it('waits for a method that goes on, and is told its close after all that it said', async () => {
    const told: string[] = []
    let release = () => {}
    class Slow extends WebSocketServerProtocol {
      override async onOpen() {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        told.push('open')
      }
      override async onMessage(payload: string | Buffer) {
        await Promise.resolve()
        told.push(String(payload))
      }
      override onClose() {
        told.push('close')
      }
    }
    served = await serveProtocol(Slow)
    const ws = await dial()
    for (let i = 0; i < 4; i++) ws.send(String(i))
    await new Promise((written) => ws.send('4', written))
    ws.close()
    expect(told).toEqual([])
    release()
    await expect.poll(() => told).toEqual(['open', '0', '1', '2', '3', '4', 'close'])
  })

  it.each(['onOpen', 'onMessage', 'onPong'] as const)('ends by itself when %s throws or rejects', async (method) => {
    for (const fail of [
      () => Promise.reject(new Error('bad')),
      () => {
        throw new Error('bad')
      },
    ]) {
      const { Recorder, told } = recorder()
      Recorder.prototype[method] = fail
      served = await serveProtocol(Recorder)
      const ws = await dial()
      const closed = closeOf(ws)
      ws.send('text')
      ws.pong('pong')
      expect(await closed).toEqual([1011, ''])
      await expect.poll(() => told.at(-1)).toEqual(['close', true, 1011, ''])
      expect(String(served.errors)).toBe('Error: bad')
      await served.close()
    }
  })

  it('is over when onClose throws', async () => {
    const { Recorder } = recorder()
    Recorder.prototype.onClose = () => Promise.reject(new Error('bad'))
    served = await serveProtocol(Recorder)
    const ws = await dial()
    ws.close()
    await expect.poll(() => String(served.errors)).toBe('Error: bad')
  })
})

describe('the handshake', () => {
  const protocols = ['chat.v2', 'chat.v1']

  it('agrees upon the preferred subprotocol of those that are offered', async () => {
    const { Recorder, told } = recorder({ protocols })
    served = await serveProtocol(Recorder)
    expect((await dial('/', ['chat.v1', 'chat.v2'])).protocol).toBe('chat.v2')
    expect((await dial('/', ['other', 'chat.v1'])).protocol).toBe('chat.v1')
    expect((await dial('/')).protocol).toBe('')
    await expect
      .poll(() => told)
      .toEqual([
        ['open', 'chat.v2'],
        ['open', 'chat.v1'],
        ['open', ''],
      ])
  })

  it('may want one', async () => {
    const { Recorder } = recorder({ protocols, requireProtocol: true })
    served = await serveProtocol(Recorder)
    expect(await refused('/', { 'sec-websocket-protocol': 'other' })).toMatchObject({
      status: 400,
      problem: { code: 'request.invalid', detail: 'speak one of the subprotocols chat.v2, chat.v1' },
    })
    expect((await refused()).status).toBe(400)
    expect((await dial('/', ['chat.v1'])).protocol).toBe('chat.v1')
  })

  it('asks onConnect, which decides before the options do, and adds headers', async () => {
    const asked: ConnectionRequest[] = []
    class Asks extends WebSocketServerProtocol {
      static override readonly options: ServerOptions = {
        protocols,
        serverName: 'Camera/1',
        headers: { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] },
      }
      override async onConnect(request: ConnectionRequest) {
        asked.push(request)
        return request.path === '/old' ? 'chat.v1' : request.path === '/new' ? ([undefined, { 'x-one': '2' }] as const) : undefined
      }
    }
    served = await serveProtocol(Asks)
    const ws = new WebSocket(`${served.url}/new?room=a%20b&room=c`, ['chat.v1', 'chat.v2'], {
      origin: 'http://a.example',
      headers: { 'x-mine': 'm' },
    })
    const [{ headers }] = (await once(ws, 'upgrade')) as [IncomingMessage]
    expect(headers).toMatchObject({ server: 'Camera/1', 'x-one': '2', 'set-cookie': ['a=1', 'b=2'] })
    expect(ws.protocol).toBe('chat.v2')
    const { query, ...request } = asked[0] as ConnectionRequest
    expect(query.getAll('room')).toEqual(['a b', 'c'])
    expect(request).toMatchObject({
      path: '/new',
      host: served.url.slice('ws://'.length),
      secure: false,
      origin: 'http://a.example',
      protocols: ['chat.v1', 'chat.v2'],
      headers: { 'x-mine': 'm' },
    })
    expect(['127.0.0.1', '::1']).toContain(request.address)
    expect((await dial('/old', ['chat.v1', 'chat.v2'])).protocol).toBe('chat.v1')
  })

  it('is refused with the status, the reason and the headers that onConnect says', async () => {
    class Denies extends WebSocketServerProtocol {
      static override readonly options = { serverName: 'Camera/1' }
      override onConnect({ path }: ConnectionRequest) {
        if (path === '/throws') throw new Error('secret')
        if (path === '/chooses') return 'unheard'
        throw new ConnectionDeny(429, 'not <today>', { 'retry-after': '60' })
      }
    }
    served = await serveProtocol(Denies)
    const answer = await refused('/denies')
    expect(answer).toMatchObject({ status: 429, problem: { type: 'about:blank', status: 429, detail: 'not <today>' } })
    expect(answer.headers).toMatchObject({
      'retry-after': '60',
      server: 'Camera/1',
      'content-type': 'application/problem+json; charset=utf-8',
    })
    for (const path of ['/throws', '/chooses']) {
      const failed = await refused(path)
      expect(failed).toMatchObject({ status: 500, problem: { code: 'server.internal' } })
      expect(JSON.stringify(failed)).not.toMatch(/secret|unheard/)
    }
    expect(served.errors.map(String)).toEqual(['Error: secret', 'Error: onConnect chose unheard, which the client did not offer'])
    expect(() => new ConnectionDeny(200, '')).toThrow(RangeError)
    expect(() => new ConnectionDeny(400, '', { 'x-a': 'b\r\nc' })).toThrow(TypeError)
  })

  it('is not kept waiting by onConnect for ever', async () => {
    const clock = new FakeClock()
    let asked = () => {}
    const reached = new Promise<void>((resolve) => {
      asked = resolve
    })
    class Hangs extends WebSocketServerProtocol {
      override onConnect() {
        asked()
        return new Promise<undefined>(() => {})
      }
    }
    served = await serveProtocol(Hangs, { clock })
    const answer = refused()
    await reached
    clock.advance(5000)
    expect(await answer).toMatchObject({ status: 502, problem: { code: 'service.unreachable' } })
  })

  it('is not made with a request that is none, and onConnect is not asked', async () => {
    const { Recorder } = recorder()
    let asked = 0
    Recorder.prototype.onConnect = () => void asked++
    served = await serveProtocol(Recorder)
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '12', 'sec-websocket-key': 'x' }
    const request = httpRequest(served.url.replace('ws', 'http'), { headers }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect([response.statusCode, asked]).toEqual([400, 0])
  })

  it('is for as many as may be connected at once', async () => {
    const { Recorder } = recorder({ maxConnections: 2 })
    served = await serveProtocol(Recorder)
    const first = await dial()
    await dial()
    expect(await refused()).toMatchObject({ status: 503, problem: { code: 'server.limit' } })
    first.terminate()
    await once(served.sockets[0] as never, 'close')
    await dial()
  })
})
