import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { networkList } from '../base/networks.ts'
import { FakeClock } from '../testing/clock.ts'
import { encodeProxyHeader } from '../wire/proxy-header.ts'
import { addressesOf, type Service } from './connection.ts'
import { DEADLINE_MS, Door, type DoorOptions } from './door.ts'
import { connectionLimit } from './limits.ts'
import { PROTOCOLS } from './protocols.ts'
import { upstream } from './upstream.ts'

const LOOPBACK = networkList(['127.0.0.0/8', '::1'])

let clock: FakeClock
let lines: { level: number; msg: string; why?: string }[]
const closers: (() => unknown)[] = []
beforeEach(() => {
  clock = new FakeClock()
  lines = []
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
const log = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) })

/** Says which service it is and whom it thinks it serves, then what it hears. */
const named =
  (name: string): Service =>
  (socket) => {
    socket.write(`${name} ${addressesOf(socket)?.source}\n`)
    socket.pipe(socket)
  }
const SSH = { name: 'ssh', test: PROTOCOLS.ssh, service: named('ssh') }

async function open(options: Partial<DoorOptions> = {}): Promise<{ door: Door; dial: () => Promise<Client> }> {
  const door = new Door({ rules: [SSH], clock, log, ...options })
  closers.push(() => door.close())
  const { port } = await door.listen('127.0.0.1', 0)
  return { door, dial: () => Client.dial(port) }
}

class Client {
  readonly socket: Socket
  text = ''
  ended = false
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
    })
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('close', () => {
      this.closed = true
    })
    socket.on('error', () => {})
    closers.push(() => socket.destroy())
  }

  static async dial(port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new Client(socket)
  }

  hears(text: string): Promise<void> {
    return expect.poll(() => this.text, { interval: 5 }).toBe(text)
  }

  async isEnded(): Promise<void> {
    await expect.poll(() => this.ended || this.closed, { interval: 5 }).toBe(true)
  }
}

