import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { Webhook as Verifier } from 'standardwebhooks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Vault } from '../auth/vault.ts'
import type { Avatar } from '../base/handlers.ts'
import { EventLog, type Fact } from '../bus/log.ts'
import { type Database, IN_MEMORY, openDatabase } from '../store/database.ts'
import { FakeClock } from '../testing/clock.ts'
import { BACKOFF_SECONDS, Deliverer } from './deliverer.ts'
import { AddressGuard, type Lookup } from './guard.ts'
import { Outbox } from './outbox.ts'
import { type WebhookEntry, Webhooks } from './webhooks.ts'

const log = pino({ level: 'silent' })
let database: Database
let clock: FakeClock
let events: EventLog
let webhooks: Webhooks
let outbox: Outbox
let deliverer: Deliverer
let receiver: Server
let url: string
/** What came, and what is answered. */
let came: { headers: Record<string, string>; body: string }[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let mayWatch: boolean

const removed = (id: string): Fact => ({ kind: 'camera.removed', camera: { id, owner: 'ada' }, payload: { id } })
const status =
  (code: number, headers = {}) =>
  (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(code, headers).end()

beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  came = []
  answer = status(200)
  mayWatch = true
  receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    came.push({ headers: request.headers as Record<string, string>, body })
    answer(request, response)
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  events = await EventLog.load({ database, clock, log })
  webhooks = await Webhooks.load({ database, vault: new Vault(randomBytes(32)), clock, log })
  start()
  events.writeAlong(async (transaction, all) => {
    for (const told of all) await outbox.put(transaction, told, webhooks.wanting(told))
  })
  events.onTold((told) => {
    for (const { id } of webhooks.wanting(told)) deliverer.wake(id)
  })
})
afterEach(async () => {
  await deliverer.close()
  receiver.closeAllConnections()
  receiver.close()
  await database.destroy()
})

function start(lookup?: Lookup, allow = ['127.0.0.1']): void {
  outbox = new Outbox(database)
  const avatar = { may: () => mayWatch } as unknown as Avatar
  const guard = new AddressGuard(allow, lookup)
  deliverer = new Deliverer({ webhooks, outbox, guard, clock, log, avatarOf: () => avatar, ownerOf: async () => 'ada', random: () => 0.5 })
  deliverer.start()
}
const settled = async ({ id }: WebhookEntry, ...states: string[]) => {
  await expect.poll(async () => (await outbox.list(id, undefined, 100)).map(({ state }) => state).reverse()).toEqual(states)
  return (await outbox.list(id, undefined, 100)).reverse()
}
/** Until an attempt was written down. */
const attempted = (id: string, count: number) => expect.poll(async () => (await outbox.list(id, undefined, 1))[0]?.attempts).toBe(count)

test('an event is posted, signed so that a library of the standard takes it, and no other does', async () => {
  const webhook = await webhooks.create({ url }, 'ada')
  await events.tell(removed('garden'))
  const [delivery] = await settled(webhook, 'delivered')
  expect(delivery).toMatchObject({ event: 1, kind: 'camera.removed', camera: 'garden', status: 200, attempts: 1 })
  const [{ headers, body }] = came as [{ headers: Record<string, string>; body: string }]
  expect(JSON.parse(body)).toMatchObject({ type: 'event', id: 1, kind: 'camera.removed', topic: 'porthole.camera.garden.removed' })
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': 'event-1',
    'user-agent': expect.stringMatching(/^Porthole\//),
  })
  // The library holds the time against its own clock.
  const now = Math.floor(Date.now() / 1000)
  const { signed } = await import('./sign.ts')
  const fresh = signed(webhook.secret, 'event-1', now, body)
  expect(new Verifier(webhook.secret).verify(body, fresh)).toEqual(JSON.parse(body))
  expect(signed(webhook.secret, 'event-1', Number(headers['webhook-timestamp']), body)['webhook-signature']).toBe(
    headers['webhook-signature'],
  )
  expect(Number(headers['webhook-timestamp'])).toBe(Math.floor(clock.date() / 1000))
  expect(() => new Verifier(webhook.secret).verify(`${body} `, fresh)).toThrow()
  expect(() => new Verifier((webhooks.find(webhook.id) as WebhookEntry).secret.replace(/.{4}$/, 'AAA=')).verify(body, fresh)).toThrow()
})

