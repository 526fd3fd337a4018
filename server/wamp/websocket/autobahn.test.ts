import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { serveProtocol } from '../../testing/protocols.ts'
import { type ConnectionResponse, WebSocketClientProtocol, WebSocketServerProtocol } from './index.ts'

/** Debian's python3-autobahn is a package of the system's Python. */
const PYTHON = '/usr/bin/python3'
const probe = spawnSync(PYTHON, ['-c', 'import autobahn; print(autobahn.__version__)'], { encoding: 'utf8' })
const hasAutobahn = probe.status === 0
if (!hasAutobahn) console.warn(`skipped: ${PYTHON} has no autobahn (apt-get install python3-autobahn)`)

const CLIENT = `
import asyncio, sys
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

class Client(WebSocketClientProtocol):
    heard = 0
    def onConnect(self, response):
        print('connect', response.protocol, response.headers.get('x-server'), flush=True)
    def onOpen(self):
        self.sendMessage('grüße'.encode())
        self.sendMessage(bytes([0, 255]), isBinary=True, fragmentSize=1)
    def onMessage(self, payload, isBinary):
        print('message', payload.hex() if isBinary else payload.decode(), flush=True)
        self.heard += 1
        if self.heard == 2:
            self.sendClose(3001, 'bye')
    def onClose(self, wasClean, code, reason):
        print('close', wasClean, code, reason, flush=True)
        loop.stop()

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
factory = WebSocketClientFactory(sys.argv[1], protocols=['other', 'chat'], useragent='Autobahn', loop=loop)
factory.protocol = Client
host, port = sys.argv[1].removeprefix('ws://').split(':')
loop.run_until_complete(loop.create_connection(factory, host, int(port)))
loop.run_forever()
`

const SERVER = `
import asyncio, sys
from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol

class Server(WebSocketServerProtocol):
    def onConnect(self, request):
        print('connect', request.protocols, request.origin, request.headers.get('user-agent'), flush=True)
        return 'chat', {'x-server': 'autobahn'}
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)
    def onClose(self, wasClean, code, reason):
        print('close', wasClean, code, reason, flush=True)

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
factory = WebSocketServerFactory(loop=loop)
factory.protocol = Server
factory.setProtocolOptions(autoPingInterval=0.05, autoPingTimeout=2)
server = loop.run_until_complete(loop.create_server(factory, '127.0.0.1', 0))
print('port', server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
`

let child: ChildProcess | undefined
afterEach(() => void child?.kill())

function python(program: string, ...args: string[]) {
  const started = spawn(PYTHON, ['-W', 'ignore', '-c', program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  child = started
  let out = ''
  started.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  return { started, lines: () => out.trim().split('\n') }
}

it.runIf(hasAutobahn)('Autobahn|Python connects to a class of the server', async () => {
  const told: unknown[] = []
  class Server extends WebSocketServerProtocol {
    static override readonly options = { protocols: ['chat'], headers: { 'x-server': 's' }, maxFrameBytes: 100 }
    override onMessage(payload: string | Buffer) {
      this.sendMessage(payload)
    }
    override onClose(...args: unknown[]) {
      told.push(args)
    }
  }
  const served = await serveProtocol(Server)
  try {
    const { started, lines } = python(CLIENT, served.url.replace('localhost', '127.0.0.1'))
    await once(started, 'close')
    expect(lines()).toEqual(['connect chat s', 'message grüße', 'message 00ff', 'close True 3001 bye'])
    expect(told).toEqual([[true, 3001, 'bye']])
  } finally {
    await served.close()
  }
})

it.runIf(hasAutobahn)('a class of the client connects to Autobahn|Python', async () => {
  const { lines } = python(SERVER)
  await expect.poll(() => lines()[0]).toMatch(/^port \d+$/)
  const told: unknown[] = []
  class Client extends WebSocketClientProtocol {
    override onConnect({ protocol, headers }: ConnectionResponse) {
      told.push([protocol, headers['x-server']])
    }
    override onMessage(payload: string | Buffer) {
      told.push(payload)
    }
  }
  const url = `ws://127.0.0.1:${lines()[0]?.split(' ')[1]}`
  const client = new Client({ url, protocols: ['other', 'chat'], origin: 'http://a.example', userAgent: 'porthole/test' })
  await client.connect()
  client.sendMessage('grüße')
  client.sendMessage(Buffer.of(0, 255))
  await expect.poll(() => told).toEqual([['chat', 'autobahn'], 'grüße', Buffer.of(0, 255)])
  await client.close(3001, 'bye')
  await expect
    .poll(lines)
    .toEqual([expect.stringMatching(/^port/), "connect ['other', 'chat'] http://a.example porthole/test", 'close True 3001 bye'])
})
