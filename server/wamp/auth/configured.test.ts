import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Dict } from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import { Attempts } from '../../auth/attempts.ts'
import { FakeClock } from '../../testing/clock.ts'
import { asked, hello, peerAt, signIn } from '../../testing/wamp-auth.ts'
import { anonymousAuth, type ClientAuth, craAuth, cryptosignAuth, scramAuth, ticketAuth } from './answers.ts'
import { chooseMethod } from './choose.ts'
import { configuredMethods } from './configured.ts'
import { craCredentials, cryptosignKeys, scramCredentials } from './credentials.ts'
import type { PrincipalOptions } from './principals.ts'
import { type AuthMethod, Denied } from './types.ts'

const PEER = peerAt('192.0.2.7')
const PASSWORD = 'Grüße, pencil'
/** The least that is taken, since tests are many. */
const CHEAP = {
  pbkdf2: { iterations: 4096 },
  argon2id13: { iterations: 1, memory: 16_384 },
  'argon2id-13': { iterations: 2, memory: 8192 },
}
const device = cryptosignKeys()
const key = randomBytes(32)
const decoy = (context: string) => createHmac('sha256', key).update(context).digest()

let principals: PrincipalOptions[]
beforeAll(async () => {
  principals = [
    { authid: 'by ticket', role: 'backend', ticket: PASSWORD },
    { authid: 'by secret', role: 'backend', secret: PASSWORD },
    { authid: 'by salted secret', role: 'frontend', ...(await craCredentials(PASSWORD, undefined, 1000)) },
    { authid: 'by key', role: 'device', publicKeys: [device.publicKey.toUpperCase()] },
  ]
  for (const kdf of ['pbkdf2', 'argon2id13', 'argon2id-13'] as const)
    principals.push({ authid: `by ${kdf}, a=b`, role: 'frontend', scram: await scramCredentials(PASSWORD, { kdf, ...CHEAP[kdf] }) })
})

function realm(some = principals, clock = new FakeClock()) {
  const attempts = new Attempts(clock)
  return configuredMethods({ realm: 'com.example', principals: some, where: 'principals', random: randomBytes, decoy, attempts, clock })
}

const clients: Record<string, { authid: string; authrole: string; make: (authid: string, password: string) => ClientAuth }> = {
  ticket: { authid: 'by ticket', authrole: 'backend', make: ticketAuth },
  wampcra: { authid: 'by secret', authrole: 'backend', make: craAuth },
  'salted wampcra': { authid: 'by salted secret', authrole: 'frontend', make: craAuth },
  ...Object.fromEntries(
    (['pbkdf2', 'argon2id13', 'argon2id-13'] as const).flatMap((kdf) =>
      (['scram', 'wamp-scram'] as const).map((method) => [
        `${method} with ${kdf}`,
        {
          authid: `by ${kdf}, a=b`,
          authrole: 'frontend',
          make: (authid: string, password: string) => scramAuth(authid, password, method),
        },
      ]),
    ),
  ),
  cryptosign: {
    authid: 'by key',
    authrole: 'device',
    make: (authid, password) => cryptosignAuth(authid, password === PASSWORD ? device.seed : cryptosignKeys().seed),
  },
}
const isAuthid = (authid: string) => principals.some((principal) => principal.authid === authid)
/** A stranger whose name looks to the realm like one that signs in by the same method. */
function stranger(methods: readonly AuthMethod[], method: string): string {
  for (let i = 0; ; i++) {
    const authid = `stranger ${i}`
    if (!isAuthid(authid) && methods.some((other) => other.name === method && other.suits(authid, PEER))) return authid
  }
}