describe('the door', () => {
  it('closes who says nothing at its deadline, and no sooner', async () => {
    const { door, dial } = await open()
    const client = await dial()
    await expect.poll(() => door.size).toBe(1)
    clock.advance(DEADLINE_MS - 1)
    expect(client.ended).toBe(false)
    clock.advance(1)
    await client.isEnded()
    await expect.poll(() => door.size).toBe(0)
  })

  it('gives who says a byte at a time no more than the deadline', async () => {
    const { door, dial } = await open()
    const client = await dial()
    for (const byte of 'SSH') {
      client.socket.write(byte)
      await new Promise(setImmediate)
      clock.advance(1000)
    }
    await client.isEnded()
    await expect.poll(() => door.size).toBe(0)
  })

  it('closes at once who ends before it can be understood, and whom nobody knows', async () => {
    const { door, dial } = await open()
    const [silent, half, foreign] = await Promise.all([dial(), dial(), dial()])
    silent.socket.end()
    half.socket.end('SS')
    foreign.socket.write('EHLO example.org\r\n')
    for (const client of [silent, half, foreign]) {
      await client.isEnded()
      expect(client.text).toBe('')
    }
    foreign.socket.end()
    await expect.poll(() => door.size).toBe(0)
  })

  it('serves who ends right after it was understood', async () => {
    const { dial } = await open()
    const client = await dial()
    client.socket.end('SSH-2.0-x\r\n')
    await client.hears('ssh 127.0.0.1\nSSH-2.0-x\r\n')
    await client.isEnded()
  })

  it('closes, and goes on, when a rule or a service throws', async () => {
    const fail = () => {
      throw new Error('broken')
    }
    const { dial } = await open({
      rules: [
        { name: 'bad', test: (prefix) => (prefix[0] === 1 ? fail() : 'no'), service: fail },
        { name: 'worse', test: (prefix) => (prefix[0] === 2 ? 'match' : 'no'), service: fail },
        SSH,
      ],
    })
    for (const byte of ['\x01', '\x02']) {
      const client = await dial()
      client.socket.write(byte)
      await client.isEnded()
    }
    const client = await dial()
    client.socket.write('SSH-')
    await client.hears('ssh 127.0.0.1\nSSH-')
    expect(lines.filter(({ level }) => level === 50)).toHaveLength(2)
  })

  it('gives silent clients of listed networks to a service that speaks first', async () => {
    const silent = { name: 'ftp', afterMs: 800, service: named('ftp') }
    const { dial } = await open({ silent: [{ ...silent, from: LOOPBACK }] })
    const [quiet, talker] = await Promise.all([dial(), dial()])
    talker.socket.write('S')
    await new Promise(setImmediate)
    await expect.poll(() => lines.length).toBe(0)
    talker.socket.write('SH-')
    await talker.hears('ssh 127.0.0.1\nSSH-')
    clock.advance(800)
    await quiet.hears('ftp 127.0.0.1\n')
    const { door, dial: dialOther } = await open({ silent: [{ ...silent, from: networkList(['10.0.0.0/8']) }] })
    const other = await dialOther()
    await expect.poll(() => door.size).toBe(1)
    clock.advance(800)
    await new Promise(setImmediate)
    expect(other.text).toBe('')
  })

  it('refuses connections over its limits, and takes others when there is room again', async () => {
    const { door, dial } = await open({ maxConnections: 2 })
    const [first] = await Promise.all([dial(), dial()])
    await expect.poll(() => door.size).toBe(2)
    await (await dial()).isEnded()
    expect(lines).toMatchObject([{ msg: 'connections are not taken', why: 'limit of connections' }])
    first.socket.destroy()
    await expect.poll(() => door.size).toBe(1)
    const again = await dial()
    again.socket.write('SSH-')
    await again.hears('ssh 127.0.0.1\nSSH-')
  })

  it('counts connections by address', async () => {
    const { door, dial } = await open({ maxPerAddress: 1 })
    const first = await dial()
    await expect.poll(() => door.size).toBe(1)
    await (await dial()).isEnded()
    first.socket.destroy()
    await expect.poll(() => door.size).toBe(0)
    const again = await dial()
    again.socket.write('SSH-')
    await again.hears('ssh 127.0.0.1\nSSH-')
  })

  it('takes PROXY headers from listed networks, and from those nothing without one', async () => {
    const addresses = { source: '203.0.113.9', sourcePort: 4000, destination: '198.51.100.1', destinationPort: 443 }
    const { dial } = await open({ proxies: LOOPBACK })
    for (const version of [1, 2] as const) {
      const header = encodeProxyHeader(version, addresses)
      const [whole, cut, local, without] = await Promise.all([dial(), dial(), dial(), dial()])
      whole.socket.write(Buffer.concat([header, Buffer.from('SSH-')]))
      await whole.hears('ssh 203.0.113.9\nSSH-')
      cut.socket.write(header.subarray(0, 7))
      await new Promise(setImmediate)
      cut.socket.write(header.subarray(7))
      await new Promise(setImmediate)
      cut.socket.write('SSH-')
      await cut.hears('ssh 203.0.113.9\nSSH-')
      local.socket.write(Buffer.concat([encodeProxyHeader(version, undefined), Buffer.from('SSH-')]))
      await local.hears('ssh 127.0.0.1\nSSH-')
      without.socket.write('SSH-2.0-x\r\n')
      await without.isEnded()
    }
    const { dial: dialOpen } = await open({ proxies: networkList(['10.0.0.0/8']) })
    const liar = await dialOpen()
    liar.socket.write(Buffer.concat([encodeProxyHeader(2, addresses), Buffer.from('SSH-')]))
    await liar.isEnded()
    expect(liar.text).toBe('')
  })

  it('counts a client behind a proxy by its own address', async () => {
    const { dial } = await open({ proxies: LOOPBACK, maxPerAddress: 1 })
    const from = (source: string) =>
      Buffer.concat([encodeProxyHeader(1, { source, sourcePort: 1, destination: '10.0.0.1', destinationPort: 2 }), Buffer.from('SSH-')])
    const [one, two, again] = await Promise.all([dial(), dial(), dial()])
    one.socket.write(from('10.0.0.2'))
    await one.hears('ssh 10.0.0.2\nSSH-')
    two.socket.write(from('10.0.0.3'))
    await two.hears('ssh 10.0.0.3\nSSH-')
    again.socket.write(from('10.0.0.2'))
    await again.isEnded()
  })
})

