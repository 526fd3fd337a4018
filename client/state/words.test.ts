import { describe, expect, it } from 'vitest'
import { ApiError, NetworkError } from '../../shared/client/call.ts'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import type { PlayerStatus } from '../player/types.ts'
import { displayOf, goneBecause } from './display.ts'
import { age, ago, bitRate, clockTime, codecName, platformName, snapshotName } from './format.ts'
import { camera, statusOf } from './testing.ts'
import { adviceFor, wordsFor } from './texts.ts'

const player = (state: PlayerStatus['state'], change: Partial<PlayerStatus> = {}) =>
  ({ state, since: 5, error: null, ...change }) as PlayerStatus
const offline = statusOf('a', { state: 'offline', since: '2025-06-01T10:00:00.000Z' })

describe('what a picture is said to be', () => {
  it.each([
    ['nothing is known', undefined, undefined, 'open', 'connecting', null],
    ['only the feed is known', undefined, offline, 'open', 'offline', Date.parse(offline.since)],
    ['the player sees it', player('live'), offline, 'open', 'live', 5],
    ['the player waits for a camera that is offline', player('waiting'), offline, 'open', 'offline', Date.parse(offline.since)],
    ['the player waits', player('waiting'), statusOf('a'), 'open', 'waiting', null],
    ['the player says offline', player('offline'), statusOf('a'), 'open', 'offline', 5],
    ['the connection is lost, and what the feed said is old', player('connecting'), offline, 'lost', 'connecting', null],
  ] as const)('when %s', (_when, player, status, feed, state, since) => {
    expect(displayOf(player, status, feed)).toEqual({ state, since, code: null })
  })

  it('says why it ended', () => {
    const ended = player('ended', { error: { code: 'camera.expired', message: '' } })
    expect(displayOf(ended, undefined, 'open').code).toBe('camera.expired')
    expect(goneBecause(camera('a', { expiresAt: '2025-06-01T10:00:00.000Z' }), Date.parse('2025-06-01T10:00:01.000Z'))).toBe(
      'camera.expired',
    )
    expect(goneBecause(camera('a'), Date.now())).toBe('camera.deleted')
  })
})

describe('words', () => {
  it('has a title for every code', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) expect(adviceFor(code).title).not.toBe('')
  })

  it('makes sentences of errors', () => {
    expect(wordsFor(new ApiError('auth.wrong'))).toBe('Wrong user or password. Check both and try again.')
    expect(wordsFor(new ApiError('server.internal'))).toBe(ERRORS['server.internal'].title)
    expect(wordsFor(new NetworkError('x'))).toContain('cannot be reached')
    expect(wordsFor(new Error('secret'))).not.toContain('secret')
  })
})

describe('numbers and times', () => {
  const now = new Date(2025, 5, 1, 14, 8, 0).getTime()

  it.each([
    [38.4, '38 ms'],
    [-3, '0 ms'],
    [1400, '1.4 s'],
    [12_300, '12 s'],
  ])('age %d', (ms, text) => expect(age(ms)).toBe(text))

  it('writes rates and codecs', () => {
    expect(bitRate(640.4)).toBe('640 kbit/s')
    expect(bitRate(2440)).toBe('2.4 Mbit/s')
    expect(['avc1.42001f', 'vp09.00.10.08', 'av01.0.04M.08', 'jpeg', 'what.ever'].map(codecName)).toEqual([
      'H.264',
      'VP9',
      'AV1',
      'JPEG',
      'what.ever',
    ])
  })

  it('tells the time, and the day when it was another', () => {
    expect(clockTime(now - 5 * 60_000, now, 'en-GB')).toBe('14:03')
    expect(clockTime(now - 24 * 3_600_000, now, 'en-GB')).toMatch(/31 May.*14:08/)
  })

  it.each([
    [20_000, 'just now'],
    [-5000, 'just now'],
    [5 * 60_000, '5 minutes ago'],
    [61 * 60_000, '1 hour ago'],
    [25 * 3_600_000, 'yesterday'],
  ])('%d ms is %s', (span, text) => expect(ago(now - span, now)).toBe(text))

  it('names files and devices', () => {
    expect(snapshotName('front-door', new Date(2025, 5, 1, 9, 3, 7))).toBe('front-door 2025-06-01 09.03.07.jpg')
    expect(platformName('Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari')).toBe('Android phone')
    expect(platformName('Mozilla/5.0 (X11; Linux x86_64)')).toBe('Linux PC')
    expect(platformName('curl')).toBeUndefined()
  })
})