test('filters by camera and kind, and says nothing while it is switched off', async () => {
  const webhook = await webhooks.create({ url, cameras: ['garden'], kinds: ['camera.removed'] }, 'ada')
  await events.tell(removed('door'))
  await events.tell(removed('garden'))
  await settled(webhook, 'delivered')
  await webhooks.update(webhook.id, { active: false })
  await events.tell(removed('garden'))
  await webhooks.update(webhook.id, { active: true, cameras: null })
  await events.tell(removed('door'))
  const list = await settled(webhook, 'delivered', 'delivered')
  expect(list.map(({ event }) => event)).toEqual([2, 4])
})

test('is tried again with growing pauses for 22 hours, then fails, and is the same message each time', async () => {
  answer = status(500)
  const webhook = await webhooks.create({ url }, 'ada')
  await events.tell(removed('garden'))
  for (const [i, seconds] of BACKOFF_SECONDS.entries()) {
    await attempted(webhook.id, i + 1)
    expect((await outbox.next(webhook.id))?.next_at).toBe(clock.now() + seconds * 1e6)
    clock.advance(seconds * 1000 - 1)
    expect(came).toHaveLength(i + 1)
    clock.advance(1)
  }
  await settled(webhook, 'failed')
  expect(came).toHaveLength(9)
  expect(new Set(came.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['event-1']))
  expect(new Set(came.map(({ body }) => body)).size).toBe(1)
  expect(deliverer.failingSince(webhook.id)).toBeDefined()
  // By hand, when the receiver is well again.
  answer = status(204)
  await outbox.again(webhook.id, 1, clock.now())
  clock.advance(300_000)
  deliverer.wake(webhook.id)
  await settled(webhook, 'delivered')
  expect(deliverer.failingSince(webhook.id)).toBeUndefined()
})

test('one event that is refused keeps no other waiting; a receiver that is down is asked less and less', async () => {
  answer = (request, response) => response.writeHead(request.headers['webhook-id'] === 'event-1' ? 422 : 200).end()
  const webhook = await webhooks.create({ url }, 'ada')
  for (const id of ['a', 'b', 'c']) await events.tell(removed(id))
  await settled(webhook, 'waiting', 'delivered', 'delivered')
  answer = status(503, { 'retry-after': '120' })
  for (let i = 0; i < 20; i++) await events.tell(removed('d'))
  await expect.poll(() => came.length).toBe(4)
  clock.advance(119_000)
  await events.tell(removed('e'))
  expect(came).toHaveLength(4)
  answer = status(200)
  clock.advance(2000)
  await settled(webhook, ...Array(24).fill('delivered'))
})

test('goes on with what waits after a restart, and posts what was being posted again', async () => {
  let hang = true
  answer = (request, response) => (hang ? request.socket.once('close', () => {}) : response.end())
  const webhook = await webhooks.create({ url }, 'ada')
  await events.tell(removed('a'))
  await events.tell(removed('b'))
  await expect.poll(() => came.length).toBe(1)
  await deliverer.close()
  hang = false
  start()
  const list = await settled(webhook, 'delivered', 'delivered')
  expect(list.map(({ attempts }) => attempts)).toEqual([1, 1])
  expect(came.map(({ headers }) => headers['webhook-id'])).toEqual(['event-1', 'event-1', 'event-2'])
})

test('tells nothing any more of a camera that its user may not watch now', async () => {
  const webhook = await webhooks.create({ url }, 'ada')
  mayWatch = false
  await events.tell(removed('a'))
  expect(await settled(webhook, 'failed')).toMatchObject([{ error: 'its user may not watch this camera any more', status: null }])
  expect(came).toEqual([])
})