describe('a splice', () => {
  async function startUpstream(onConnection: (socket: Socket) => void): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      closers.push(() => socket.destroy())
      onConnection(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    return server
  }
  const through = (server: Server, proxy?: 1 | 2) => {
    const { port } = server.address() as { port: number }
    const service = upstream({ name: 'up', target: { kind: 'tcp', host: '127.0.0.1', port }, proxy, log })
    return open({ rules: [{ ...SSH, service }] })
  }

  it('passes a half-close on, both ways', async () => {
    const { dial } = await through(
      await startUpstream((socket) => {
        let heard = ''
        socket.on('data', (chunk) => {
          heard += chunk
        })
        socket.on('end', () => socket.end(`heard ${heard.length}`))
      }),
    )
    const client = await dial()
    client.socket.end('SSH-x')
    await client.hears('heard 5')
    await client.isEnded()
    const { dial: dialFirst } = await through(
      await startUpstream((socket) => {
        socket.end('bye')
        socket.on('data', (chunk) => lines.push({ level: 0, msg: String(chunk) }))
      }),
    )
    const late = await dialFirst()
    late.socket.write('SSH-')
    await late.hears('bye')
    await late.isEnded()
    late.socket.write('still here')
    await expect.poll(() => lines.map(({ msg }) => msg).join('')).toBe('SSH-still here')
  })

  // A peer that is gone without a word would be held for ever.
  it.skipIf(process.platform !== 'linux')('has TCP ask, after a silence, whether both ends are still there', async () => {
    const server = await startUpstream((socket) => socket.pipe(socket))
    const { dial } = await through(server)
    const client = await dial()
    client.socket.write('SSH-')
    await client.hears('SSH-')
    const upstreamPort = (server.address() as { port: number }).port
    const doorPort = client.socket.remotePort
    const timers = (filter: string) => execFileSync('ss', ['-Htno', 'state', 'established', filter], { encoding: 'utf8' })
    for (const filter of [`sport = :${doorPort}`, `dport = :${upstreamPort}`])
      expect(timers(filter)).toMatch(/timer:\(keepalive,(59|60|1min)/)
  })

  it('ends one side abruptly when the other does', async () => {
    const sockets: Socket[] = []
    const { dial } = await through(await startUpstream((socket) => void sockets.push(socket.on('data', () => {}))))
    const [one, two] = await Promise.all([dial(), dial()])
    one.socket.write('SSH-')
    await expect.poll(() => sockets.length).toBe(1)
    two.socket.write('SSH-')
    await expect.poll(() => sockets.length).toBe(2)
    const gone = new Promise((resolve) => sockets[1]?.once('close', resolve))
    two.socket.resetAndDestroy()
    await gone
    sockets[0]?.resetAndDestroy()
    await expect.poll(() => one.closed || one.ended).toBe(true)
  })

  it('closes the client, and says so, when its upstream is not there', async () => {
    const server = await startUpstream(() => {})
    const { dial } = await through(server)
    await new Promise((resolve) => server.close(resolve))
    const client = await dial()
    client.socket.write('SSH-')
    await client.isEnded()
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'upstream not reached', why: 'ECONNREFUSED' }))
  })

  it.each([1, 2] as const)('tells the upstream who the client is (PROXY %i)', async (version) => {
    let heard = Buffer.alloc(0)
    const { dial } = await through(
      await startUpstream((socket) =>
        socket.on('data', (chunk) => {
          heard = Buffer.concat([heard, chunk])
        }),
      ),
      version,
    )
    const client = await dial()
    const { localPort, remotePort } = client.socket
    client.socket.write('SSH-')
    const addresses = {
      source: '127.0.0.1',
      sourcePort: localPort as number,
      destination: '127.0.0.1',
      destinationPort: remotePort as number,
    }
    await expect.poll(() => heard).toEqual(Buffer.concat([encodeProxyHeader(version, addresses), Buffer.from('SSH-')]))
  })
})

describe('limits', () => {
  it('leave descriptors for everything else', () => {
    expect([connectionLimit(1024), connectionLimit(64), connectionLimit(1_048_576)]).toEqual([448, 8, 20_000])
  })

  it.each(['10.0.0.0/33', '::/129', 'host', '10.0.0.0/8/8', '1.2.3.4/', ''])('refuse %j as a network', (network) => {
    expect(() => networkList([network])).toThrow(JSON.stringify(network))
  })
})
