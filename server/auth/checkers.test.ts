import { spawnSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from '@node-rs/bcrypt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, IN_MEMORY, openDatabase } from '../store/database.ts'
import { type Auth, openAuth } from '../testing/auth.ts'
import { FakeClock } from '../testing/clock.ts'
import type { Credential } from './credential.ts'

const USER = 'ada'
const PASSWORD = 'Grüße, pencil'
const ADDRESS = '192.0.2.7'
const PYTHON = '/usr/bin/python3'
const autobahn = spawnSync(PYTHON, ['-c', 'import autobahn.wamp.auth']).status === 0
if (!autobahn) console.log("skipped: a signature by Autobahn needs Debian's package python3-autobahn")

let directory: string
let database: Database
let clock: FakeClock
let auth: Auth
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-checkers-'))
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  auth = await openAuth(database, clock, { digestMd5: true })
  await auth.users.create(USER, 'viewer', PASSWORD)
})
afterEach(async () => {
  await auth.audit.close()
  await database.destroy()
  rmSync(directory, { recursive: true })
})

const reopen = (options: Parameters<typeof openAuth>[2]) => openAuth(database, clock, { vault: auth.vault, ...options })
const check = (credential: Credential, address = ADDRESS) => auth.checkers.check(credential, address)
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest()

/** What a client would send, made by the protocol's own words: none of the server's code. */
const clients: Record<string, (user: string, password: string) => Credential> = {
  'a sign-in': (user, password) => ({ kind: 'password', by: 'session', user, password }),
  Basic: (user, password) => ({ kind: 'password', by: 'basic', user, password }),
  'USER and PASS of FTP': (user, password) => ({ kind: 'password', by: 'ftp', user, password }),
  "WAMP's ticket": (user, password) => ({ kind: 'password', by: 'ticket', user, password }),
  ...Object.fromEntries(
    (['SHA-256', 'MD5'] as const).flatMap((hash) =>
      [false, true].map((session) => [
        `Digest with ${hash}${session ? '-sess' : ''}`,
        (user: string, password: string): Credential => {
          const h = (text: string) =>
            createHash(hash === 'MD5' ? 'md5' : 'sha256')
              .update(text)
              .digest('hex')
          const nonce = auth.usersChecker.nonces.issue()
          const a1 = h(`${user}:Porthole:${password}`)
          const key = session ? h(`${a1}:${nonce}:client`) : a1
          const response = h(`${key}:${nonce}:00000001:client:auth:${h('GET:/x')}`)
          return {
            kind: 'digest',
            method: 'GET',
            user,
            realm: 'Porthole',
            nonce,
            uri: '/x',
            response,
            hash,
            session,
            count: { nc: 1, cnonce: 'client' },
          }
        },
      ]),
    ),
  ),
  'WAMP-CRA': (user, password) => {
    const { salt, iterations } = auth.secrets.derivation(user, 'wamp-cra')
    const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64')
    const challenge = '{"nonce":"abc","session":1}'
    return { kind: 'wamp-cra', user, challenge, signature: hmac(key, challenge).toString('base64') }
  },
  SCRAM: (user, password) => {
    const { salt, iterations } = auth.secrets.derivation(user, 'scram')
    const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256')
    const message = `n=${user},r=abc,r=abcdef,s=${salt},i=${iterations},c=biws,r=abcdef`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
    return {
      kind: 'scram',
      user,
      message,
      proof: Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number))).toString('base64'),
    }
  },
}

describe.each(Object.entries(clients))('one password serves %s', (_name, credential) => {
  test('when it is right', async () => {
    expect(await check(credential(USER, PASSWORD))).toMatchObject({ user: USER })
  })

  test('and not when it is wrong, or of nobody', async () => {
    await expect(check(credential(USER, 'wrong'))).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(check(credential('nobody', PASSWORD))).rejects.toMatchObject({ code: 'auth.wrong' })
    expect(auth.lines.join('')).not.toContain(PASSWORD)
  })

  test('until there is another', async () => {
    await auth.users.setPassword(USER, 'another password')
    await expect(check(credential(USER, PASSWORD))).rejects.toMatchObject({ code: 'auth.wrong' })
    expect(await check(credential(USER, 'another password'))).toMatchObject({ user: USER })
  })

  test('five wrong ones in a row have to wait, from that address', async () => {
    for (let i = 0; i < 5; i++) await check(credential(USER, `guess ${i}`)).catch(() => {})
    await expect(check(credential(USER, PASSWORD))).rejects.toMatchObject({ code: 'request.rate' })
    expect(await check(credential(USER, PASSWORD), '192.0.2.8')).toMatchObject({ user: USER })
  })
})

