import { connect, createServer } from 'node:net'
import fastify from 'fastify'

// As it is shipped: compiled by tsc. (tsx would add a little to each function.)
const built = <T>(path: string): Promise<T> => import(new URL(`../dist/server/${path}.js`, import.meta.url).href)
const { systemClock } = await built<typeof import('../server/base/clock.ts')>('base/clock')
const { createLog } = await built<typeof import('../server/base/log.ts')>('base/log')
const { Door } = await built<typeof import('../server/door/door.ts')>('door/door')
const { PROTOCOLS } = await built<typeof import('../server/door/protocols.ts')>('door/protocols')
const { splice } = await built<typeof import('../server/base/splice.ts')>('base/splice')
const { upstream } = await built<typeof import('../server/door/upstream.ts')>('door/upstream')
const { InjectedServers } = await built<typeof import('../server/http/server.ts')>('http/server')

/** Called with the way and the upstream's port; tells its port to whoever forked it. */
const [way, to] = process.argv.slice(2)
const log = createLog({ level: 'warn' })
const target = { kind: 'tcp', host: '127.0.0.1', port: Number(to) } as const

const tell = (port: number) => process.send?.({ port })
process.once('disconnect', () => process.exit())

/** An app as small as they come, so that the connection is what costs. */
async function app() {
  const made = fastify({ logger: false })
  made.get('/', async () => ({ hello: 'world' }))
  await made.ready()
  return made
}

switch (way) {
  case 'direct': {
    const made = await app()
    await made.listen({ port: 0, host: '127.0.0.1' })
    tell((made.server.address() as { port: number }).port)
    break
  }
  case 'door': {
    // What a server with a mounted service asks of each connection.
    const { acceptHttp1, acceptHttp2 } = new InjectedServers(await app())
    const rules = [
      { name: 'ssh', test: PROTOCOLS.ssh, service: upstream({ name: 'ssh', target, log }) },
      { name: 'tls', test: PROTOCOLS.tls, service: acceptHttp1 },
      { name: 'http2', test: PROTOCOLS.http2, service: acceptHttp2 },
      { name: 'http1', test: PROTOCOLS.http1, service: acceptHttp1, eager: true },
    ]
    const door = new Door({ rules, clock: systemClock, log })
    tell((await door.listen('127.0.0.1', 0)).port)
    break
  }
  case 'pipe': {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ port: target.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      splice(near, far)
    })
    server.listen(0, '127.0.0.1', () => tell((server.address() as { port: number }).port))
    break
  }
  default:
    throw new Error(`no way ${way}`)
}
