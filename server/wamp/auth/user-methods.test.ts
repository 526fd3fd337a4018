import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { URI } from '../../../shared/wamp/uris.ts'
import { Attempts } from '../../auth/attempts.ts'
import { Checkers } from '../../auth/checkers.ts'
import { type Database, IN_MEMORY, openDatabase } from '../../store/database.ts'
import { type Auth, openAuth } from '../../testing/auth.ts'
import { FakeClock } from '../../testing/clock.ts'
import { asked, hello, peerAt, signIn } from '../../testing/wamp-auth.ts'
import { type ClientAuth, craAuth, cryptosignAuth, scramAuth, ticketAuth } from './answers.ts'
import { chooseMethod } from './choose.ts'
import { cryptosignKeys } from './credentials.ts'
import { deniedOf } from './denied.ts'
import { Denied } from './types.ts'
import { type UserMethodsOptions, userMethods } from './user-methods.ts'

const USER = 'ada'
const PASSWORD = 'Grüße, pencil'
const PEER = peerAt('192.0.2.7')
const device = cryptosignKeys()

let database: Database
let clock: FakeClock
let auth: Auth
beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  auth = await openAuth(database, clock)
  await auth.users.create(USER, 'operator', PASSWORD)
})
afterEach(async () => {
  await auth.audit.close()
  await database.destroy()
})

const methods = (more: Partial<UserMethodsOptions> = {}) => {
  const cryptosignKeys = [
    { authid: USER, publicKeys: [device.publicKey] },
    { authid: 'nobody', publicKeys: ['00'.repeat(32)] },
  ]
  return userMethods({ ...auth, random: randomBytes, clock, cryptosignKeys, ...more })
}
const key = async (holder: Parameters<Auth['keys']['create']>[1]) => (await auth.keys.create('a key', holder)).key

const clients: Record<string, (user: string, password: string) => ClientAuth> = {
  ticket: ticketAuth,
  wampcra: craAuth,
  scram: (user, password) => scramAuth(user, password, 'scram'),
  'wamp-scram': (user, password) => scramAuth(user, password, 'wamp-scram'),
}

describe.each(Object.entries(clients))('%s', (name, make) => {
  test('lets users in with their role', async () => {
    const principal = await signIn(methods(), make(USER, PASSWORD), PEER)
    expect(principal).toMatchObject({ authid: USER, authrole: 'operator', authmethod: name, authprovider: 'users' })
    expect(principal.visitor).toMatchObject({ identity: { user: USER }, avatar: { user: USER, role: 'operator', isKey: false } })
  })

  test('denies who is wrong and who is nobody, in the same words', async () => {
    const wrong = (await signIn(methods(), make(USER, 'wrong'), PEER).catch((error: unknown) => error)) as Denied
    expect(wrong).toBeInstanceOf(Denied)
    expect(wrong.uri).toBe(URI.authenticationDenied)
    const { message, uri } = wrong
    await expect(signIn(methods(), make('nobody', PASSWORD), PEER)).rejects.toMatchObject({ message, uri })
    expect(auth.lines.join('')).not.toContain(PASSWORD)
  })

  test('challenges who is nobody like a user', async () => {
    const challenges = await Promise.all(
      [USER, 'nobody'].map(async (user) => asked(await hello(methods(), make(user, ''), PEER)).challenge),
    )
    const [known, unknown] = challenges.map(({ challenge, salt, nonce, ...rest }) => {
      const { authid: _authid, ...said } = challenge === undefined ? {} : (JSON.parse(challenge as string) as Record<string, unknown>)
      return {
        ...rest,
        said: { ...said, nonce: 0, session: 0 },
        salt: (salt as string | undefined)?.length,
        nonce: (nonce as string | undefined)?.length,
      }
    })
    expect(known).toEqual(unknown)
    expect(JSON.stringify(challenges)).not.toContain('operator')
  })

  test('makes who guesses wait', async () => {
    for (let i = 0; i < 5; i++) await signIn(methods(), make(USER, `guess ${i}`), PEER).catch(() => {})
    await expect(signIn(methods(), make(USER, PASSWORD), PEER)).rejects.toMatchObject({ uri: URI.authenticationFailed })
    await signIn(methods(), make(USER, PASSWORD), peerAt('192.0.2.8'))
  })

  test('takes each answer once', async () => {
    const client = make(USER, PASSWORD)
    const { challenge, answer } = asked(await hello(methods(), client, PEER))
    const { signature, extra } = await client.answer(challenge)
    await answer(signature, extra)
    await expect(answer(signature, extra)).rejects.toThrow(Denied)
  })

  test('denies whatever else comes', async () => {
    const client = make(USER, PASSWORD)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()),
        fc.dictionary(fc.string(), fc.anything()),
        async (text, extra) => {
          const { answer } = asked(await hello(methods(), client, peerAt(`10.0.0.${text.length % 256}`)))
          await expect(answer(text, extra)).rejects.toBeInstanceOf(Denied)
        },
      ),
      { numRuns: name === 'ticket' ? 5 : 50 },
    )
  })
})

