import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../store/database.ts'
import { FakeClock } from '../testing/clock.ts'
import { Leases } from './leases.ts'
import { Sessions, SignInLink } from './sessions.ts'
import { SignIn } from './signin.ts'
import { OWNER, Users } from './users.ts'

const PASSWORD = 'correct horse'
const ADDRESS = '192.0.2.7'
let directory: string
let database: Database
let clock: FakeClock
let users: Users
let sessions: Sessions
let link: SignInLink
let signIn: SignIn
let log: string[]

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-auth-'))
  database = await openDatabase(directory)
  clock = new FakeClock()
  users = await Users.load(database, clock)
  sessions = new Sessions(database, users, clock)
  link = new SignInLink(clock)
  log = []
  signIn = new SignIn({ users, sessions, link, leases: new Leases(), clock, log: pino({}, { write: (line) => log.push(line) }) })
})
afterEach(async () => {
  await database.destroy()
  rmSync(directory, { recursive: true })
})

const enter = (password: string, user = OWNER, address = ADDRESS) => signIn.signIn({ user, password }, address)

describe('signing in', () => {
  test('by password gives a session that ends by itself', async () => {
    await users.ensureOwner(PASSWORD)
    const { session, token } = await enter(PASSWORD)
    expect(session).toEqual({ user: OWNER, role: 'owner', hasPassword: true })
    expect(await sessions.find(token)).toEqual(session)
    clock.advance(91 * 86_400_000)
    expect(await sessions.find(token)).toBeUndefined()
  })

  test('is refused alike for a wrong password and an unknown user', async () => {
    await users.ensureOwner(PASSWORD)
    await expect(enter('wrong horse')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(enter(PASSWORD, 'nobody')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(signIn.signIn({}, ADDRESS)).rejects.toMatchObject({ code: 'request.invalid' })
  })

  test('by password is impossible while there is none', async () => {
    await users.ensureOwner(undefined)
    for (const guess of ['', 'decoy', 'null']) await expect(enter(guess)).rejects.toMatchObject({ code: 'auth.wrong' })
  })

  test('by link works once, and not for long', async () => {
    await users.ensureOwner(undefined)
    const secret = link.issue()
    await expect(signIn.signIn({ link: 'guess' }, ADDRESS)).rejects.toMatchObject({ code: 'auth.link' })
    const { session } = await signIn.signIn({ link: secret }, ADDRESS)
    expect(session).toEqual({ user: OWNER, role: 'owner', hasPassword: false })
    await expect(signIn.signIn({ link: secret }, ADDRESS)).rejects.toMatchObject({ code: 'auth.link' })
    const late = link.issue()
    clock.advance(15 * 60_000 + 1)
    await expect(signIn.signIn({ link: late }, ADDRESS)).rejects.toMatchObject({ code: 'auth.link' })
  })

  test('wrongly, again and again, has to wait; the owner at another address does not', async () => {
    await users.ensureOwner(PASSWORD)
    for (let i = 0; i < 5; i++) await expect(enter('wrong')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(enter(PASSWORD)).rejects.toMatchObject({ code: 'request.rate' })
    await expect(enter(PASSWORD, OWNER, '192.0.2.8')).resolves.toBeDefined()
    clock.advance(61_000)
    await expect(enter(PASSWORD)).resolves.toBeDefined()
  })

  test('leaves no secret in the log or the files', async () => {
    await users.ensureOwner(PASSWORD)
    const secret = link.issue()
    const { token } = await enter(PASSWORD)
    await enter('wrong password').catch(() => {})
    await signIn.signIn({ link: secret }, ADDRESS)
    const kept = `${log.join('')}${readFileSync(join(directory, 'porthole.db'), 'latin1')}${readFileSync(join(directory, 'porthole.db-wal'), 'latin1')}`
    expect(kept).toContain('$argon2id$')
    for (const hidden of [PASSWORD, 'wrong password', token, secret]) expect(kept).not.toContain(hidden)
  })
})

describe('the password', () => {
  test('of the first start stays; a later one given there replaces nothing', async () => {
    await users.ensureOwner(PASSWORD)
    await users.ensureOwner('another one')
    await expect(enter(PASSWORD)).resolves.toBeDefined()
    await expect(enter('another one')).rejects.toMatchObject({ code: 'auth.wrong' })
  })

  test('is changed with the old one, and ends the other sessions', async () => {
    await users.ensureOwner(PASSWORD)
    const here = await enter(PASSWORD)
    const there = await enter(PASSWORD)
    await expect(signIn.changePassword(here.session, here.token, 'new password', 'wrong')).rejects.toMatchObject({ code: 'auth.wrong' })
    await signIn.changePassword(here.session, here.token, 'new password', PASSWORD)
    expect(await sessions.find(here.token)).toBeDefined()
    expect(await sessions.find(there.token)).toBeUndefined()
    await expect(enter('new password')).resolves.toBeDefined()
  })

  test('is the same however its accents are composed', async () => {
    await users.ensureOwner('Schlüssel-über'.normalize('NFD'))
    await expect(enter('Schlüssel-über'.normalize('NFC'))).resolves.toBeDefined()
  })

  test('takes at most two hashes at once, and many sign-ins still all end', async () => {
    await users.ensureOwner(PASSWORD)
    const all = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => enter(PASSWORD, OWNER, `192.0.2.${i}`)))
    expect(all.every(({ status }) => status === 'fulfilled')).toBe(true)
  })
})