test('posts to no internal address: as it is written, by name, by a name that changes, by a redirect', async () => {
  const { port } = receiver.address() as AddressInfo
  await deliverer.close()
  let asked = 0
  // The first answer would pass, the second is what a rebinding server says when the connection is made.
  start((_name, callback) => callback(null, [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]), ['127.0.0.1'])
  const rebound = await webhooks.create({ url: `http://receiver.example:${port}/` }, 'ada')
  await events.tell(removed('a'))
  await settled(rebound, 'delivered')
  await events.tell(removed('b'))
  await attempted(rebound.id, 1)
  expect((await settled(rebound, 'delivered', 'waiting'))[1]).toMatchObject({
    error: expect.stringContaining('internal address'),
    status: null,
  })
  await webhooks.delete(rebound.id)
  for (const host of ['127.0.0.9', '[::1]', '[::ffff:127.0.0.9]', '169.254.169.254', '2130706441']) {
    const webhook = await webhooks.create({ url: `http://${host}:${port}/` }, 'ada')
    await events.tell(removed('c'))
    await attempted(webhook.id, 1)
    expect((await settled(webhook, 'waiting'))[0], host).toMatchObject({ error: expect.stringContaining('internal address') })
    await webhooks.delete(webhook.id)
  }
  answer = status(302, { location: `http://127.0.0.1:${port}/secret` })
  const redirected = await webhooks.create({ url }, 'ada')
  const before = came.length
  await events.tell(removed('d'))
  await attempted(redirected.id, 1)
  expect((await settled(redirected, 'waiting'))[0]).toMatchObject({ status: 302, error: 'redirects are not followed' })
  expect(came).toHaveLength(before + 1)
})

test('reads little of an answer, waits for none for ever, and is switched off by one that is gone', async () => {
  answer = (_request, response) => {
    response.writeHead(200)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    }
    response.on('drain', more)
    more()
  }
  const webhook = await webhooks.create({ url }, 'ada')
  await events.tell(removed('a'))
  await settled(webhook, 'delivered')
  answer = status(410)
  await events.tell(removed('b'))
  await settled(webhook, 'delivered', 'failed')
  expect(webhooks.get(webhook.id).active).toBe(false)
})

test('a receiver that changes the protocol, or hangs up, holds up nobody', async () => {
  answer = (_request, response) => response.writeHead(101, { connection: 'Upgrade', upgrade: 'x' }).end()
  const webhook = await webhooks.create({ url }, 'ada')
  await events.tell(removed('a'))
  await attempted(webhook.id, 1)
  expect((await settled(webhook, 'waiting'))[0]).toMatchObject({ status: 101 })
  answer = (request) => request.socket.destroy()
  clock.advance(5000)
  await attempted(webhook.id, 2)
  expect((await settled(webhook, 'waiting'))[0]).toMatchObject({ status: null, error: expect.any(String) })
})

test('of too many that wait the oldest fail', async () => {
  const webhook = await webhooks.create({ url: 'http://127.0.0.1:1/' }, 'ada')
  await deliverer.close()
  for (let i = 0; i < 5; i++)
    await events.record(async (_transaction, tell) => {
      for (let j = 0; j < 420; j++) tell(removed('a'))
    })
  expect(await outbox.countWaiting(webhook.id)).toBeLessThanOrEqual(2000)
  const oldest = (await outbox.list(webhook.id, 2, 1))[0]
  expect(oldest).toMatchObject({ state: 'failed', error: 'more than 2000 waited' })
  expect((await outbox.list(webhook.id, undefined, 1))[0]).toMatchObject({ state: 'waiting', event: 2100 })
})

test('what is changed at once stays changed in the database too', async () => {
  const { id } = await webhooks.create({ url }, 'ada')
  const [, { secret }] = await Promise.all([webhooks.update(id, { url: 'http://127.0.0.1:2/' }), webhooks.rotate(id)])
  expect(webhooks.get(id)).toMatchObject({ url: 'http://127.0.0.1:2/', secret })
  expect(await database.selectFrom('webhook').select('url').executeTakeFirst()).toEqual({ url: 'http://127.0.0.1:2/' })
})

test('keeps so many that wait, and so many that are over', async () => {
  answer = status(200)
  const webhook = await webhooks.create({ url }, 'ada')
  await events.record(async (_transaction, tell) => {
    for (let i = 0; i < 320; i++) tell(removed('a'))
  })
  await expect.poll(async () => outbox.countWaiting(webhook.id), { timeout: 15_000 }).toBe(0)
  const kept = (await outbox.list(webhook.id, undefined, 1000)).length
  expect(kept).toBeGreaterThanOrEqual(200)
  expect(kept).toBeLessThanOrEqual(250)
  expect(came).toHaveLength(320)
}, 20_000)
