import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { dial } from './dial.ts'
import { Pour, reread } from './pour.ts'
import { splice } from './splice.ts'

const MIB = 1024 * 1024
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    closers.push(() => socket.destroy())
    onConnection(socket.on('error', () => {}))
  }).listen(0, '127.0.0.1')
  closers.push(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const call = (port: number, down?: Pour) => {
  const socket = dial({ kind: 'tcp', host: '127.0.0.1', port }, down).on('error', () => {})
  closers.push(() => socket.destroy())
  return socket
}

/** A server that splices whom it accepts to the port. @returns its own port, and both sides of what it spliced */
async function splicer(way: 'pour' | 'pipe', to: number) {
  const joined: { near: Socket; far: Socket }[] = []
  const port = await listen((accepted) => {
    accepted.pause()
    const down = new Pour()
    const far = call(to, way === 'pour' ? down : undefined)
    far.once('connect', () => {
      const again = way === 'pour' ? reread(accepted) : undefined
      const near = way === 'pour' ? again?.socket : accepted
      // Not so when Node's inside has changed: `reread` must be looked at again.
      if (!near) throw new Error('an accepted socket cannot be read by a Pour')
      joined.push({ near, far })
      splice(near, far, way === 'pour' ? { up: again?.pour, down } : {})
    })
  })
  return { port, joined }
}

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** All that comes, taken in a little at a time. */
function slowly(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => {
    if (chunks.push(chunk) % 8 !== 0) return
    socket.pause()
    setImmediate(() => socket.resume())
  })
  return once(socket, 'end').then(() => Buffer.concat(chunks))
}

/** A server that tells of the first connection. */
async function reached() {
  let tell = (_: Socket) => {}
  const first = new Promise<Socket>((resolve) => (tell = resolve))
  return { port: await listen((socket) => tell(socket.pause())), first }
}

describe.each(['pour', 'pipe'] as const)('a splice by %s', (way) => {
  it('carries bytes and their end, both ways at once', async () => {
    const [up, down] = [randomBytes(5 * MIB), randomBytes(3 * MIB)]
    let heard: Promise<Buffer> | undefined
    const { port } = await splicer(
      way,
      await listen((socket) => {
        heard = slowly(socket)
        socket.end(down)
      }),
    )
    const client = call(port)
    client.end(up)
    expect(sum(await slowly(client))).toBe(sum(down))
    expect(sum((await heard) as Buffer)).toBe(sum(up))
  })

  it('goes on after one side has ended', async () => {
    const { port } = await splicer(way, await listen((socket) => void slowly(socket).then((bytes) => socket.end(`heard ${bytes.length}`))))
    const client = call(port)
    client.write('one ')
    await once(client, 'connect')
    client.end('two')
    expect(String(await slowly(client))).toBe('heard 7')
  })

  it.each(['client', 'upstream'])('breaks off when its %s does', async (who) => {
    const upstream = await reached()
    const { port, joined } = await splicer(way, upstream.port)
    const client = call(port)
    client.write('x')
    const ends = { client, upstream: await upstream.first }
    await expect.poll(() => joined.length).toBe(1)
    const [gone, left] = who === 'client' ? [ends.client, ends.upstream] : [ends.upstream, ends.client]
    left.resume()
    const closed = new Promise((resolve) => left.once('close', resolve))
    gone.resetAndDestroy()
    await closed
    expect(left.errored).toMatchObject({ code: 'ECONNRESET' })
    await expect.poll(() => joined.every(({ near, far }) => near.destroyed && far.destroyed)).toBe(true)
  })

  it('to a stalled upstream holds at most 1 MiB', async () => {
    const { port, joined } = await splicer(way, await listen((socket) => socket.pause()))
    const client = call(port)
    const chunk = Buffer.alloc(64 * 1024, 'x')
    let written = 0
    // As much as the kernel and the splice take, and then a while nothing.
    for (;;) {
      written += chunk.length
      if (client.write(chunk)) continue
      const quiet = new Promise((resolve) => setTimeout(resolve, 200, 'quiet'))
      if ((await Promise.race([once(client, 'drain'), quiet])) === 'quiet') break
    }
    const [{ near, far }] = joined as [{ near: Socket; far: Socket }]
    expect(written).toBeGreaterThan(MIB)
    expect(far.writableLength).toBeGreaterThan(0)
    expect(near.readableLength + near.writableLength + far.readableLength + far.writableLength).toBeLessThanOrEqual(MIB)
  })
})

it('closes the accepted socket with the one that reads for it, and the other way', async () => {
  for (const first of ['again', 'accepted'] as const) {
    const server = await reached()
    call(server.port).write('x')
    const accepted = await server.first
    const sockets = { accepted, again: reread(accepted)?.socket as Socket }
    const closed = Promise.all([once(accepted, 'close'), once(sockets.again, 'close')])
    sockets[first].destroy()
    await closed
  }
})
