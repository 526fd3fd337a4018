import { expect, test } from 'vitest'
import { PortholeError } from '../base/errors.ts'
import { FakeClock } from '../testing/clock.ts'
import type { ShareEntry, Shares } from './shares.ts'
import { mayEmbed, Visits } from './visits.ts'

const entry = (said: Partial<ShareEntry> = {}): ShareEntry => ({
  ...{ id: 'a1', token: 'T', passcode: null, label: '', cameras: ['door'], createdBy: 'owner', createdAt: 0 },
  ...{ expiresAt: null, maxViewers: null, origins: null, audio: false, views: 0 },
  ...said,
})

function setUp() {
  const clock = new FakeClock()
  const viewed: string[] = []
  const shares = { viewed: (id: string) => viewed.push(id), onChanged: () => {} } as unknown as Shares
  const visits = new Visits(shares, clock)
  const ended: string[] = []
  const visitor = (said: object = {}) => ({
    ...{ address: '192.0.2.1', origin: undefined, passcode: undefined, again: false },
    end: ({ code }: PortholeError) => ended.push(code),
    ...said,
  })
  return { clock, shares, visits, viewed, ended, visitor }
}

test('a share ends its visitors when its time is over, and not who left before', () => {
  const { clock, visits, ended, visitor } = setUp()
  const share = entry({ expiresAt: clock.now() + 60e6 })
  const leave = visits.enter(share, visitor())
  visits.enter(share, visitor())
  leave()
  clock.advance(59_999)
  expect(ended).toEqual([])
  clock.advance(1)
  expect(ended).toEqual(['share.expired'])
})

test('a change ends all that watch by this share, and nobody else', () => {
  const { shares, visits, ended, visitor } = setUp()
  for (const id of ['a1', 'a1', 'b2']) visits.enter(entry({ id }), visitor())
  shares.onChanged('a1', new PortholeError('share.changed'))
  expect(ended).toEqual(['share.changed', 'share.changed'])
})

test('who left leaves room, once', () => {
  const { visits, visitor } = setUp()
  const share = entry({ maxViewers: 2 })
  const leave = visits.enter(share, visitor())
  visits.enter(share, visitor())
  expect(() => visits.enter(share, visitor())).toThrow(new PortholeError('share.full'))
  leave()
  leave()
  expect(visits.count('a1')).toBe(1)
  visits.enter(share, visitor())
  expect(() => visits.enter(share, visitor())).toThrow(new PortholeError('share.full'))
})

test('wrong passcodes are counted by address; who knows it elsewhere gets in, and here after a minute', () => {
  const { clock, visits, viewed, visitor } = setUp()
  const share = entry({ passcode: 'right' })
  const say = (passcode: string, address = '192.0.2.1') => visits.enter(share, visitor({ passcode, address }))
  for (let i = 0; i < 5; i++) expect(() => say('wrong')).toThrow(new PortholeError('share.wrong'))
  expect(() => say('right')).toThrow(expect.objectContaining({ code: 'request.rate' }))
  say('right', '192.0.2.2')
  clock.advance(60_000)
  // Right ones count nothing, however many.
  for (let i = 0; i < 30; i++) say('right')
  expect(viewed).toHaveLength(31)
})

test.each([
  [null, 'https://any.example', true],
  [null, undefined, true],
  [[], undefined, true],
  [[], 'https://any.example', false],
  [['https://a.example'], 'https://a.example', true],
  [['https://a.example'], 'https://sub.a.example', false],
  [['https://a.example'], 'http://a.example', false],
  [['https://a.example'], 'null', false],
])('a share for %j is shown on %s: %s', (origins, origin, may) => {
  expect(mayEmbed({ origins }, origin)).toBe(may)
})
