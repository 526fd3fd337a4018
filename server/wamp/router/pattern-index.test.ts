import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Match } from '../../../shared/wamp/uris.ts'
import { type Pattern, PatternIndex } from './pattern-index.ts'

const indexOf = (...patterns: (readonly [string, Match])[]) => {
  const index = new PatternIndex<Pattern>()
  for (const [uri, match] of patterns) index.add({ uri, match })
  return index
}

test('the examples of the specification ("Calls matching multiple registrations")', () => {
  const index = indexOf(
    ['a1.b2.c3.d4.e55', 'exact'],
    ['a1.b2.c3', 'prefix'],
    ['a1.b2.c3.d4', 'prefix'],
    ['a1.b2..d4.e5', 'wildcard'],
    ['a1.b2.x3..e5', 'wildcard'],
    ['a1.b2..d4.e5..g7', 'wildcard'],
    ['a1.b2..d4..f6.g7', 'wildcard'],
  )
  const best = (uri: string) => index.best(uri)?.uri
  expect(best('a1.b2.c3.d4.e55')).toBe('a1.b2.c3.d4.e55')
  expect(best('a1.b2.c3.d98.e74')).toBe('a1.b2.c3')
  expect(best('a1.b2.c3.d4.e325')).toBe('a1.b2.c3.d4')
  expect(best('a1.b2.c55.d4.e5')).toBe('a1.b2..d4.e5')
  // There it is c3, which the prefix above fits too.
  expect(best('a1.b2.x3.d4.e5')).toBe('a1.b2.x3..e5')
  expect(best('a1.b2.c88.d4.e5.f6.g7')).toBe('a1.b2..d4.e5..g7')
  expect(best('a2.b2.c2.d2.e2')).toBeUndefined()
})

test('finds what a look at each pattern finds, whatever was added and taken away', () => {
  const part = fc.constantFrom('a', 'b', 'cc')
  const pattern = fc.oneof(
    fc.tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom<Match>('exact', 'prefix')),
    fc.tuple(fc.array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 4 }), fc.constant<Match>('wildcard')),
  )
  const uri = fc.array(part, { minLength: 1, maxLength: 4 })
  const fits = ({ uri: wanted, match }: Pattern, said: string) => {
    if (match === 'exact') return wanted === said
    if (match === 'prefix') return said.startsWith(wanted)
    const [a, b] = [wanted.split('.'), said.split('.')]
    return a.length === b.length && a.every((each, i) => each === '' || each === b[i])
  }
  fc.assert(
    fc.property(fc.array(fc.tuple(pattern, fc.boolean()), { maxLength: 20 }), fc.array(uri, { maxLength: 5 }), (changes, uris) => {
      const index = new PatternIndex<Pattern>()
      const kept = new Map<string, Pattern>()
      for (const [[parts, match], adds] of changes) {
        const entry = { uri: parts.join('.'), match }
        const key = `${match} ${entry.uri}`
        if (adds && !kept.has(key)) {
          index.add(entry)
          kept.set(key, entry)
        } else if (!adds) {
          index.delete(entry)
          kept.delete(key)
        }
      }
      expect(new Set(index.all())).toEqual(new Set(kept.values()))
      for (const entry of kept.values()) expect(index.get(entry)).toBe(entry)
      for (const parts of uris) {
        const said = parts.join('.')
        const found = [...index.matching(said)]
        expect(new Set(found)).toEqual(new Set([...kept.values()].filter((entry) => fits(entry, said))))
        expect(found.length).toBe(new Set(found).size)
        expect(index.best(said)).toBe(found[0])
      }
    }),
  )
})
