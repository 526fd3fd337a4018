import { describe, expect, it } from 'vitest'
import { cell, options, table, verdict } from './table.ts'

describe('table', () => {
  it('is Markdown with columns as wide as their widest cell', () => {
    expect(
      table(
        ['way', 'ms'],
        [
          ['raw', '1'],
          ['porthole', '12.5'],
        ],
      ),
    ).toBe(['| way      |   ms |', '|----------|-----:|', '| raw      |    1 |', '| porthole | 12.5 |'].join('\n'))
  })

  it('shows a number that is none as a dash', () => {
    expect(cell(Number.NaN)).toBe('–')
    expect(cell(undefined)).toBe('–')
    expect(cell(1.25, 1, ' s')).toBe('1.3 s')
  })
})

describe('verdict', () => {
  it('holds at the bar, not above it, and never for what was not measured', () => {
    expect(verdict(0.5, 0.5)).toBe('0.50 ≤ 0.50 ok')
    expect(verdict(0.51, 0.5)).toBe('0.51 > 0.50 MISSED')
    expect(verdict(Number.NaN, 0.5)).toBe('not measured')
  })
})

describe('options', () => {
  const defaults = { rounds: 3, viewers: '500', quick: false }

  it('takes numbers, texts and flags, and keeps the rest', () => {
    expect(options(defaults, [])).toEqual(defaults)
    expect(options(defaults, ['--rounds', '5', '--quick'])).toEqual({ rounds: 5, viewers: '500', quick: true })
    expect(options(defaults, ['--viewers', '1,2'])).toEqual({ ...defaults, viewers: '1,2' })
  })

  it('refuses what it does not know and numbers that are none', () => {
    expect(() => options(defaults, ['--loud'])).toThrow('--loud')
    expect(() => options(defaults, ['quick'])).toThrow('quick')
    expect(() => options(defaults, ['--rounds', 'many'])).toThrow('--rounds needs a number')
    expect(() => options(defaults, ['--rounds'])).toThrow('--rounds needs a number')
  })
})