describe('what protocols need of a password', () => {
  test('tells no stranger which users exist', () => {
    for (const kind of ['wamp-cra', 'scram'] as const) {
      const [known, unknown] = [USER, 'nobody'].map((user) => auth.secrets.derivation(user, kind))
      expect(unknown?.salt.length).toBe(known?.salt.length)
      expect(unknown?.iterations).toBe(known?.iterations)
      expect(auth.secrets.derivation('nobody', kind)).toEqual(unknown)
      expect(auth.secrets.derivation('another', kind)).not.toEqual(unknown)
    }
  })

  test('is made at the next sign-in, of a password that was set before', async () => {
    await database.deleteFrom('secret').execute()
    const { audit } = auth
    auth = await reopen({ digestMd5: true })
    const digest = clients['Digest with SHA-256'] as (typeof clients)[string]
    await expect(check(digest(USER, PASSWORD))).rejects.toMatchObject({
      code: 'auth.wrong',
      message: expect.stringMatching(/sign in with the password itself once/),
    })
    await check({ kind: 'password', by: 'session', user: USER, password: PASSWORD })
    expect(await check(digest(USER, PASSWORD))).toEqual({ user: USER })
    await audit.close()
  })

  test('is gone with MD5 where that is switched off, and with its user', async () => {
    auth = await reopen({})
    const kinds = async () => (await database.selectFrom('secret').select('kind').execute()).map(({ kind }) => kind).sort()
    expect(await kinds()).toEqual(['digest-SHA-256', 'scram', 'wamp-cra'])
    await auth.users.create('boss', 'owner', undefined)
    await auth.users.delete(USER)
    expect(await kinds()).toEqual([])
  })

  test.skipIf(!autobahn)('is what Autobahn signs with', async () => {
    const { salt, iterations } = auth.secrets.derivation(USER, 'wamp-cra')
    const script = `import sys
from autobahn.wamp import auth
key = auth.derive_key(sys.argv[1].encode('utf8'), sys.argv[2].encode('utf8'), int(sys.argv[3]), 32)
print(auth.compute_wcs(key, sys.argv[4].encode('utf8')).decode('ascii'))`
    const challenge = '{"authid":"ada"}'
    const { stdout } = spawnSync(PYTHON, ['-c', script, PASSWORD, salt, String(iterations), challenge], { encoding: 'utf8' })
    expect(await check({ kind: 'wamp-cra', user: USER, challenge, signature: stdout.trim() })).toEqual({ user: USER })
  })
})

test('many at once with the same password are one attempt', async () => {
  const credential = { kind: 'password', by: 'basic', user: USER, password: PASSWORD } as const
  expect(await Promise.all(Array.from({ length: 20 }, () => check(credential)))).toHaveLength(20)
})

describe('a checker that is missing', () => {
  test('is told: by whom it is needed, and what there is', async () => {
    writeFileSync(join(directory, 'passwords'), '')
    auth = await reopen({ checkers: [{ kind: 'htpasswd', file: join(directory, 'passwords') }] })
    const digest = clients['Digest with SHA-256'] as (typeof clients)[string]
    await expect(check(digest(USER, PASSWORD))).rejects.toMatchObject({
      code: 'auth.unsupported',
      message: 'No checker verifies a digest here: sessions verifies session; keys verifies key, password; htpasswd verifies password',
    })
    expect(() => auth.checkers.require('wamp-cra', 'realm "cameras"')).toThrow(
      'realm "cameras" needs a checker of wamp-cra credentials, and there is none: ',
    )
    expect(() => auth.checkers.require('password', 'ftp')).not.toThrow()
    await expect(check({ kind: 'forwarded', headers: {} })).rejects.toMatchObject({ code: 'auth.unsupported' })
  })
})

