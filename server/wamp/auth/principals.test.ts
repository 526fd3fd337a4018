import { describe, expect, test } from 'vitest'
import { fault } from '../../../shared/protocol/check.ts'
import { ConfigError } from '../../base/errors.ts'
import { checkPrincipals, type PrincipalOptions, PrincipalSchema } from './principals.ts'

const bytes = (length: number) => Buffer.alloc(length, 7).toString('base64')
const KEY = 'ab'.repeat(32)
const scram = { kdf: 'argon2id13', salt: bytes(16), iterations: 2, memory: 19_456, storedKey: bytes(32), serverKey: bytes(32) } as const
const { memory: _memory, ...withoutMemory } = scram

const check = (...list: Partial<PrincipalOptions>[]) =>
  checkPrincipals(
    list.map((principal, i) => ({ authid: `someone ${i}`, role: 'user', ...principal })),
    'realms[0].principals',
  )

test('what fits is taken', () => {
  const list: PrincipalOptions[] = [
    { authid: 'a', role: 'user', ticket: 'x', secret: 'y', scram, publicKeys: [KEY] },
    { authid: 'b', role: 'user', secret: bytes(32), salt: 'salt123' },
    { authid: 'c', role: 'user', secret: bytes(16), salt: 'salt123', iterations: 1, keylen: 16 },
    { authid: 'd', role: 'user', scram: { ...withoutMemory, kdf: 'pbkdf2', iterations: 4096 } },
  ]
  for (const principal of list) expect(fault(PrincipalSchema, principal)).toBeUndefined()
  checkPrincipals(list, 'principals')
})

describe('is told, with the key and the mend:', () => {
  test.each<[string, RegExp, ...Partial<PrincipalOptions>[]]>([
    [
      'an authid twice',
      /^realms\[0\]\.principals\[1\]\.authid: "a" is .*principals\[0\] already/,
      ...Array(2).fill({ authid: 'a', ticket: 'x' }),
    ],
    [
      'a key twice',
      /principals\[1\]\.publicKeys\[1\] is a key of .*\[0\]/,
      { publicKeys: [KEY] },
      { publicKeys: ['0'.repeat(64), KEY.toUpperCase()] },
    ],
    ['no way to sign in', /\[0\] \("someone 0"\): .*give it ticket, secret, scram or publicKeys/, {}],
    ['iterations without a salt', /give it a salt/, { secret: 'x', iterations: 3 }],
    ['keylen without a salt', /give it a salt/, { secret: 'x', keylen: 32 }],
    ['a salt without a secret', /for SCRAM it belongs into scram/, { ticket: 'x', salt: 'y' }],
    ['a salted secret that is none', /32 bytes in base64; make it with craCredentials/, { secret: 'hunter2', salt: 'y' }],
    ['a salted secret of another length', /24 bytes in base64/, { secret: bytes(32), salt: 'y', keylen: 24 }],
    ['a name of two forms', /RFC 4013/, { authid: 'Ⅸ', scram }],
    ['a name of no form', /RFC 4013/, { authid: 'a\u0007', scram }],
    ['a salt that is no base64', /scram\.salt is not base64/, { scram: { ...scram, salt: 'no base64!' } }],
    ['a short salt', /scram\.salt has to be 8 to 256 bytes/, { scram: { ...scram, salt: bytes(4) } }],
    ['a short key', /scram\.storedKey is not 32 bytes/, { scram: { ...scram, storedKey: bytes(31) } }],
    ['a key in hexadecimal', /scram\.serverKey is not 32 bytes/, { scram: { ...scram, serverKey: KEY } }],
    ['Argon2 without memory', /argon2id13 needs memory/, { scram: withoutMemory }],
    ['PBKDF2 with memory', /memory is for Argon2/, { scram: { ...scram, kdf: 'pbkdf2', iterations: 4096 } }],
    ['few rounds', /scram\.iterations has to be 4096 to/, { scram: { ...withoutMemory, kdf: 'pbkdf2', iterations: 1000 } }],
    ['little work', /iterations times memory/, { scram: { ...scram, memory: 8 } }],
    ['too much work', /iterations times memory/, { scram: { ...scram, iterations: 2 ** 20 } }],
  ])('%s', (_name, message, ...principals) => {
    expect(() => check(...principals)).toThrow(ConfigError)
    expect(() => check(...principals)).toThrow(message)
  })

  test('no secret', () => {
    expect(() => check({ secret: 'hunter2', salt: 'y' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    )
  })
})

test.each([
  [{ authid: 'a', role: 'user', tickets: 'x' }],
  [{ authid: '', role: 'user', ticket: 'x' }],
  [{ authid: 'a', ticket: 'x' }],
  [{ authid: 'a', role: 'user', publicKeys: ['abc'] }],
  [{ authid: 'a', role: 'user', scram: { ...scram, kdf: 'scrypt' } }],
  [{ authid: 'a', role: 'user', secret: 'x', salt: 'y', iterations: 0 }],
])('the schema refuses %j', (principal) => {
  expect(fault(PrincipalSchema, principal)).toBeDefined()
})
