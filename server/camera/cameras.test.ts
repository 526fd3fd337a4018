import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bus } from '../bus/bus.ts'
import { EventLog } from '../bus/log.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { FakeClock } from '../testing/clock.ts'
import { FakeReader } from '../testing/reader.ts'
import { Cameras, UNDO_MS } from './cameras.ts'

const source = { kind: 'browser' } as const
let directory: string
let database: Database
let clock: FakeClock
let bus: Bus

let events: EventLog
/** Kinds and ids of what was told, in order. */
let told: string[]

const log = pino({ level: 'silent' })
const load = async () => {
  events = await EventLog.load({ database, clock, log })
  told = []
  events.onTold(({ kind, camera }) => told.push(`${kind} ${camera.id}`))
  return Cameras.load({ database, bus, events, clock, log, runSource: () => undefined })
}
/** A camera's end by its timer is a write to the database: wait for what it tells. */
const removed = () =>
  new Promise<string>((resolve) => {
    const stop = events.onTold(({ kind, camera }) => {
      if (kind !== 'camera.removed') return
      stop()
      resolve(camera.id)
    })
  })

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porthole-cameras-'))
  database = await openDatabase(directory)
  clock = new FakeClock()
  bus = new Bus(clock)
})
afterEach(async () => {
  await database.destroy()
  rmSync(directory, { recursive: true })
})

describe('cameras', () => {
  test('survive a restart, with owner and expiry', async () => {
    const made = await (await load()).create({ name: 'Garden', source, expiresIn: 3600 }, 'owner')
    await database.destroy()
    database = await openDatabase(directory)
    bus = new Bus(clock)
    const cameras = await load()
    expect(cameras.list()).toEqual([made])
    expect(made).toMatchObject({ id: 'garden', owner: 'owner', source })
    expect(Date.parse(made.expiresAt ?? '') - Date.parse(made.createdAt)).toBe(3_600_000)
    expect(bus.find('garden')).toBeDefined()
  })

  test('get an id from their name, and no id twice, whatever became of it', async () => {
    const cameras = await load()
    const create = async (name: string) => (await cameras.create({ name, source }, 'owner')).id
    expect(await create('Über den Dächern')).toBe('uber-den-dachern')
    expect(await create('Über den Dächern')).toBe('uber-den-dachern-2')
    await cameras.delete('uber-den-dachern')
    clock.advance(UNDO_MS + 1)
    expect(await create('Über den Dächern')).toBe('uber-den-dachern-3')
    expect(await create('🐭')).toBe('camera')
    expect(await create('x'.repeat(80))).toMatch(/^x{56}$/)
    await expect(cameras.create({ id: 'uber-den-dachern', name: 'x', source }, 'owner')).rejects.toMatchObject({ code: 'camera.exists' })
  })

  test('of phones are nowhere but in memory, and go for good', async () => {
    const cameras = await load()
    const rows = () => database.selectFrom('camera').selectAll().execute()
    const phone = cameras.createTemporary('Bo', 'ada')
    expect(phone).toMatchObject({ name: 'Bo', owner: 'ada', source, temporary: true })
    expect(cameras.list()).toEqual([phone])
    expect(await cameras.status(phone.id)).toMatchObject({ state: 'offline' })
    expect(await cameras.ownerOf(phone.id)).toBe('ada')
    expect(await cameras.update(phone.id, { name: 'Cy' })).toMatchObject({ name: 'Cy', temporary: true })
    await expect(cameras.getLasting(phone.id)).rejects.toMatchObject({ code: 'camera.temporary' })
    await expect(cameras.create({ id: phone.id, name: 'x', source }, 'ada')).rejects.toMatchObject({ code: 'camera.exists' })
    await cameras.handOver('ada', 'bo')
    expect(cameras.find(phone.id)?.owner).toBe('bo')
    // Deleted by hand, like any camera; but there is no way back.
    await cameras.delete(phone.id)
    await expect(cameras.restore(phone.id)).rejects.toMatchObject({ code: 'camera.unknown' })
    await expect(cameras.get(phone.id)).rejects.toMatchObject({ code: 'camera.unknown' })
    const other = cameras.createTemporary('Bo', 'ada')
    expect(other.id).not.toBe(phone.id)
    cameras.dismiss(other.id)
    cameras.dismiss(other.id)
    await events.close()
    expect(told.filter((what) => what.startsWith('camera.removed'))).toEqual([`camera.removed ${phone.id}`, `camera.removed ${other.id}`])
    expect(events.last).toBe(0)
    expect([await rows(), bus.find(other.id)]).toEqual([[], undefined])
    const lasting = await cameras.create({ name: 'Garden', source }, 'ada')
    cameras.dismiss(lasting.id)
    expect(cameras.list()).toEqual([lasting])
  })

  test('made at the same time with one name are two', async () => {
    const cameras = await load()
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await cameras.create({ name: 'Door', source }, 'owner')).id))
    expect(new Set(ids).size).toBe(8)
  })

  test('that are deleted end everybody, and can be brought back for 30 s', async () => {
    const cameras = await load()
    await cameras.create({ name: 'Garden', source }, 'owner')
    const reader = new FakeReader()
    bus.channel('garden').subscribe(reader)
    await cameras.delete('garden')
    expect(reader.ended).toMatchObject({ code: 'camera.deleted' })
    await expect(cameras.get('garden')).rejects.toMatchObject({ code: 'camera.deleted' })
    await expect(cameras.delete('garden')).rejects.toMatchObject({ code: 'camera.deleted' })
    clock.advance(UNDO_MS - 1)
    await cameras.restore('garden')
    expect(told).toEqual(['camera.created garden', 'camera.removed garden', 'camera.created garden'])
    expect(cameras.find('garden')).toBeDefined()
    await expect(cameras.restore('garden')).rejects.toMatchObject({ code: 'camera.undo' })
    await cameras.delete('garden')
    clock.advance(UNDO_MS + 1)
    await expect(cameras.restore('garden')).rejects.toMatchObject({ code: 'camera.undo' })
    await expect(cameras.restore('nobody')).rejects.toMatchObject({ code: 'camera.unknown' })
  })

  test('expire, also when their time passed while the server was off', async () => {
    const cameras = await load()
    await cameras.create({ name: 'Day', source, expiresIn: 3600 }, 'owner')
    await cameras.create({ name: 'Years', source, expiresIn: 5 * 366 * 86_400 }, 'owner')
    const reader = new FakeReader()
    bus.channel('day').subscribe(reader)
    const gone = removed()
    clock.advance(3_600_000)
    expect(await gone).toBe('day')
    expect(reader.ended).toMatchObject({ code: 'camera.expired' })
    await cameras.create({ name: 'Hour', source, expiresIn: 3600 }, 'owner')
    await cameras.close()
    clock.advance(7_200_000)
    bus = new Bus(clock)
    const later = await load()
    const late = removed()
    clock.advance(0)
    expect(await late).toBe('hour')
    expect(later.list().map(({ id }) => id)).toEqual(['years'])
  })

  test('are renamed and given another time to live', async () => {
    const cameras = await load()
    await cameras.create({ name: 'Garden', source, expiresIn: 60 }, 'owner')
    const changed = await cameras.update('garden', { name: 'Yard', expiresIn: 3600 })
    expect(changed).toMatchObject({ id: 'garden', name: 'Yard' })
    clock.advance(120_000)
    expect(cameras.find('garden')).toMatchObject({ name: 'Yard' })
    await expect(cameras.update('nobody', { name: 'x' })).rejects.toMatchObject({ code: 'camera.unknown' })
  })
})
