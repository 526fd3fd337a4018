import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../store/database.ts'
import { type Auth, openAuth } from '../testing/auth.ts'
import { FakeClock } from '../testing/clock.ts'
import { OWNER } from './users.ts'

const PASSWORD = 'correct horse'
const ADDRESS = '192.0.2.7'
let directory: string
let database: Database
let clock: FakeClock
let auth: Auth

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-auth-'))
  database = await openDatabase(directory)
  clock = new FakeClock()
  auth = await openAuth(database, clock)
})
afterEach(async () => {
  await auth.audit.close()
  await database.destroy()
  rmSync(directory, { recursive: true })
})

const enter = (password: string, user = OWNER, address = ADDRESS) => auth.signIn.signIn({ user, password }, { address })
const byLink = (link: string) => auth.signIn.signIn({ link }, { address: ADDRESS })
/** Who a session is of. */
const whose = async (token: string) => (await auth.sessions.check({ kind: 'session', token }))?.user
const sessionOf = async (token: string) => (await auth.sessions.check({ kind: 'session', token }))?.via as string

describe('signing in', () => {
  test('by password gives a session that ends by itself', async () => {
    await auth.users.ensureOwner(PASSWORD)
    const { session, token } = await enter(PASSWORD)
    expect(session).toEqual({ user: OWNER, role: 'owner', hasPassword: true })
    expect(await whose(token)).toBe(OWNER)
    clock.advance(91 * 86_400_000)
    expect(await whose(token)).toBeUndefined()
  })

  test('is refused alike for a wrong password and an unknown user', async () => {
    await auth.users.ensureOwner(PASSWORD)
    await expect(enter('wrong horse')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(enter(PASSWORD, 'nobody')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(auth.signIn.signIn({}, { address: ADDRESS })).rejects.toMatchObject({ code: 'request.invalid' })
  })

  test('by password is impossible while there is none', async () => {
    await auth.users.ensureOwner(undefined)
    for (const guess of ['', 'decoy', 'null']) await expect(enter(guess)).rejects.toMatchObject({ code: 'auth.wrong' })
  })

  test('by link works once, and not for long', async () => {
    await auth.users.ensureOwner(undefined)
    const secret = auth.link.issue()
    await expect(byLink('guess')).rejects.toMatchObject({ code: 'auth.link' })
    const { session } = await byLink(secret)
    expect(session).toEqual({ user: OWNER, role: 'owner', hasPassword: false })
    await expect(byLink(secret)).rejects.toMatchObject({ code: 'auth.link' })
    const late = auth.link.issue()
    clock.advance(15 * 60_000 + 1)
    await expect(byLink(late)).rejects.toMatchObject({ code: 'auth.link' })
  })

  test('wrongly, again and again, has to wait; the owner at another address does not', async () => {
    await auth.users.ensureOwner(PASSWORD)
    for (let i = 0; i < 5; i++) await expect(enter('wrong')).rejects.toMatchObject({ code: 'auth.wrong' })
    await expect(enter(PASSWORD)).rejects.toMatchObject({ code: 'request.rate' })
    await expect(enter(PASSWORD, OWNER, '192.0.2.8')).resolves.toBeDefined()
    clock.advance(61_000)
    await expect(enter(PASSWORD)).resolves.toBeDefined()
  })

  test('leaves no secret in the log or the files', async () => {
    await auth.users.ensureOwner(PASSWORD)
    const secret = auth.link.issue()
    const { token } = await enter(PASSWORD)
    await enter('wrong password').catch(() => {})
    await byLink(secret)
    const kept = `${auth.lines.join('')}${readFileSync(join(directory, 'porthole.db'), 'latin1')}${readFileSync(join(directory, 'porthole.db-wal'), 'latin1')}`
    expect(kept).toContain('$argon2id$')
    for (const hidden of [PASSWORD, 'wrong password', token, secret]) expect(kept).not.toContain(hidden)
  })
})

describe('the password', () => {
  test('of the first start stays; a later one given there replaces nothing', async () => {
    await auth.users.ensureOwner(PASSWORD)
    await auth.users.ensureOwner('another one')
    await expect(enter(PASSWORD)).resolves.toBeDefined()
    await expect(enter('another one')).rejects.toMatchObject({ code: 'auth.wrong' })
  })

  test('is changed with the old one, and ends the other sessions', async () => {
    await auth.users.ensureOwner(PASSWORD)
    const here = await enter(PASSWORD)
    const there = await enter(PASSWORD)
    const session = await sessionOf(here.token)
    const change = (old: string) => auth.signIn.changePassword(OWNER, 'new password', old, ADDRESS, session)
    await expect(change('wrong')).rejects.toMatchObject({ code: 'auth.wrong' })
    await change(PASSWORD)
    expect(await whose(here.token)).toBe(OWNER)
    expect(await whose(there.token)).toBeUndefined()
    await expect(enter('new password')).resolves.toBeDefined()
  })

  test('is the same however its accents are composed', async () => {
    await auth.users.ensureOwner('Schlüssel-über'.normalize('NFD'))
    await expect(enter('Schlüssel-über'.normalize('NFC'))).resolves.toBeDefined()
  })

  test('takes at most two hashes at once, and many sign-ins still all end', async () => {
    await auth.users.ensureOwner(PASSWORD)
    const all = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => enter(PASSWORD, OWNER, `192.0.2.${i}`)))
    expect(all.every(({ status }) => status === 'fulfilled')).toBe(true)
  })
})