describe('a ticket that is an API key', () => {
  test('lets its user in, with its role', async () => {
    const principal = await signIn(methods(), ticketAuth(USER, await key({ user: USER, role: 'viewer' })), PEER)
    expect(principal).toMatchObject({
      authid: USER,
      authrole: 'viewer',
      visitor: { identity: { via: expect.any(String) }, avatar: { isKey: true } },
    })
  })

  test("is nobody else's, and no camera's", async () => {
    await auth.users.create('eve', 'owner', PASSWORD)
    const denied = { uri: URI.authenticationDenied }
    await expect(signIn(methods(), ticketAuth('eve', await key({ user: USER })), PEER)).rejects.toMatchObject(denied)
    const publishKey = await key({ camera: 'door' })
    for (const authid of [USER, 'door']) await expect(signIn(methods(), ticketAuth(authid, publishKey), PEER)).rejects.toMatchObject(denied)
    await expect(signIn(methods(), ticketAuth(USER, `ph_${'x'.repeat(32)}`), PEER)).rejects.toMatchObject(denied)
  })

  test('is no guess', async () => {
    for (let i = 0; i < 30; i++) await signIn(methods(), ticketAuth(USER, `ph_${'x'.repeat(32)}`), PEER).catch(() => {})
    await signIn(methods(), ticketAuth(USER, PASSWORD), PEER)
  })
})

describe('cryptosign', () => {
  test('lets in who the configuration knows by a key', async () => {
    for (const authid of [USER, undefined])
      expect(await signIn(methods(), cryptosignAuth(authid, device.seed), PEER)).toMatchObject({
        ...{ authid: USER, authrole: 'operator', authmethod: 'cryptosign' },
        visitor: { identity: { user: USER }, avatar: { isKey: true } },
      })
  })

  test('nobody else, and not who is no user here any more', async () => {
    await expect(signIn(methods(), cryptosignAuth(USER, cryptosignKeys().seed), PEER)).rejects.toThrow(Denied)
    await expect(signIn(methods(), cryptosignAuth('eve', device.seed), PEER)).rejects.toThrow(Denied)
    await auth.users.create('boss', 'owner', undefined)
    await auth.users.delete(USER)
    await expect(signIn(methods(), cryptosignAuth(USER, device.seed), PEER)).rejects.toMatchObject({ uri: URI.authenticationDenied })
  })
})

describe('who was signed in when they connected', () => {
  const visitor = (identity: NonNullable<Parameters<Auth['realm']['avatarFor']>[0]>) =>
    peerAt('192.0.2.7', { identity, avatar: auth.realm.avatarFor(identity, 'http') })

  test('is asked nothing', async () => {
    const peer = visitor({ user: USER, via: 'a session' })
    const method = chooseMethod(methods(), undefined, undefined, peer)
    expect(await method.begin(undefined, {}, peer, 1)).toMatchObject({
      principal: { authid: USER, authrole: 'operator', authmethod: 'cookie', visitor: { identity: { via: 'a session' } } },
    })
  })

  test('may ask for another way, and comes as nobody else', async () => {
    const peer = visitor({ user: USER })
    expect(chooseMethod(methods(), ['ticket'], 'eve', peer).name).toBe('ticket')
    expect(() => chooseMethod(methods(), ['cookie'], 'eve', peer)).toThrow(expect.objectContaining({ uri: URI.noMatchingAuthMethod }))
    await expect(methods()[0]?.begin('eve', {}, peer, 1)).rejects.toThrow(Denied)
    await expect(methods()[0]?.begin(undefined, {}, PEER, 1)).rejects.toMatchObject({ uri: URI.authenticationRequired })
    expect(() => chooseMethod(methods(), undefined, undefined, PEER)).toThrow(expect.objectContaining({ uri: URI.authenticationRequired }))
  })

  test('is denied once they are no user any more, or came by the key of a camera', async () => {
    const peer = visitor({ user: 'gone' })
    await expect(methods()[0]?.begin(undefined, {}, peer, 1)).rejects.toMatchObject({ uri: URI.authenticationDenied })
    const feeding = visitor({ user: undefined, camera: 'door' })
    await expect(methods()[0]?.begin(undefined, {}, feeding, 1)).rejects.toMatchObject({ uri: URI.notAuthorized })
  })
})

test('only what a checker verifies is offered', () => {
  const names = (more: Partial<UserMethodsOptions> = {}) => methods(more).map(({ name }) => name)
  expect(names()).toEqual(['cookie', 'ticket', 'wampcra', 'wamp-scram', 'scram', 'cryptosign'])
  const listed = [{ checker: auth.keys }]
  const checkers = new Checkers({
    listed,
    users: auth.users,
    attempts: new Attempts(clock),
    audit: auth.audit,
    log: pino({ enabled: false }),
  })
  expect(names({ checkers, cryptosignKeys: [] })).toEqual(['cookie', 'ticket'])
})

test('a password of before this server kept what SCRAM needs is told how it is mended', async () => {
  await database.deleteFrom('secret').execute()
  const { audit } = auth
  auth = await openAuth(database, clock, { vault: auth.vault })
  await expect(signIn(methods(), scramAuth(USER, PASSWORD), PEER)).rejects.toThrow(/sign in with the password itself once/)
  await signIn(methods(), ticketAuth(USER, PASSWORD), PEER)
  await signIn(methods(), scramAuth(USER, PASSWORD), PEER)
  await audit.close()
})

test.each([
  [new Error('a secret of ours'), URI.authenticationFailed, 'The server failed; its log says why.'],
  ['a text', URI.authenticationFailed, 'The server failed; its log says why.'],
  [new Denied('said so', URI.noSuchRole), URI.noSuchRole, 'said so'],
])('%s is denied without a word of it', (error, uri, message) => {
  const denied = deniedOf(error)
  expect(denied).toMatchObject({ name: 'Denied', uri, message })
  // For the log alone.
  expect(denied.cause).toBe(error instanceof Denied ? undefined : error)
})
