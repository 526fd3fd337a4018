import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, IN_MEMORY, openDatabase } from '../store/database.ts'
import { FakeClock } from '../testing/clock.ts'
import { Audit, REFUSED } from './audit.ts'

let database: Database
let clock: FakeClock
let audit: Audit
let lines: string[]
beforeEach(async () => {
  database = await openDatabase(IN_MEMORY)
  clock = new FakeClock()
  lines = []
  audit = new Audit(database, clock, pino({}, { write: (line) => lines.push(line) }))
})
afterEach(async () => {
  await audit.close()
  await database.destroy()
})

const refusal = { what: REFUSED, by: 'ada', code: 'auth.wrong', address: '192.0.2.7' }

describe('the audit log', () => {
  test('keeps what happened in order, the newest first, a page at a time', async () => {
    for (let i = 0; i < 5; i++) void audit.record({ what: 'porthole.camera.create', by: 'owner', subject: `camera-${i}` })
    const [first, second] = await audit.list({ limit: 2 })
    expect([first?.subject, second?.subject]).toEqual(['camera-4', 'camera-3'])
    const rest = await audit.list({ limit: 10, before: second?.id })
    expect(rest.map(({ subject }) => subject)).toEqual(['camera-2', 'camera-1', 'camera-0'])
  })

  test('counts the same refusal within a minute, and writes the count by itself', async () => {
    for (let i = 0; i < 300; i++) void audit.record(refusal)
    await audit.record({ ...refusal, address: '192.0.2.8' })
    const counts = async () => (await database.selectFrom('audit').select('count').orderBy('id').execute()).map(({ count }) => count)
    expect(await counts()).toEqual([1, 1])
    clock.advance(5000)
    await audit.list({ limit: 1 })
    expect(await counts()).toEqual([300, 1])
    clock.advance(60_000)
    await audit.record(refusal)
    expect(await counts()).toEqual([300, 1, 1])
    // Changes are never one.
    for (let i = 0; i < 2; i++) await audit.record({ what: 'porthole.user.update', by: 'owner', subject: 'ada' })
    expect(await counts()).toEqual([300, 1, 1, 1, 1])
  })

  test('grows no further, and refusals push no changes out', async () => {
    await audit.record({ what: 'porthole.user.create', by: 'owner', subject: 'ada' })
    const rows = Array.from({ length: 6000 }, (_, i) => ({
      at: i,
      what: REFUSED,
      by: null,
      subject: null,
      code: 'auth.wrong',
      address: `a${i}`,
      count: 1,
    }))
    for (let i = 0; i < rows.length; i += 500)
      await database
        .insertInto('audit')
        .values(rows.slice(i, i + 500))
        .execute()
    for (let i = 0; i < 101; i++) await audit.record({ ...refusal, address: `b${i}` })
    const count = async (what: string) => (await database.selectFrom('audit').select('id').where('what', '=', what).execute()).length
    expect(await count(REFUSED)).toBeLessThanOrEqual(5100)
    expect(await count('porthole.user.create')).toBe(1)
  })

  test('loses what it cannot write, says so, and goes on', async () => {
    await database.schema.alterTable('audit').renameTo('elsewhere').execute()
    await audit.record(refusal)
    expect(lines.join('')).toContain('audit entry lost')
    await database.schema.alterTable('elsewhere').renameTo('audit').execute()
    await audit.record({ ...refusal, by: 'eve' })
    expect(await audit.list({ limit: 9 })).toMatchObject([{ by: 'eve' }])
  })
})
