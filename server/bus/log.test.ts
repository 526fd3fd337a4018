import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, IN_MEMORY, openDatabase } from '../store/database.ts'
import { FakeClock } from '../testing/clock.ts'
import { EventLog, type Fact, type Told } from './log.ts'

const log = pino({ level: 'silent' })
let database: Database
let clock: FakeClock
let events: EventLog
let heard: Told[]

const load = async (maxEvents?: number) => {
  events = await EventLog.load({ database, clock, log, ...(maxEvents && { maxEvents }) })
  heard = []
  events.onTold((told) => heard.push(told))
}
const removed = (id: string, owner = 'ada'): Fact => ({ kind: 'camera.removed', camera: { id, owner }, payload: { id } })
const ids = () => heard.map(({ id }) => id)

beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  await load()
})
afterEach(() => database.destroy())

test('a fact is kept, then told, with the next number, as one message', async () => {
  await events.tell(removed('garden'))
  await events.tell(removed('door'))
  expect(ids()).toEqual([1, 2])
  expect(JSON.parse(heard[1]?.text ?? '')).toEqual({
    type: 'event',
    id: 2,
    at: new Date(clock.date()).toISOString(),
    kind: 'camera.removed',
    topic: 'porthole.camera.door.removed',
    camera: 'door',
    payload: { id: 'door' },
  })
  expect((await events.read({ after: 0, limit: 10 })).map(({ text }) => text)).toEqual(heard.map(({ text }) => text))
})

test('a change that fails tells nothing and leaves no gap in the numbers', async () => {
  await events.tell(removed('a'))
  const failed = events.record(async (transaction, tell) => {
    await transaction.insertInto('grant').values({ user: 'bo', camera: 'a', created_at: 1 }).execute()
    tell(removed('b'))
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(await database.selectFrom('grant').selectAll().execute()).toEqual([])
  await events.tell(removed('c'))
  expect(ids()).toEqual([1, 2])
})

test('what is applied in memory is true before it is told', async () => {
  let applied = false
  let seen: boolean | undefined
  events.onTold(() => {
    seen = applied
  })
  await events.record(
    async (_transaction, tell) => tell(removed('a')),
    () => {
      applied = true
    },
  )
  expect(seen).toBe(true)
})

test('many at once are told in the order of their numbers, what passes in its turn', async () => {
  await Promise.all([events.tell(removed('a')), events.pass(removed('b')), events.tell(removed('c')), events.pass(removed('d'))])
  expect(heard.map(({ id, camera }) => [id, camera.id])).toEqual([
    [1, 'a'],
    [undefined, 'b'],
    [2, 'c'],
    [undefined, 'd'],
  ])
  expect(await events.read({ after: 0, limit: 10 })).toHaveLength(2)
})

test('what is written along is in the same transaction', async () => {
  events.writeAlong(async () => {
    throw new Error('disk full')
  })
  await events.tell(removed('a'))
  // It could not be kept: it was told all the same, without a number.
  expect(ids()).toEqual([undefined])
  expect(await events.read({ after: 0, limit: 10 })).toEqual([])
})

test('goes on with its numbers after a restart, and keeps the newest', async () => {
  await load(600)
  for (let i = 0; i < 5; i++)
    await events.record(async (_transaction, tell) => {
      for (let j = 0; j < 300; j++) tell(removed(`camera-${j}`))
    })
  expect([events.first, events.last]).toEqual([901, 1500])
  await load(600)
  expect([events.first, events.last]).toEqual([901, 1500])
  await events.tell(removed('a'))
  expect(ids()).toEqual([1501])
  expect((await events.read({ after: 0, limit: 1 }))[0]?.id).toBe(902)
})

test('is read by camera, kind and time', async () => {
  const start = clock.now()
  for (const id of ['a', 'b', 'a']) {
    await events.tell(removed(id))
    clock.advance(1000)
  }
  const read = async (wish: object) => (await events.read({ after: 0, limit: 10, ...wish })).map(({ id }) => id)
  expect(await read({ cameras: ['a'] })).toEqual([1, 3])
  expect(await read({ cameras: ['a'], after: 1 })).toEqual([3])
  expect(await read({ kinds: ['camera.status'] })).toEqual([])
  expect(await read({ from: start + 1e6, to: start + 2e6 })).toEqual([2])
  expect((await events.newest('camera.removed')).map(({ id }) => id)).toEqual([2, 3])
})
