import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../testing/clock.ts'
import { type ServedProtocol, serveProtocol, startProxy } from '../../testing/protocols.ts'
import {
  type ClientOptions,
  ConnectionDeny,
  type ConnectionRequest,
  type ConnectionResponse,
  type ServerOptions,
  WebSocketClientProtocol,
  WebSocketServerProtocol,
} from './index.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** What the server's side has now. */
const here = new Set<Server>()
class Server extends WebSocketServerProtocol {
  static override readonly options: ServerOptions = { protocols: ['chat'], headers: { 'x-server': 's' } }
  override onConnect({ path }: ConnectionRequest) {
    if (path === '/401') throw new ConnectionDeny(401)
    if (path === '/503') throw new ConnectionDeny(503)
    return undefined
  }
  override onOpen() {
    here.add(this)
  }
  override onMessage(payload: string | Buffer) {
    this.sendMessage(payload)
  }
  override onClose() {
    here.delete(this)
  }
}
const drop = () => {
  for (const each of here) each.dropConnection()
}

async function serve(options: Parameters<typeof serveProtocol>[1] = {}): Promise<ServedProtocol> {
  const served = await serveProtocol(Server, options)
  closers.push(served.close)
  return served
}

/** Writes down what it is told. */
class Client extends WebSocketClientProtocol {
  readonly told: unknown[][] = []
  constructor(options: ClientOptions) {
    super({ random: () => 0.5, ...options })
    closers.push(() => this.close())
  }
  override onConnect({ protocol, headers, reconnects }: ConnectionResponse): unknown {
    this.told.push(['connect', protocol, headers['x-server'], reconnects])
    return undefined
  }
  override onOpen(): unknown {
    this.told.push(['open'])
    return undefined
  }
  override onMessage(payload: string | Buffer): unknown {
    this.told.push(['message', String(payload)])
    return undefined
  }
  override onClose(...args: unknown[]) {
    this.told.push(['close', ...args])
  }
  override onRetry(delayMs: number, error: unknown) {
    this.told.push(['retry', delayMs, (error as { status?: number } | undefined)?.status])
  }
  override onError(error: unknown) {
    this.told.push(['error', String(error)])
  }
}

const OPENED = [['connect', 'chat', 's', 0], ['open']]

describe('a client', () => {
  it('connects, speaks, hears and says good-bye', async () => {
    const { url } = await serve()
    const client = new Client({ url, protocols: ['chat'] })
    await client.connect()
    expect(client.isOpen).toBe(true)
    expect(client.sendMessage('hi')).toBe(true)
    await expect.poll(() => client.told.length).toBe(3)
    await client.close(4000, 'bye')
    expect(client.told).toEqual([...OPENED, ['message', 'hi'], ['close', true, 4000, 'bye']])
    await client.ended()
    expect(client.sendMessage('late')).toBe(false)
    expect(() => client.connect()).toThrow('before')
  })

  it('compresses where both sides say so', async () => {
    class Compressing extends Server {
      static override readonly options = { perMessageDeflate: { threshold: 0 }, maxFrameBytes: 1000 }
    }
    const served = await serveProtocol(Compressing)
    closers.push(served.close)
    const client = new Client({ url: served.url, perMessageDeflate: true })
    const told: unknown[] = []
    client.onConnect = ({ headers }) => void told.push(headers['sec-websocket-extensions'])
    client.onMessage = (payload) => void told.push(payload.length)
    await client.connect()
    client.sendMessage('a'.repeat(100_000))
    await expect.poll(() => told).toEqual(['permessage-deflate', 100_000])
  })

  it('goes through a proxy', async () => {
    const proxy = await startProxy()
    closers.push(proxy.close)
    const { url } = await serve()
    const client = new Client({ url, proxy, protocols: ['chat'] })
    await client.connect()
    expect(proxy.tunnels.length).toBe(1)
  })

  it('has options of its class, and takes none that are wrong', async () => {
    const { url } = await serve()
    class Named extends Client {
      static override readonly options = { url, protocols: ['chat'] }
    }
    const client = new Named({})
    await client.connect()
    expect(client.protocol).toBe('chat')
    expect(() => new WebSocketClientProtocol()).toThrow('url')
    for (const wrong of [
      { colour: 1 },
      { reconnect: { colour: 1 } },
      { closeCodes: { failure: 1006 } },
      { pingTimeoutMs: 0 },
      { headers: { Upgrade: 'x' } },
      { protocols: ['a b'] },
    ])
      expect(() => new WebSocketClientProtocol({ url, ...wrong } as ClientOptions), JSON.stringify(wrong)).toThrow()
  })

  it('ends a connection in which a callback throws', async () => {
    const { url } = await serve()
    for (const method of ['onConnect', 'onOpen', 'onMessage'] as const) {
      class Throws extends Client {}
      Throws.prototype[method] = async () => {
        throw new Error('bad')
      }
      const client = new Throws({ url, reconnect: false })
      await client.connect()
      client.sendMessage('x')
      await client.ended()
      expect(client.told.slice(-2)).toEqual([
        ['error', 'Error: bad'],
        ['close', true, 1011, ''],
      ])
    }
  })

  it('cuts a server that is dead', async () => {
    const clock = new FakeClock()
    const { url, sockets } = await serve()
    const client = new Client({ url, clock, pingIntervalMs: 1000, pingTimeoutMs: 500, reconnect: false })
    await client.connect()
    sockets[0]?.pause()
    clock.advance(1500)
    await client.ended()
    expect(client.told.at(-1)).toEqual(['close', false, 1006, 'no answer to a ping'])
  })
})

