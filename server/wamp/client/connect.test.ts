import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import * as M from '../../../shared/wamp/messages.ts'
import type { SerializerName } from '../../../shared/wamp/serializer.ts'
import { systemClock } from '../../base/clock.ts'
import { listen, ScriptedRouter } from '../../testing/wamp-peer.ts'
import { ticketAuth } from '../auth/answers.ts'
import { type Handshake, handshake, parseHandshake, refusal } from '../transport/rawsocket.ts'
import { RawSocketLink } from '../transport/rawsocket-link.ts'
import { connect } from './connect.ts'
import { joinSession } from './join.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('a connection by WebSocket', () => {
  it.each<SerializerName>(['cbor', 'msgpack', 'json'])('carries a session in %s', async (name) => {
    const server = await listen()
    closing.push(server.close)
    const options = { url: server.url, serializers: [name], headers: { 'X-Garden': 'yes' }, origin: 'https://a.example' }
    const joining = connect(options).then((link) => joinSession(link, { realm: 'r' }))
    const router = await server.next()
    await router.welcome()
    const session = await joining
    expect(server.requests[0]?.headers).toMatchObject({
      ...{ 'sec-websocket-protocol': `wamp.2.${name}`, 'x-garden': 'yes', origin: 'https://a.example' },
    })
    const calling = session.call<Uint8Array>('com.echo', [new Uint8Array([1, 2]), 'ü', 2 ** 40])
    const { args } = await router.hear(M.CALL)
    router.say({ type: M.RESULT, request: 1, details: {}, args: [(args as [Uint8Array])[0]] })
    expect(Buffer.from(await calling)).toEqual(Buffer.of(1, 2))
    // Nothing that a serializer carries: the call fails, the session goes on.
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    await expect(session.call('com.echo', [cyclic])).rejects.toThrow()
    const left = session.leave()
    await router.hear(M.GOODBYE)
    router.say({ type: M.GOODBYE, details: {}, reason: 'wamp.close.goodbye_and_out' })
    await left
    await session.disconnected
  })

  it('ends the session for what is no message', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    closing.push(() => server.close())
    await once(server, 'listening')
    server.on('connection', (ws) => ws.once('message', () => ws.send('[2, 1, {}]', () => ws.send('[36, "x"]'))))
    const link = await connect({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, serializers: ['json'] })
    const session = await joinSession(link, { realm: 'r' })
    expect(await session.ended).toMatchObject({ reason: 'wamp.error.protocol_violation', by: 'violation' })
    await session.disconnected
  })

  it.each(['http://localhost/ws', 'ws://ada:secret@localhost/ws', 'rs://localhost', 'nonsense'])('is not made to %s', async (url) => {
    const error = await connect({ url }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).not.toContain('secret')
  })
})

describe('a connection by RawSocket', () => {
  async function rawServer(onHandshake: (socket: Socket, bytes: Buffer) => void): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).once('data', (bytes) => onHandshake(socket, bytes))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `rs://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('carries a session by the first serializer that the router speaks', async () => {
    let router: ScriptedRouter | undefined
    const url = await rawServer((socket, bytes) => {
      const theirs = parseHandshake(bytes)
      if ('refusal' in theirs || theirs.serializer !== 'msgpack') return socket.end(refusal('serializer'))
      const link = new RawSocketLink({ socket, theirs, maxBytes: 2 ** 20, clock: systemClock })
      router = new ScriptedRouter(link)
      // The handshake and what follows it may come in one piece.
      void router.hear(M.HELLO).then(() => router?.say({ type: M.WELCOME, session: 5, details: {} }))
      socket.write(handshake('msgpack', 2 ** 20))
    })
    const session = await joinSession(await connect({ url }), { realm: 'r' })
    expect(session.id).toBe(5)
    const calling = session.call('com.big', ['x'.repeat(100_000)])
    expect((await router?.hear(M.CALL))?.args?.[0]).toHaveLength(100_000)
    router?.say({ type: M.RESULT, request: 1, details: {}, args: ['y'] })
    expect(await calling).toBe('y')
    await expect(session.call('com.huge', ['x'.repeat(2 ** 20)])).rejects.toMatchObject({
      name: 'ApplicationError',
      uri: 'wamp.error.payload_size_exceeded',
    })
    router?.close()
    expect(await session.ended).toMatchObject({ by: 'connection' })
  })

  it.each<[string, M.Message, string]>([
    ['WELCOME', { type: M.WELCOME, session: 1, details: { authmethod: 'y'.repeat(3000) } }, 'wamp.error.authentication_failed'],
    ['CHALLENGE', { type: M.CHALLENGE, method: 'y'.repeat(3000), extra: {} }, 'wamp.error.no_matching_auth_method'],
  ])('ends with a router that takes little and says much in %s', async (_, message, uri) => {
    let router: ScriptedRouter | undefined
    const url = await rawServer((socket, bytes) => {
      const theirs = parseHandshake(bytes) as Handshake
      router = new ScriptedRouter(new RawSocketLink({ socket, theirs, maxBytes: 1024, clock: systemClock }))
      socket.write(handshake(theirs.serializer, 1024))
    })
    const joining = joinSession(await connect({ url, serializers: ['json'] }), { realm: 'r', auth: [ticketAuth('ada', 'x')] })
    joining.catch(() => {})
    await vi.waitFor(() => expect(router).toBeDefined())
    await router?.hear(M.HELLO)
    router?.say(message)
    await expect(joining).rejects.toMatchObject({ name: 'JoinError', uri })
    const abort = await router?.hear(M.ABORT)
    expect(abort?.details.message).toHaveLength(100)
    await vi.waitFor(() => expect(router?.isClosed).toBe(true))
  })

  it('is dropped when the router does not read', async () => {
    const url = await rawServer((socket, bytes) => {
      const theirs = parseHandshake(bytes) as Handshake
      const router = new ScriptedRouter(new RawSocketLink({ socket, theirs, maxBytes: 2 ** 24, clock: systemClock }))
      void router.welcome().then(() => socket.pause())
      socket.write(handshake(theirs.serializer, 2 ** 24))
    })
    const session = await joinSession(await connect({ url }), { realm: 'r' })
    const sent = 'x'.repeat(2 ** 20)
    for (let i = 0; i < 200 && !session.isOver; i++) {
      await session.publish('com.much', [sent])
      await new Promise(setImmediate)
    }
    expect(await session.ended).toMatchObject({ by: 'connection' })
  })

  it.each<[string, (socket: Socket) => unknown, RegExp]>([
    ['refuses', (socket) => socket.end(refusal('connections')), /refused the handshake: connections/],
    ['speaks none of the serializers', (socket) => socket.end(refusal('serializer')), /does not speak json/],
    ['speaks something else', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak RawSocket/],
    ['says nothing', (socket) => socket.end(), /closed the connection instead/],
  ])('tells when the router %s', async (_, answer, message) => {
    const url = await rawServer(answer)
    await expect(connect({ url, serializers: ['cbor', 'json'] })).rejects.toThrow(message)
  })

  it('is given up by its signal, or when nobody is there', async () => {
    const stop = new AbortController()
    const url = await rawServer(() => stop.abort(new Error('enough')))
    await expect(connect({ url, signal: stop.signal })).rejects.toThrow('enough')
    await expect(connect({ url: 'rs://127.0.0.1:1' })).rejects.toMatchObject({ name: 'OpenError', code: 'unreachable' })
  })
})
