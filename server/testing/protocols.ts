import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer, type ServerOptions as TlsServerOptions } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { systemClock } from '../base/clock.ts'
import { type ServerOptions, WebSocketServerProtocol } from '../wamp/websocket/index.ts'
import { MOUNT, type Mountable, type Mounted } from '../wamp/websocket/mounted.ts'

/** A class of `porthole/websocket` on a port of its own. */
export interface ServedProtocol {
  readonly url: string
  readonly mounted: Mounted
  /** What was logged as an error. */
  readonly errors: unknown[]
  /** Its connections' server sides, the last one last. */
  readonly sockets: Duplex[]
  close(): Promise<void>
}

export async function serveProtocol(
  exported: Mountable,
  { clock = systemClock, tls, port = 0 }: { clock?: typeof systemClock; tls?: TlsServerOptions; port?: number } = {},
): Promise<ServedProtocol> {
  const errors: unknown[] = []
  const sockets: Duplex[] = []
  const scheme = tls ? 'https' : 'http'
  const mounted = exported[MOUNT]({
    name: 'mounts[0]',
    clock,
    log: { error: ({ err }: { err: unknown }) => errors.push(err) } as never,
    addressOf: ({ socket }) => socket.remoteAddress ?? '',
    asked: ({ headers }) => `${scheme}://${headers.host}`,
    problem: ({ code, message }) => ({ code, detail: message }),
  })
  const server = tls ? createSecureServer(tls) : createServer()
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    sockets.push(raw)
    raw.on('error', () => raw.destroy())
    mounted.upgrade(request, raw, head)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${tls ? 'wss' : 'ws'}://localhost:${(server.address() as AddressInfo).port}`,
    mounted,
    errors,
    sockets,
    close: async () => {
      await mounted.close()
      server.closeAllConnections()
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** What a class was told, by all its instances. */
type Told = [what: string, ...unknown[]][]

/** A class that writes down what it is told. */
export function recorder(options: ServerOptions = {}): {
  Recorder: typeof WebSocketServerProtocol
  told: Told
  all: WebSocketServerProtocol[]
} {
  const told: Told = []
  const all: WebSocketServerProtocol[] = []
  class Recorder extends WebSocketServerProtocol {
    static override readonly options = options
    override onOpen() {
      all.push(this)
      told.push(['open', this.protocol])
    }
    override onMessage(payload: string | Buffer, isBinary: boolean): unknown {
      told.push(['message', payload, isBinary])
      return undefined
    }
    override onPong(payload: Buffer) {
      told.push(['pong', String(payload)])
    }
    override onClose(...args: unknown[]) {
      told.push(['close', ...args])
    }
  }
  return { Recorder, told, all }
}

/** An HTTP proxy that makes tunnels, with or without a password, on a port of its own. */
export async function startProxy({ authorization }: { authorization?: string } = {}) {
  const tunnels: string[] = []
  const open = new Set<Duplex>()
  const proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, near: Duplex, head: Buffer) => {
    open.add(near)
    near.on('error', () => near.destroy())
    if (request.headers['proxy-authorization'] !== authorization)
      return near.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n')
    tunnels.push(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url}`)
    const far = connect(Number(port || 80), hostname, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.write(head)
      far.pipe(near).pipe(far)
    })
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    host: '127.0.0.1',
    port: (proxy.address() as AddressInfo).port,
    /** Targets that were asked for and reached. */
    tunnels,
    close: async () => {
      for (const socket of open) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
