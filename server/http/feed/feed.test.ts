import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Avatar } from '../../base/handlers.ts'
import { EventLog, type Fact } from '../../bus/log.ts'
import { type Database, IN_MEMORY, openDatabase } from '../../store/database.ts'
import { FakeClock } from '../../testing/clock.ts'
import { FakeSocket } from '../../testing/socket.ts'
import { Feed } from './feed.ts'

const log = pino({ level: 'silent' })
let database: Database
let clock: FakeClock
let events: EventLog
let feed: Feed
/** Cameras that the reader may watch, of those there are or were. */
let mine: Set<string>
const owners = new Map([
  ['a', 'ada'],
  ['b', 'ada'],
  ['c', 'bo'],
])
const avatar = { user: 'ada', role: 'viewer', feeds: undefined, isKey: false, may: (_act, { id }) => mine.has(id) } as Avatar
const removed = (id: string): Fact => ({ kind: 'camera.removed', camera: { id, owner: owners.get(id) ?? '' }, payload: { id } })
const status = (id: string): Fact => ({
  kind: 'camera.status',
  camera: { id, owner: 'ada' },
  payload: { id, state: 'live', since: '2026-01-01T00:00:00.000Z', publishing: true, viewers: 1 },
})

beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  mine = new Set(['a', 'b'])
  await load()
})
afterEach(() => database.destroy())

async function load(maxEvents = 1000): Promise<void> {
  events = await EventLog.load({ database, clock, log, maxEvents })
  feed = new Feed({ events, clock, ownerOf: async (id) => owners.get(id), snapshot: () => ({ cameras: [], status: [] }) })
}
const open = (wish = {}) => {
  const socket = new FakeSocket()
  feed.openSocket(socket, avatar, wish)
  return socket
}
/** What was heard, in short: `snapshot 3`, `1 a`. */
const heard = (socket: FakeSocket) =>
  socket.texts.map(({ type, last, id, camera, after, before }) =>
    type === 'snapshot' ? `snapshot ${last}` : type === 'gap' ? `gap ${after}-${before}` : `${id ?? '-'} ${camera}`,
  )
const settled = async (socket: FakeSocket, last: string) => expect.poll(() => heard(socket).at(-1)).toBe(last)

test('begins with what is now', async () => {
  await events.tell(removed('a'))
  const socket = open()
  await settled(socket, 'snapshot 1')
  await events.tell(removed('b'))
  await events.pass(status('a'))
  expect(heard(socket)).toEqual(['snapshot 1', '2 b', '- a'])
})

test('who comes back hears each event once, then what is now', async () => {
  for (let i = 0; i < 500; i++) await events.tell(removed(i % 2 ? 'a' : 'b'))
  const socket = open({ after: 3 })
  // Told while it reads.
  const during = Promise.all(Array.from({ length: 50 }, () => events.tell(removed('a'))))
  await during
  await expect.poll(() => heard(socket).some((what) => what.startsWith('snapshot'))).toBe(true)
  await events.tell(removed('b'))
  const ids = socket.texts.flatMap(({ type, id }) => (type === 'event' ? [id] : []))
  expect(ids).toEqual(Array.from({ length: 548 }, (_, i) => i + 4))
})

test('asks at each delivery, of what was missed too', async () => {
  for (const id of ['a', 'c', 'b']) await events.tell(removed(id))
  const late = open({ after: 0 })
  await settled(late, 'snapshot 3')
  expect(heard(late)).toEqual(['1 a', '3 b', 'snapshot 3'])
  mine.delete('b')
  await events.tell(removed('b'))
  await events.tell(removed('a'))
  expect(heard(late).slice(3)).toEqual(['5 a'])
  // What somebody was given since, they may know.
  mine.add('c')
  const again = open({ after: 1 })
  await settled(again, 'snapshot 5')
  expect(heard(again)).toEqual(['2 c', '5 a', 'snapshot 5'])
})

test('tells of some cameras and kinds alone; of those that nobody may watch it says that there are none', async () => {
  const socket = open({ camera: ['a'], kind: ['camera.removed'], after: 0 })
  await settled(socket, 'snapshot 0')
  for (const fact of [removed('b'), status('a'), removed('a')]) await events.tell(fact)
  expect(heard(socket)).toEqual(['snapshot 0', '3 a'])
  for (const camera of ['c', 'nobody']) {
    const refused = open({ camera: ['a', camera] })
    await expect.poll(() => refused.closed).toMatchObject({ code: 'camera.unknown' })
  }
})

test('says what was trimmed, and that another log is ahead', async () => {
  await load(100)
  for (let i = 0; i < 3; i++)
    await events.record(async (_transaction, tell) => {
      for (let j = 0; j < 300; j++) tell(removed('a'))
    })
  const socket = open({ after: 10 })
  await settled(socket, 'snapshot 900')
  expect(heard(socket)[0]).toBe(`gap 10-${events.first - 1}`)
  expect(heard(socket)[1]).toBe(`${events.first} a`)
  const ahead = open({ after: 5000 })
  await settled(ahead, 'snapshot 900')
  expect(heard(ahead)).toEqual(['gap 5000-900', 'snapshot 900'])
})

test('says what is trimmed while it is read', async () => {
  await load(1000)
  for (let i = 0; i < 4; i++)
    await events.record(async (_transaction, tell) => {
      for (let j = 0; j < 200; j++) tell(removed('a'))
    })
  const socket = new FakeSocket()
  socket.backlog = 2 * 1024 * 1024
  feed.openSocket(socket, avatar, { after: 0 })
  await expect.poll(() => socket.texts.length).toBe(200)
  for (let i = 0; i < 6; i++)
    await events.record(async (_transaction, tell) => {
      for (let j = 0; j < 250; j++) tell(removed('b'))
    })
  expect(events.first).toBeGreaterThan(300)
  socket.backlog = 0
  const last = () => {
    clock.advance(50)
    return heard(socket).at(-1)
  }
  await expect.poll(last).toBe('snapshot 2300')
  expect(heard(socket)[200]).toBe(`gap 200-${events.first - 1}`)
  expect(heard(socket)[201]).toBe(`${events.first} ${events.first <= 800 ? 'a' : 'b'}`)
})

test('closes who does not read, and who resumes misses nothing', async () => {
  const socket = open()
  await settled(socket, 'snapshot 0')
  await events.tell(removed('a'))
  socket.backlog = 2 * 1024 * 1024
  await events.tell(removed('b'))
  expect(socket.closed).toMatchObject({ code: 'server.limit' })
  await events.tell(removed('a'))
  const again = open({ after: 1 })
  await settled(again, 'snapshot 3')
  expect(heard(again)).toEqual(['2 b', '3 a', 'snapshot 3'])
})

test('a reader that takes its time is waited for, then given up', async () => {
  for (let i = 0; i < 450; i++) await events.tell(removed('a'))
  const socket = new FakeSocket()
  socket.backlog = 2 * 1024 * 1024
  feed.openSocket(socket, avatar, { after: 0 })
  await expect.poll(() => socket.texts.length).toBe(200)
  for (let i = 0; i < 250 && !socket.closed; i++) {
    clock.advance(50)
    await Promise.resolve()
  }
  expect(socket.closed).toMatchObject({ code: 'server.limit' })
})

test('all is told anew to whom something was given or taken', async () => {
  const socket = open()
  await settled(socket, 'snapshot 0')
  feed.refresh('bo')
  expect(heard(socket)).toHaveLength(1)
  feed.refresh('ada')
  expect(heard(socket)).toEqual(['snapshot 0', 'snapshot 0'])
})