describe.each(Object.entries(clients))('%s', (_name, { authid, authrole, make }) => {
  test('lets in who knows', async () => {
    const client = make(authid, PASSWORD)
    expect(await signIn(realm(), client, PEER)).toMatchObject({ authid, authrole, authmethod: client.method, authprovider: 'static' })
  })

  test('denies who is wrong and who is nobody, in the same words', async () => {
    const methods = realm()
    const wrong = await signIn(methods, make(authid, 'wrong'), PEER).catch((error: unknown) => error)
    const nobody = await signIn(methods, make(stranger(methods, make(authid, '').method), PASSWORD), PEER).catch((error: unknown) => error)
    expect(wrong).toBeInstanceOf(Denied)
    expect(wrong).toMatchObject({ uri: URI.authenticationDenied })
    expect(nobody).toMatchObject({ uri: (wrong as Denied).uri, message: (wrong as Denied).message })
  })

  test('takes each answer once, and none of another challenge', async () => {
    const methods = realm()
    const client = make(authid, PASSWORD)
    const first = asked(await hello(methods, client, PEER))
    const { signature, extra } = await client.answer(first.challenge)
    const second = asked(await hello(methods, client, PEER))
    // A ticket is the same each time.
    if (client.method !== 'ticket') await expect(second.answer(signature, extra)).rejects.toThrow(Denied)
    expect(await first.answer(signature, extra)).toHaveProperty('principal')
    await expect(first.answer(signature, extra)).rejects.toThrow(Denied)
  })

  test('denies whatever else comes', async () => {
    const client = make(authid, PASSWORD)
    const value = fc.oneof(fc.string(), fc.base64String(), fc.constant(null), fc.anything())
    const extra = fc.oneof(fc.dictionary(fc.string(), value), fc.record({ nonce: value, channel_binding: value, cbind_data: value }))
    const signature = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.string({ minLength: 192, maxLength: 192, unit: fc.constantFrom('0', 'a') }),
      fc.constant('x'.repeat(100_000)),
    )
    await fc.assert(
      fc.asyncProperty(signature, extra, async (text, dict) => {
        // A realm each time: it would else only say that somebody has to wait.
        const { answer } = asked(await hello(realm(), client, PEER))
        await expect(answer(text, dict)).rejects.toMatchObject({ name: 'Denied', uri: URI.authenticationDenied })
      }),
      { numRuns: 100 },
    )
  })

  test('denies whatever else HELLO says', async () => {
    const method = chooseMethod(realm(), [make(authid, PASSWORD).method], authid, PEER)
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        fc.anything(),
        fc.anything(),
        async (name, nonce, pubkey) => {
          for (const authextra of [undefined, nonce, { nonce, pubkey }, { nonce: 'abcd', channel_binding: pubkey }]) {
            const step = await method.begin(name, { authextra }, PEER, 1).catch((error: unknown) => error)
            if (step instanceof Error) expect(step).toBeInstanceOf(Denied)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('guessing', () => {
  test.each(Object.entries(clients).filter(([name]) => name !== 'cryptosign'))('is slowed by %s', async (_name, { authid, make }) => {
    const clock = new FakeClock()
    const methods = realm(principals, clock)
    const rate = { uri: URI.authenticationFailed, message: expect.stringMatching(/wait/) }
    const nobody = stranger(methods, make(authid, '').method)
    for (const name of [authid, nobody]) {
      for (let i = 0; i < 5; i++) await signIn(methods, make(name, 'wrong'), PEER).catch(() => {})
      await expect(signIn(methods, make(name, PASSWORD), PEER)).rejects.toMatchObject(rate)
    }
    await signIn(methods, make(authid, PASSWORD), peerAt('192.0.2.8'))
    clock.advance(61_000)
    await signIn(methods, make(authid, PASSWORD), PEER)
  })

  test('is not what those do who are right', async () => {
    const methods = realm()
    for (let i = 0; i < 30; i++) await signIn(methods, ticketAuth('by ticket', PASSWORD), PEER)
  })
})

describe('strangers', () => {
  test('look like somebody, and always the same', async () => {
    const [methods, again] = [realm(), realm()]
    const shape = async (some: AuthMethod[], authid: string) => {
      const suiting = some.filter((method) => method.suits(authid, PEER))
      const steps = suiting.map((method) => method.begin(authid, { authextra: { nonce: 'abcd', pubkey: device.publicKey } }, PEER, 1))
      return (await Promise.all(steps)).map((step, i) => {
        const { challenge, nonce: _nonce, ...extra } = asked(step).challenge
        const { authrole } = suiting[i]?.name === 'wampcra' ? (JSON.parse(challenge as string) as { authrole: string }) : {}
        return [suiting[i]?.name, authrole, { ...extra }]
      })
    }
    const withoutSalt = (shapes: Awaited<ReturnType<typeof shape>>) =>
      JSON.stringify(shapes, (name, value: unknown) => (name === 'salt' ? String(value).length : value))
    const known = new Set<string>()
    for (const { authid } of principals) known.add(withoutSalt(await shape(methods, authid)))
    const seen = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const shapes = await shape(methods, `stranger ${i}`)
      expect(shapes).toEqual(await shape(again, `stranger ${i}`))
      seen.add(withoutSalt(shapes))
    }
    expect(seen).toEqual(known)
  })

  test.each([
    ['salt123', /^[a-z]{4}[0-9]{3}$/],
    ['0badc0ffee', /^[0-9a-f]{10}$/],
    ['Na-Cl', /^[A-Z][a-z]-[A-Z][a-z]$/],
    ['c2FsdCBhbmQgcGVwcGVy', /^[A-Za-z0-9+/]{20}$/],
  ])('have salts like %s', async (salt, form) => {
    const [method] = realm([{ authid: 'ada', role: 'user', ...(await craCredentials(PASSWORD, salt, 1)) }])
    const made = asked(await (method as AuthMethod).begin('eve', {}, PEER, 1)).challenge.salt
    expect(made).toMatch(form)
    expect(made).not.toBe(salt)
  })
})

describe('the method', () => {
  const names = (methods: AuthMethod[]) => methods.map(({ name }) => name)

  test('is one that some principal has', () => {
    expect(names(realm())).toEqual(['ticket', 'wampcra', 'wamp-scram', 'scram', 'cryptosign'])
    expect(names(realm([{ authid: 'ada', role: 'user', ticket: 'x' }]))).toEqual(['ticket'])
    expect(names(realm([]))).toEqual([])
  })

  test("is the first of the client's that suits the authid", () => {
    const choose = (wanted: string[] | undefined, authid?: string) => chooseMethod(realm(), wanted, authid, PEER).name
    expect(choose(['anonymous', 'wampcra', 'ticket'], 'by ticket')).toBe('ticket')
    expect(choose(['ticket', 'wampcra'], 'by secret')).toBe('wampcra')
    expect(choose(['ticket', 'cryptosign'])).toBe('cryptosign')
    expect(() => choose(['scram'], 'by ticket')).toThrow(expect.objectContaining({ uri: URI.noMatchingAuthMethod }))
    expect(() => choose(['magic'], 'by ticket')).toThrow(/its own: ticket, wampcra, wamp-scram, scram, cryptosign/)
    expect(() => choose(['ticket'], 'x'.repeat(100_000))).toThrow(/256 characters/)
    for (const none of [undefined, [], ['anonymous']])
      expect(() => choose(none, 'by ticket')).toThrow(expect.objectContaining({ uri: URI.authenticationRequired }))
  })

  test('is none for nobody, where that is allowed', async () => {
    const clock = new FakeClock()
    const methods = configuredMethods({
      ...{ realm: 'com.example', principals: [], where: '', anonymous: 'guest', random: randomBytes, decoy },
      ...{ attempts: new Attempts(clock), clock },
    })
    const principal = await signIn(methods, anonymousAuth(), PEER)
    expect(principal).toMatchObject({ authrole: 'guest', authmethod: 'anonymous' })
    expect((await signIn(methods, anonymousAuth(), PEER)).authid).not.toBe(principal.authid)
    expect(chooseMethod(methods, undefined, 'ada', PEER).name).toBe('anonymous')
  })
})

test('a key tells who it is; an authid that is another is denied', async () => {
  const methods = realm()
  expect(await signIn(methods, cryptosignAuth(undefined, device.seed), PEER)).toMatchObject({ authid: 'by key' })
  const other = stranger(methods, 'cryptosign')
  await expect(signIn(methods, cryptosignAuth(other, device.seed), PEER)).rejects.toThrow(Denied)
})

test("WAMP-CRA's challenge says what the specification asks for", async () => {
  const clock = new FakeClock()
  const method = chooseMethod(realm(principals, clock), ['wampcra'], 'by secret', PEER)
  const { challenge } = asked(await method.begin('by secret', {}, PEER, 1)).challenge
  expect(JSON.parse(challenge as string)).toEqual({
    authid: 'by secret',
    authrole: 'backend',
    authmethod: 'wampcra',
    authprovider: 'static',
    nonce: expect.stringMatching(/^[A-Za-z0-9+/]{32}$/),
    timestamp: new Date(clock.date()).toISOString(),
    session: expect.any(Number),
  })
})

test('strangers are denied even what is made up for them', async () => {
  const methods = realm()
  const authid = stranger(methods, 'ticket')
  const ticket = decoy(JSON.stringify(['wamp', 'com.example', JSON.stringify(['who', authid])])).toString('base64')
  await expect(signIn(methods, ticketAuth(authid, ticket), PEER)).rejects.toThrow(Denied)
})

describe('AUTHENTICATE', () => {
  test.each<[string, boolean, (nonce: unknown) => Dict]>([
    ['wamp-scram', true, (nonce) => ({ nonce })],
    ['wamp-scram', false, () => ({})],
    ['wamp-scram', false, () => ({ nonce: 'another' })],
    ['wamp-scram', false, (nonce) => ({ nonce, channel_binding: 'tls-unique' })],
    ['wamp-scram', false, (nonce) => ({ nonce, cbind_data: 'AAAA' })],
    ['scram', true, () => ({})],
    ['scram', false, () => ({ nonce: 'another' })],
  ])('of %s is right (%s) with its extra', async (name, isRight, extra) => {
    const { authid, make } = clients[`${name} with pbkdf2`] as (typeof clients)[string]
    const client = make(authid, PASSWORD)
    const { challenge, answer } = asked(await hello(realm(), client, PEER))
    const step = answer((await client.answer(challenge)).signature, extra(challenge.nonce))
    if (isRight) expect(await step).toHaveProperty('principal')
    else await expect(step).rejects.toMatchObject({ uri: URI.authenticationDenied })
  })

  test('of cryptosign says again what was signed, in hexadecimal', async () => {
    for (const change of [
      (text: string) => text.slice(0, 128),
      (text: string) => text.slice(0, 128) + '00'.repeat(32),
      (text: string) => `zz${text.slice(2)}`,
    ]) {
      const client = cryptosignAuth('by key', device.seed)
      const { challenge, answer } = asked(await hello(realm(), client, PEER))
      await expect(answer(change((await client.answer(challenge)).signature), {})).rejects.toThrow(Denied)
    }
  })
})

describe('channel binding', () => {
  test.each(['scram', 'wamp-scram', 'cryptosign'])('is not done by %s', async (name) => {
    const method = realm().find((other) => other.name === name) as AuthMethod
    const authextra = { nonce: 'abcd', pubkey: device.publicKey, channel_binding: 'tls-unique' }
    await expect(method.begin('by key', { authextra }, PEER, 1)).rejects.toThrow(/without channel binding/)
  })
})