describe('a password file', () => {
  const file = () => join(directory, 'passwords')
  const line = (user: string, password: string) => `${user}:${hashSync(password, { cost: 4, version: '2y' })}\n`
  const password = (user: string, text: string): Credential => ({ kind: 'password', by: 'basic', user, password: text })

  test('lets its users in, with the role of the configuration', async () => {
    writeFileSync(file(), `# people\n${line('bob', 'a password of his')}`)
    auth = await reopen({ checkers: [{ kind: 'users' }, { kind: 'htpasswd', file: file(), role: 'operator' }] })
    expect(await check(password('bob', 'a password of his'))).toEqual({ user: 'bob' })
    expect(auth.users.get('bob')).toEqual({ name: 'bob', role: 'operator', hasPassword: false, checker: 'htpasswd' })
    expect(await check(password(USER, PASSWORD))).toEqual({ user: USER })
    await expect(check(password('bob', 'wrong'))).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(auth.signIn.changePassword('bob', 'a new password', undefined, ADDRESS)).rejects.toMatchObject({ code: 'auth.elsewhere' })
  })

  test('lets nobody in who is no user here, without a role', async () => {
    writeFileSync(file(), line('bob', 'a password of his'))
    auth = await reopen({ checkers: [{ kind: 'htpasswd', file: file() }] })
    await expect(check(password('bob', 'a password of his'))).rejects.toMatchObject({ code: 'auth.wrong' })
    expect(auth.lines.join('')).toMatch(/no user here/)
    await auth.users.create('bob', 'viewer', undefined)
    expect(await check(password('bob', 'a password of his'))).toEqual({ user: 'bob' })
  })

  test('is read again when it changes, and keeps what it said while it is broken', async () => {
    writeFileSync(file(), line('bob', 'a password of his'))
    auth = await reopen({ checkers: [{ kind: 'htpasswd', file: file(), role: 'viewer' }] })
    await check(password('bob', 'a password of his'))
    appendFileSync(file(), line('eve', 'a password of hers'))
    expect(await check(password('eve', 'a password of hers'))).toEqual({ user: 'eve' })
    writeFileSync(file(), 'rubbish')
    expect(await check(password('eve', 'a password of hers'))).toEqual({ user: 'eve' })
    writeFileSync(file(), line('bob', 'the next one'))
    await expect(check(password('bob', 'a password of his'))).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(check(password('eve', 'a password of hers'))).rejects.toMatchObject({ code: 'auth.wrong' })
  })

  test.each([
    ['bob', /line 1 is not user:hash/],
    ['bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', /line 1: the hash of bob is not bcrypt; make it with htpasswd -B/],
    [`\n\nbob:$2y$31$${'a'.repeat(53)}`, /line 3: the hash of bob takes 2\^31 rounds/],
  ])('says at start what is wrong with %s', async (text, message) => {
    writeFileSync(file(), text)
    await expect(reopen({ checkers: [{ kind: 'htpasswd', file: file() }] })).rejects.toThrow(message)
  })

  const htpasswd = spawnSync('htpasswd', ['-nbB', 'x', 'y']).status === 0
  if (!htpasswd) console.log("skipped: a file of Apache's own needs Debian's package apache2-utils")
  test.skipIf(!htpasswd)("is Apache's", async () => {
    spawnSync('htpasswd', ['-cbB', file(), 'bob', 'a password of his'])
    auth = await reopen({ checkers: [{ kind: 'htpasswd', file: file(), role: 'viewer' }] })
    expect(await check(password('bob', 'a password of his'))).toEqual({ user: 'bob' })
  })
})

describe('a module', () => {
  const write = (code: string) => {
    const path = join(directory, `checker-${Math.random()}.mjs`)
    writeFileSync(path, code)
    return path
  }

  test('verifies what it says it does, with its options', async () => {
    const module = write(`export default ({ ticket }) => ({
      name: 'tickets', verifies: ['password'],
      check: async ({ user, password, by }) => by === 'ticket' && password === ticket ? { user } : undefined })`)
    auth = await reopen({ checkers: [{ kind: 'module', module, options: { ticket: 'let me in' }, role: 'viewer' }] })
    expect(await check({ kind: 'password', by: 'ticket', user: 'zoe', password: 'let me in' })).toEqual({ user: 'zoe' })
    await expect(check({ kind: 'password', by: 'basic', user: 'zoe', password: 'let me in' })).rejects.toMatchObject({ code: 'auth.wrong' })
    // A name that nobody can have is nobody.
    await expect(check({ kind: 'password', by: 'ticket', user: '../Zoe', password: 'let me in' })).rejects.toMatchObject({
      code: 'auth.wrong',
    })
  })

  test.each([
    ['export const a = 1', /auth\.checkers\[0\]: .* has no default export/],
    ['export default () => ({})', /makes no checker: it needs name, verifies and check/],
    ["export default () => ({ name: 'x', verifies: ['magic'], check() {} })", /verifies "magic"; the kinds are password, /],
    ['throw new Error("no database")', /auth\.checkers\[0\]: no database/],
  ])('that is none is told at start: %s', async (code, message) => {
    await expect(reopen({ checkers: [{ kind: 'module', module: write(code) }] })).rejects.toThrow(message)
  })
})

test('a header is believed only where proxies are named', async () => {
  await expect(reopen({ checkers: [{ kind: 'forwarded', header: 'x-user' }], hasProxies: false })).rejects.toThrow(/--trust-proxy/)
})
