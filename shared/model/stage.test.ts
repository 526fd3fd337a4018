import { describe, expect, test } from 'vitest'
import { fault, type Schema } from '../protocol/check.ts'
import { CODE_ALPHABET, joinCode, ParticipantName, participantName } from './stage.ts'

const isName = (name: string) => fault(ParticipantName as Schema, name) === undefined

describe('names of participants', () => {
  test.each(['Ada', 'Jörg 👩‍👩‍👧', '<b>x</b>', 'أحمد', 'a b', 'x'.repeat(40)])('take %j', (name) => {
    expect(isName(name)).toBe(true)
    expect(participantName(name)).toBe(name)
  })

  test.each([
    ['', ''],
    ['  ', ''],
    [' Ada', 'Ada'],
    ['Ada\n', 'Ada'],
    ['Ada\u0000', 'Ada'],
    ['\u202eadA', 'adA'],
    ['A\u2066d\u2069a', 'Ada'],
    ['\u200b', ''],
    ['A  d\ta', 'A d a'],
    ['x'.repeat(41), 'x'.repeat(40)],
    [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ])('refuse %j, of which is left %j', (typed, left) => {
    if (typed !== 'A  d\ta') expect(isName(typed) && typed === left).toBe(false)
    expect(participantName(typed)).toBe(left)
    if (left) expect(isName(left)).toBe(true)
  })
})

test('codes are read as people type them', () => {
  expect(CODE_ALPHABET).toHaveLength(30)
  expect(joinCode(' abc-def ')).toBe('ABCDEF')
  expect(joinCode('abc def')).toBe('ABCDEF')
  for (const wrong of ['', 'abcde', 'abcdefg', 'abcde0', 'abcdeé', '../abc']) expect(joinCode(wrong)).toBeUndefined()
})
