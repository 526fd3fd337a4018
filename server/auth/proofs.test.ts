import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { scramAnswer, scramRecord } from './proofs.ts'

test('SCRAM-SHA-256 is that of RFC 7677 §3', async () => {
  const record = await scramRecord('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096)
  const message = [
    'n=user,r=rOprNGfwEbeRWgbNEkqO',
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  ].join(',')
  expect(scramAnswer(record, message, 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  for (const proof of ['', 'AAAA', 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVA=', 'x'.repeat(4096)])
    expect(scramAnswer(record, message, proof)).toBeUndefined()
  expect(scramAnswer(record, `${message}0`, 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=')).toBeUndefined()
})

test('a password is prepared as SASL says (RFC 4013 §3), else taken as it is', async () => {
  const salt = Buffer.alloc(16)
  const stored = async (password: string) => (await scramRecord(password, salt, 1)).storedKey
  expect(await stored('I\u00adX')).toBe(await stored('IX'))
  expect(await stored('\u2168')).toBe(await stored('IX'))
  // Right-to-left and left-to-right mixed, which SASL forbids: it is a password all the same.
  const salted = pbkdf2Sync('\u0627a', salt, 1, 32, 'sha256')
  const expected = createHash('sha256').update(createHmac('sha256', salted).update('Client Key').digest()).digest('base64')
  expect(await stored('\u0627a')).toBe(expected)
})
