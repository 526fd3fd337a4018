import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { openAuth } from '../testing/auth.ts'
import { FakeClock } from '../testing/clock.ts'
import { openVault, Vault, VaultError } from './vault.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porthole-vault-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const file = () => join(folder, 'secret.key')

describe('the vault', () => {
  test('opens what it sealed, as what it was, and nothing else', () => {
    const vault = new Vault(randomBytes(32))
    const sealed = vault.seal('a secret', 'scram ada')
    expect(sealed.toString('latin1')).not.toContain('secret')
    expect(vault.seal('a secret', 'scram ada')).not.toEqual(sealed)
    expect(vault.open(sealed, 'scram ada')).toBe('a secret')
    expect(() => vault.open(sealed, 'scram eve')).toThrow(VaultError)
    expect(() => new Vault(randomBytes(32)).open(sealed, 'scram ada')).toThrow(VaultError)
    for (let i = 0; i < sealed.length; i++) {
      const bent = Buffer.from(sealed)
      bent[i] = (bent[i] as number) ^ 1
      expect(() => vault.open(bent, 'scram ada'), `byte ${i}`).toThrow(VaultError)
      expect(() => vault.open(sealed.subarray(0, i), 'scram ada'), `${i} bytes`).toThrow(VaultError)
    }
  })

  test('makes its key once, for this user alone', () => {
    const vault = openVault(folder)
    expect(vault.isNew).toBe(true)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    const sealed = vault.seal('x', 'y')
    const again = openVault(folder)
    expect(again.isNew).toBe(false)
    expect(again.open(sealed, 'y')).toBe('x')
  })

  test('says what is wrong with a key file', () => {
    writeFileSync(file(), 'short')
    expect(() => openVault(folder)).toThrow(/secret\.key has 5 bytes, not 32; put back the one that belongs here/)
    expect(readFileSync(file(), 'utf8')).toBe('short')
  })
})

describe('another key than that of the database', () => {
  test('stops the start; none begins anew, and says so', async () => {
    const clock = new FakeClock()
    const database = await openDatabase(folder)
    const first = await openAuth(database, clock, { vault: openVault(folder) })
    await first.users.create('ada', 'viewer', 'a password of hers')
    writeFileSync(file(), randomBytes(32))
    await expect(openAuth(database, clock, { vault: openVault(folder) })).rejects.toThrow(/put that one back; or delete it/)
    rmSync(file())
    const anew = await openAuth(database, clock, { vault: openVault(folder) })
    expect(anew.lines.join('')).toMatch(/secret\.key is new/)
    expect(anew.secrets.lacks('ada')).toBe(true)
    expect(await anew.users.verify('ada', 'a password of hers', '')).toBe(true)
    expect(anew.secrets.lacks('ada')).toBe(false)
    await database.destroy()
  })
})
