import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canceled, isOneOfTwo, NODE_FEATURES } from '../e2e/peers/wamp/expected.ts'
import { hasClient, javascript, type Peer, Relay } from '../e2e/peers/wamp/peers.ts'
import { configuration, PUBLIC_KEY, SECRET, SEED, TICKET } from '../e2e/peers/wamp/realm.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

// wampy, as far as it goes.

const available = hasClient('wampy')
if (!available) console.log('skipped: wampy is installed with a Node that runs it by `npm test` (e2e/peers/wamp)')

const SERIALIZERS = ['json', 'msgpack', 'cbor'] as const
/** Milliseconds for a test: of scripts that start, join, and do what takes a second. */
const RUN_MS = 40_000

let server: TestServer
let url: string
const started: Peer[] = []
const script = (name: string, ...args: string[]) => {
  const peer = javascript(name, ['wampy', ...args])
  started.push(peer)
  return peer
}

describe.skipIf(!available)('wampy', { timeout: RUN_MS }, () => {
  beforeAll(async () => {
    server = await startTestServer({ file: await configuration() })
    url = `ws://127.0.0.1:${server.app.address.port}/ws`
  })
  afterAll(async () => {
    await Promise.all(started.map((peer) => peer.kill()))
    await server.close()
  })

  it.each(SERIALIZERS)('sessions use everything that is routed, in %s', async (serializer) => {
    const { random, ...facts } = await script('features', url, 'tests', serializer).ended()
    expect(facts).toEqual({
      ...NODE_FEATURES,
      ...canceled('kill', 'killnowait', 'skip'),
      ...(serializer !== 'json' && { bytes: [0, 255] }),
    })
    expect(isOneOfTwo(random)).toBe(true)
  })

  it('sessions join by each way to sign in that it has, in each format', async () => {
    const entry = (name: string, authentication: object, more: object = {}) => ({
      ...{ name, url, realm: 'tests', serializer: 'json', authentication },
      ...more,
    })
    const cryptosign = { method: 'cryptosign', authid: 'crypto', privateKey: SEED, publicKey: PUBLIC_KEY }
    const entries = [
      ...SERIALIZERS.flatMap((serializer) => [
        entry(`anonymous ${serializer}`, { method: 'anonymous' }, { serializer }),
        entry(`ticket ${serializer}`, { method: 'ticket', authid: 'joe', ticket: TICKET }, { serializer }),
        entry(`wampcra ${serializer}`, { method: 'wampcra', authid: 'cra', secret: SECRET }, { serializer }),
        entry(`cryptosign ${serializer}`, cryptosign, { serializer }),
      ]),
      entry('salted wampcra', { method: 'wampcra', authid: 'salted', secret: SECRET }),
      entry('realm1', { method: 'anonymous' }, { realm: 'realm1' }),
      entry('wrong ticket', { method: 'ticket', authid: 'joe', ticket: 'wrong' }),
      entry('wrong secret', { method: 'wampcra', authid: 'salted', secret: 'wrong' }),
      entry('wrong key', { ...cryptosign, privateKey: '00'.repeat(32) }),
      entry('no realm', { method: 'anonymous' }, { realm: 'missing' }),
      entry('owner by ticket', { method: 'ticket', authid: 'owner', ticket: PASSWORD }, { realm: 'porthole' }),
      entry('owner by wampcra', { method: 'wampcra', authid: 'owner', secret: PASSWORD }, { realm: 'porthole' }),
      entry('owner by cookie', { method: 'cookie', cookie: server.cookie }, { realm: 'porthole' }),
    ]
    const each = (name: string, value: unknown) => Object.fromEntries(SERIALIZERS.map((serializer) => [`${name} ${serializer}`, value]))
    expect(await script('auth', JSON.stringify(entries)).ended()).toEqual({
      ...each('anonymous', [expect.any(String), 'anonymous', 'anonymous']),
      ...each('ticket', ['joe', 'frontend', 'ticket']),
      ...each('wampcra', ['cra', 'frontend', 'wampcra']),
      ...each('cryptosign', ['crypto', 'frontend', 'cryptosign']),
      'salted wampcra': ['salted', 'frontend', 'wampcra'],
      realm1: [expect.any(String), 'anonymous', 'anonymous'],
      'wrong ticket': 'wamp.error.authentication_denied',
      'wrong secret': 'wamp.error.authentication_denied',
      'wrong key': 'wamp.error.authentication_denied',
      'no realm': 'wamp.error.no_such_realm',
      'owner by ticket': ['owner', 'owner', 'ticket'],
      'owner by wampcra': ['owner', 'owner', 'wampcra'],
      'owner by cookie': ['owner', 'owner', 'cookie'],
    })
  })

  it('who is signed in to the dashboard makes a camera and hears of it', async () => {
    const authentication = { method: 'cookie', cookie: server.cookie }
    expect(await script('cameras', url, JSON.stringify(authentication)).ended()).toEqual({
      joined: ['owner', 'owner', 'cookie'],
      created: 'Azalea',
      heard: true,
      listed: true,
    })
  })

  it('a client whose connection is lost joins again', async () => {
    const relay = new Relay(server.app.address.port)
    const peer = script('reconnect', `ws://127.0.0.1:${await relay.listen()}/ws`, 'realm1')
    await peer.until(() => 'joined 1' in peer.facts)
    relay.cut()
    expect(await peer.ended()).toEqual({ 'joined 1': 1, 'joined 2': 2, 'another session': true, end: true })
    await relay.close()
  })
})