describe('after a connection was lost', () => {
  it('it comes back, later each time, until it was open for a while', async () => {
    const clock = new FakeClock()
    const { url } = await serve()
    const reconnect = { initialDelayMs: 1000, factor: 2, resetAfterMs: 10_000 }
    const client = new Client({ url, clock, protocols: ['chat'], reconnect })
    await client.connect()
    const retries = () => client.told.filter(([what]) => what === 'retry').map(([, delay]) => delay)
    const opens = () => client.told.filter(([what]) => what === 'connect').map(([, , , reconnects]) => reconnects)
    for (const [i, delay] of [1000, 2000, 4000].entries()) {
      await expect.poll(() => here.size).toBe(1)
      drop()
      await expect.poll(() => retries().at(-1)).toBe(delay)
      clock.advance(delay - 1)
      expect(opens().length).toBe(1 + i)
      clock.advance(1)
      await expect.poll(opens).toEqual([...Array(i + 2).keys()])
    }
    await expect.poll(() => here.size).toBe(1)
    clock.advance(10_000)
    drop()
    await expect.poll(() => retries().at(-1)).toBe(1000)
    expect(client.told.filter(([what]) => what === 'close')[0]).toEqual(['close', false, 1006, 'the connection was lost'])
  })

  it('it tries again when the server is away or not well, and not when it is refused for good', async () => {
    const clock = new FakeClock()
    const { url } = await serve()
    const client = new Client({ url: `${url}/503`, clock, reconnect: { maxRetries: 2 } })
    const connected = client.connect()
    for (const delay of [1000, 2000]) {
      await expect.poll(() => client.told.at(-1)).toEqual(['retry', delay, 503])
      clock.advance(delay)
    }
    await expect(connected).rejects.toMatchObject({ code: 'refused', status: 503 })
    await client.ended()
    const stranger = new Client({ url: `${url}/401` })
    await expect(stranger.connect()).rejects.toMatchObject({ status: 401 })
    expect(stranger.told).toEqual([])
  })

  it('it finds a server that was started anew', async () => {
    const clock = new FakeClock()
    const first = await serveProtocol(Server)
    const client = new Client({ url: first.url, clock, protocols: ['chat'] })
    await client.connect()
    await first.close()
    await expect.poll(() => client.told.at(-1)?.[0]).toBe('retry')
    expect(client.told.at(-2)).toEqual(['close', true, 1001, ''])
    await serve({ port: Number(new URL(first.url).port) })
    clock.advance(1000)
    await expect.poll(() => client.told.at(-1)).toEqual(['open'])
  })

  it('it stays away after 1000, with reconnect off, or when it says so itself', async () => {
    const { url } = await serve()
    class Once extends Client {
      override shouldReconnect(code: number, reason: string) {
        this.told.push(['asked', code, reason])
        if (reason === 'throw') throw new Error('bad')
        return false
      }
    }
    for (const [client, code, reason] of [
      [new Client({ url }), 1000, ''],
      [new Client({ url, reconnect: false }), 1001, ''],
      [new Once({ url }), 4001, 'enough'],
      [new Once({ url }), 4001, 'throw'],
    ] as const) {
      await client.connect()
      await expect.poll(() => here.size).toBe(1)
      for (const each of here) each.sendClose(code, reason)
      await client.ended()
      expect(client.told).toContainEqual(['close', true, code, reason])
      expect(client.told.some(([what]) => what === 'retry')).toBe(false)
      if (client instanceof Once) expect(client.told).toContainEqual(['asked', code, reason])
      await expect.poll(() => here.size).toBe(0)
    }
  })
})

describe('it ends for good', () => {
  it('when it is closed while it waits, or before it is open', async () => {
    const { url } = await serve()
    const client = new Client({ url, clock: new FakeClock() })
    await client.connect()
    await expect.poll(() => here.size).toBe(1)
    drop()
    await expect.poll(() => client.told.at(-1)?.[0]).toBe('retry')
    await client.close()
    const other = new Client({ url })
    const connecting = other.connect()
    const closed = other.close()
    await expect(connecting).rejects.toThrow('closed')
    await closed
    expect(other.told).toEqual([])
  })

  it('when its signal aborts, at once', async () => {
    const { url } = await serve()
    const abort = new AbortController()
    const client = new Client({ url, signal: abort.signal })
    await client.connect()
    abort.abort(new Error('enough'))
    await client.ended()
    expect(client.told.at(-1)).toEqual(['close', false, 1006, 'dropped'])
    await expect(new Client({ url, signal: abort.signal }).connect()).rejects.toThrow('enough')
  })
})
