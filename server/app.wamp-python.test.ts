import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FEATURES, isOneOfTwo } from '../e2e/peers/wamp/expected.ts'
import { hasAutobahn, type Peer, python, Relay } from '../e2e/peers/wamp/peers.ts'
import { configuration, SECRET, SEED, TICKET } from '../e2e/peers/wamp/realm.ts'
import { PASSWORD, startTestServer, type TestServer } from './testing/server.ts'

// Autobahn of Debian, as the examples of its documentation use it, and as far as it goes.

if (!hasAutobahn) console.log("skipped: Autobahn needs Debian's packages python3-autobahn, python3-cbor2 and python3-argon2")

const FRAMEWORKS = ['twisted', 'asyncio'] as const
/** Milliseconds for a test: of scripts that start, join, and do what takes a second. */
const RUN_MS = 40_000

let server: TestServer
let url: string
let port: number
const started: Peer[] = []
const script = (...args: Parameters<typeof python>) => {
  const peer = python(...args)
  started.push(peer)
  return peer
}

describe.skipIf(!hasAutobahn)('Autobahn', { timeout: RUN_MS }, () => {
  beforeAll(async () => {
    server = await startTestServer({ file: await configuration() })
    port = server.app.address.port
    url = `ws://127.0.0.1:${port}/ws`
  })
  afterAll(async () => {
    await Promise.all(started.map((peer) => peer.kill()))
    await server.close()
  })

  it.each(FRAMEWORKS)('%s: the echo client of its documentation is answered', async (framework) => {
    const echo = script(`echo_${framework}`, [url])
    await echo.ended()
    expect(echo.output.split('\n')).toEqual([
      'Subprotocol: None',
      'Text message received: Hello, world!',
      'Binary message received: 4 bytes',
      'Closed: True 1000',
      '',
    ])
  })

  it.each(FRAMEWORKS)('%s: the examples of its documentation run in realm1', async (framework) => {
    const env = { AUTOBAHN_DEMO_ROUTER: `ws://localhost:${port}/ws` }
    const backend = script(`backend_${framework}`, [], env)
    await backend.until(() => backend.output.includes('ready'))
    expect(await script(`frontend_${framework}`, [], env).ended()).toEqual({
      realm: 'realm1',
      add2: 5,
      stars: 'Homer starred 5x',
      arglen: [3, 1],
      square2: 25,
      errors: [
        ['com.myapp.error.reserved', ['name reserved', 'foo'], {}],
        ['com.myapp.error.invalid_length', [], { min: 3, max: 10, got: 1 }],
        ['AppError1', ['Freds are not allowed']],
        ['wamp.error.runtime_error', ['division by zero'], {}],
      ],
      slow: [16, 9],
      progress: [[0, 1, 2], 3],
      square: 4,
      events: [1, 1, 1],
      heartbeats: [['int', 'backend', 'int']],
      excluded: [],
    })
    await backend.kill()
  })

  // That `run` of asyncio's in 22.7 needs a Python before 3.11.
  it('components of one program call each other', async () => {
    expect(await script('components', ['twisted', url, 'realm1']).ended()).toEqual({
      greeted: 'Hello, world!',
      heard: ['hi', 'com.components.word'],
    })
  })

  it.each(FRAMEWORKS)('%s: sessions that answer a challenge themselves sign in', async (framework) => {
    const signIn = (...args: string[]) => script('challenge', [framework, url, 'tests', ...args]).ended()
    const joined = (authid: string, method: string) => ({
      challenge: method,
      joined: [authid, 'frontend', method],
      left: 'wamp.close.goodbye_and_out',
    })
    const facts = [
      signIn('joe', 'ticket', TICKET),
      signIn('cra', 'wampcra', SECRET),
      signIn('salted', 'wampcra', SECRET),
      signIn('crypto', 'cryptosign', SEED),
      signIn('joe', 'ticket', 'wrong'),
    ]
    expect(await Promise.all(facts)).toEqual([
      joined('joe', 'ticket'),
      joined('cra', 'wampcra'),
      joined('salted', 'wampcra'),
      joined('crypto', 'cryptosign'),
      { challenge: 'ticket', left: 'wamp.error.authentication_denied' },
    ])
  })

  it.each(FRAMEWORKS.flatMap((framework) => ['json', 'msgpack', 'cbor'].map((serializer) => [framework, serializer] as const)))(
    '%s: sessions use everything that is routed, in %s',
    async (framework, serializer) => {
      const { random, ...facts } = await script('features', [framework, url, 'tests', serializer]).ended()
      expect(facts).toEqual({
        ...FEATURES,
        'runtime error': 'wamp.error.runtime_error',
        'cancel kill': 'wamp.error.canceled',
        'cancel killnowait': 'wamp.error.canceled',
        'cancel skip': 'wamp.error.canceled',
        interrupted: ['kill', 'killnowait'],
        heard: ['first', 'mine too', 'eligible', 'by role', 'last'],
        'heard by the publisher': ['mine too', 'last'],
        'heard by others': ['first', 'mine too', 'excluded', 'by role', 'last'],
      })
      expect(isOneOfTwo(random)).toBe(true)
    },
  )

  it.each(FRAMEWORKS)('%s: sessions join by each way to sign in, in each format, over RawSocket too', async (framework) => {
    const entry = (name: string, authentication: object, more: object = {}) => ({
      ...{ name, realm: 'tests', serializer: 'cbor', authentication },
      ...more,
    })
    const scram = (authid: string) => ({ scram: { authid, password: SECRET } })
    const rawsocket = `rs://127.0.0.1:${port}`
    const entries = [
      ...['json', 'msgpack', 'cbor'].flatMap((serializer) => [
        entry(`anonymous ${serializer}`, { anonymous: {} }, { serializer }),
        entry(`ticket ${serializer}`, { ticket: { authid: 'joe', ticket: TICKET } }, { serializer }),
        entry(`argon2 ${serializer}`, scram('argon2'), { serializer }),
        entry(`rawsocket ${serializer}`, { wampcra: { authid: 'cra', secret: SECRET } }, { serializer, rawsocket }),
      ]),
      entry('wampcra', { wampcra: { authid: 'cra', secret: SECRET } }),
      entry('salted wampcra', { wampcra: { authid: 'salted', secret: SECRET } }),
      entry('pbkdf2', scram('pbkdf2')),
      entry('cryptosign', { cryptosign: { authid: 'crypto', privkey: SEED } }),
      entry('one of two', { cryptosign: { authid: 'joe', privkey: SEED }, ticket: { authid: 'joe', ticket: TICKET } }),
      entry('realm1', { anonymous: {} }, { realm: 'realm1' }),
      entry('wrong ticket', { ticket: { authid: 'joe', ticket: 'wrong' } }),
      entry('wrong secret', { wampcra: { authid: 'cra', secret: 'wrong' } }),
      entry('wrong password', { scram: { authid: 'argon2', password: 'wrong' } }),
      entry('wrong key', { cryptosign: { authid: 'crypto', privkey: '00'.repeat(32) } }),
      entry('stranger', { ticket: { authid: 'stranger', ticket: TICKET } }),
      entry('no realm', { anonymous: {} }, { realm: 'missing' }),
      entry('owner by ticket', { ticket: { authid: 'owner', ticket: PASSWORD } }, { realm: 'porthole' }),
      entry('owner by wampcra', { wampcra: { authid: 'owner', secret: PASSWORD } }, { realm: 'porthole' }),
      entry('owner by scram', { scram: { authid: 'owner', password: PASSWORD } }, { realm: 'porthole' }),
      entry('nobody in porthole', { anonymous: {} }, { realm: 'porthole' }),
    ]
    const facts = await script('auth', [framework, url, JSON.stringify(entries)]).ended()
    for (const name of Object.keys(facts).filter((name) => name.startsWith('anonymous'))) {
      expect(facts[name]).toEqual([expect.any(String), 'anonymous', 'anonymous', 'tests'])
      delete facts[name]
    }
    const each = (name: string, value: unknown) =>
      Object.fromEntries(['json', 'msgpack', 'cbor'].map((serializer) => [`${name} ${serializer}`, value]))
    expect(facts).toEqual({
      ...each('ticket', ['joe', 'frontend', 'ticket', 'tests']),
      ...each('argon2', ['argon2', 'frontend', 'scram', 'tests']),
      ...each('rawsocket', ['cra', 'frontend', 'wampcra', 'tests']),
      wampcra: ['cra', 'frontend', 'wampcra', 'tests'],
      'salted wampcra': ['salted', 'frontend', 'wampcra', 'tests'],
      pbkdf2: ['pbkdf2', 'frontend', 'scram', 'tests'],
      cryptosign: ['crypto', 'frontend', 'cryptosign', 'tests'],
      'one of two': ['joe', 'frontend', 'ticket', 'tests'],
      realm1: [expect.any(String), 'anonymous', 'anonymous', 'realm1'],
      'wrong ticket': 'wamp.error.authentication_denied',
      'wrong secret': 'wamp.error.authentication_denied',
      'wrong password': 'wamp.error.authentication_denied',
      'wrong key': 'wamp.error.authentication_denied',
      // As if they were somebody who signs in in another way, or as somebody who is wrong.
      stranger: expect.stringMatching(/^wamp.error.(authentication_denied|no_matching_auth_method)$/),
      'no realm': 'wamp.error.no_such_realm',
      'owner by ticket': ['owner', 'owner', 'ticket', 'porthole'],
      'owner by wampcra': ['owner', 'owner', 'wampcra', 'porthole'],
      'owner by scram': ['owner', 'owner', 'scram', 'porthole'],
      'nobody in porthole': expect.stringMatching(/^wamp\.error\./),
    })
  })

  it.each(FRAMEWORKS)('%s: who is signed in to the dashboard makes a camera and hears of it', async (framework) => {
    expect(await script('cameras', [framework, url, server.cookie]).ended()).toEqual({
      joined: ['owner', 'owner', 'cookie'],
      created: 'Azalea',
      heard: true,
      listed: true,
      left: 'wamp.close.goodbye_and_out',
    })
  })

  it.each(FRAMEWORKS)('%s: a component whose connection is lost joins again', async (framework) => {
    const relay = new Relay(port)
    const peer = script('reconnect', [framework, `ws://127.0.0.1:${await relay.listen()}/ws`, 'realm1'])
    await peer.until(() => 'joined 1' in peer.facts)
    relay.cut()
    expect(await peer.ended()).toEqual({ 'joined 1': 1, 'joined 2': 2, 'another session': true, end: true })
    await relay.close()
  })

  it('a component joins again after the server was restarted', async () => {
    let other = await startTestServer()
    const { port } = other.app.address
    try {
      const peer = script('reconnect', ['twisted', `ws://127.0.0.1:${port}/ws`, 'realm1'])
      await peer.until(() => 'joined 1' in peer.facts)
      await other.close()
      other = await startTestServer({ args: ['--port', String(port)] })
      expect(await peer.ended()).toEqual({ 'joined 1': 1, 'joined 2': 2, 'another session': true, end: true })
    } finally {
      await other.close()
    }
  })
})
