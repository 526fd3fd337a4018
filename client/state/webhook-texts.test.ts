import { describe, expect, it } from 'vitest'
import { ApiError } from '../../shared/client/call.ts'
import type { Delivery, Webhook } from '../../shared/model/webhook.ts'
import { addressRefusal, deliveryTitle, deliveryWords, eventsOf, kindName, stateOf, stateWords, testWords } from './webhook-texts.ts'

const now = new Date(2025, 5, 1, 14, 8, 0)
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString()
const names: Record<string, string> = { door: 'Front door', attic: 'Attic' }
const nameOf = (id: string) => names[id] ?? id
const webhook = (change: Partial<Webhook> = {}) => ({ active: true, failingSince: null, waiting: 0, ...change }) as Webhook
const delivery = (change: Partial<Delivery> = {}) =>
  ({ kind: 'camera.changed', state: 'waiting', attempts: 0, status: null, error: null, ms: null, nextAt: at(0), ...change }) as Delivery

describe('what a webhook is told', () => {
  it.each([
    [null, null, 'All events of all cameras'],
    [['camera.removed'], ['door', 'gone'], 'Camera removed of Front door, gone'],
    [null, ['a', 'b', 'c', 'd', 'e'], 'All events of a, b, c and 2 more'],
  ])('%j of %j', (kinds, cameras, words) => expect(eventsOf({ kinds, cameras }, nameOf)).toBe(words))

  it('has words for kinds, also for one that is newer than this page', () => {
    expect(['test', 'camera.status', 'camera.melted', 'toString'].map(kindName)).toEqual([
      'Test',
      'Camera on or off',
      'camera.melted',
      'toString',
    ])
  })
})

it.each([
  [webhook(), 'on', 'Delivering'],
  [webhook({ waiting: 2 }), 'on', 'Delivering · 2 waiting'],
  [webhook({ failingSince: at(-300), waiting: 1 }), 'failing', 'Failing since 14:03 · 1 waiting'],
  [webhook({ active: false, failingSince: at(-300) }), 'off', 'Switched off'],
])('a webhook %j is %s', (what, state, words) => {
  expect(stateOf(what)).toBe(state)
  expect(stateWords(what, now.getTime(), 'en-GB')).toBe(words)
})

describe('a delivery', () => {
  it.each([
    [{ state: 'delivered', attempts: 1, status: 200, ms: 12 }, 'delivered: status 200 after 12 ms'],
    [{ state: 'delivered', attempts: 3, status: 204, ms: 1400 }, 'delivered: status 204 after 1.4 s · 3 attempts'],
    [{ state: 'failed', attempts: 9, status: 500, error: 'status 500', ms: 5 }, 'failed: status 500 · after 5 ms · 9 attempts'],
    [{ state: 'failed', attempts: 1, error: 'this camera is not yours', ms: 0 }, 'failed: this camera is not yours'],
    [{}, 'waiting'],
    [{ attempts: 1, status: 200, ms: 12 }, 'waiting'],
    [
      { attempts: 2, error: 'no answer within 10 s', ms: 10_000, nextAt: at(25) },
      'failed: no answer within 10 s · after 10 s · 2 attempts · again at 14:08:25',
    ],
    [{ attempts: 1, error: 'status 503', ms: 3, nextAt: at(-1) }, 'failed: status 503 · after 3 ms · again soon'],
  ] as [Partial<Delivery>, string][])('%j', (what, words) => {
    expect(deliveryWords(delivery(what), now.getTime(), 'en-GB')).toBe(words)
  })

  it('is of a camera, by its name as long as there is one', () => {
    expect(deliveryTitle(delivery({ camera: 'door' }), nameOf)).toBe('Camera changed · Front door')
    expect(deliveryTitle(delivery({ camera: 'gone' }), nameOf)).toBe('Camera changed · gone')
    expect(deliveryTitle(delivery({ kind: 'test' }), nameOf)).toBe('Test')
  })

  it('that was a test says what came of it', () => {
    expect(testWords(delivery({ state: 'delivered', status: 200, ms: 12 }))).toBe('The test was accepted: status 200 after 12 ms.')
    expect(testWords(delivery({ state: 'failed', error: 'status 500', ms: 3 }))).toBe('The test was not accepted: status 500, after 3 ms.')
  })
})

it('an address that is refused is told at its field, everything else is not', () => {
  expect(addressRefusal(new ApiError('webhook.address'))).toContain('webhooks.allow')
  expect([new ApiError('server.limit'), new Error('x')].map(addressRefusal)).toEqual([undefined, undefined])
})
