import { type Selectable, sql } from 'kysely'
import type { AuditEntry } from '../../shared/model/audit.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { putNewest } from '../base/newest.ts'
import type { AuditRow, Database } from '../store/database.ts'

/** What the entry of a refusal is called. */
export const REFUSED = 'refused'
/** Entries that are kept, by kind: who is refused often, or signs in often, cannot wash away what was done. */
const KINDS = [
  { most: 5_000, is: sql<boolean>`what = ${REFUSED}` },
  { most: 5_000, is: sql<boolean>`what like 'porthole.session.%'` },
  { most: 20_000, is: sql<boolean>`what != ${REFUSED} and what not like 'porthole.session.%'` },
]
/** Entries written between two looks at how many there are. */
const TRIM_EVERY = 100
/** Milliseconds in which the same refusal becomes one entry with a count, and after which the count is written; such entries remembered. */
const SAME_MS = 60_000
const COUNT_MS = 5_000
const MAX_SAME = 1_000
/** Entries that wait to be written. */
const MAX_WAITING = 1_000
/** Characters of a user, and of what an entry is about. */
const MAX_NAME_CHARS = 160

export interface AuditEvent {
  /** Name of a procedure; `refused`. */
  readonly what: string
  readonly by?: string | undefined
  readonly subject?: string | undefined
  readonly code?: string | undefined
  readonly address?: string | undefined
}

/** An entry that may come to count more; `since` is monotonic ms. */
interface Same {
  readonly id: number
  readonly since: number
  at: number
  count: number
  isWritten: boolean
}

/** Sign-ins, refusals and changes, for the owner to read. */
export class Audit {
  readonly #database: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #same = new Map<string, Same>()
  #stopCounting: (() => void) | undefined
  #written: Promise<void> = Promise.resolve()
  #waiting = 0
  #untilTrim = 0

  constructor(database: Database, clock: Clock, log: Log) {
    this.#database = database
    this.#clock = clock
    this.#log = log
  }

  /** Writes it down, in order. Never fails: what was done is done. */
  record(event: AuditEvent): Promise<void> {
    const row = {
      what: event.what,
      by: event.by?.slice(0, MAX_NAME_CHARS) ?? null,
      subject: event.subject?.slice(0, MAX_NAME_CHARS) ?? null,
      code: event.code ?? null,
      address: event.address ?? null,
    }
    return this.#inOrder(() => this.#write(row))
  }

  /** The newest first. @param before id of an entry */
  async list({ before, limit }: { readonly before?: number | undefined; readonly limit: number }): Promise<AuditEntry[]> {
    await this.#inOrder(() => this.#writeCounts())
    const all = this.#database.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
    const rows = await (before === undefined ? all : all.where('id', '<', before)).execute()
    return rows.map(toEntry)
  }

  /** When all is written. */
  close(): Promise<void> {
    return this.#inOrder(() => this.#writeCounts())
  }

  #inOrder(write: () => Promise<void>): Promise<void> {
    if (this.#waiting >= MAX_WAITING) {
      this.#log.warn('audit entry lost: too many wait')
      return this.#written
    }
    this.#waiting++
    this.#written = this.#written
      .then(write)
      .catch((error) => this.#log.error({ err: error }, 'audit entry lost'))
      .finally(() => this.#waiting--)
    return this.#written
  }

  async #write(row: Omit<AuditRow, 'id' | 'at' | 'count'>): Promise<void> {
    const [now, at] = [this.#clock.monotonic(), this.#clock.now()]
    const isRefusal = row.what === REFUSED
    const key = JSON.stringify(row)
    const same = isRefusal ? this.#same.get(key) : undefined
    if (same && now - same.since < SAME_MS) {
      Object.assign(same, { at, count: same.count + 1, isWritten: false })
      this.#stopCounting ??= this.#clock.after(COUNT_MS, () => void this.#inOrder(() => this.#writeCounts()))
      return
    }
    const { insertId } = await this.#database
      .insertInto('audit')
      .values({ ...row, at, count: 1 })
      .executeTakeFirstOrThrow()
    if (isRefusal) putNewest(this.#same, key, { id: Number(insertId), since: now, at, count: 1, isWritten: true }, MAX_SAME)
    if (--this.#untilTrim <= 0) await this.#trim()
  }

  async #writeCounts(): Promise<void> {
    this.#stopCounting?.()
    this.#stopCounting = undefined
    for (const same of this.#same.values()) {
      if (same.isWritten) continue
      same.isWritten = true
      const { id, at, count } = same
      await this.#database.updateTable('audit').set({ at, count }).where('id', '=', id).execute()
    }
  }

  async #trim(): Promise<void> {
    this.#untilTrim = TRIM_EVERY
    for (const { most, is } of KINDS) {
      const oldest = await this.#database
        .selectFrom('audit')
        .select('id')
        .where(is)
        .orderBy('id', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst()
      if (oldest) await this.#database.deleteFrom('audit').where(is).where('id', '<=', oldest.id).execute()
    }
  }
}

const toEntry = ({ id, at, what, by, subject, code, address, count }: Selectable<AuditRow>): AuditEntry => ({
  id,
  at: isoTime(micros(at)),
  what,
  by,
  ...(subject !== null && { subject }),
  ...(code !== null && { code }),
  ...(address !== null && { address }),
  count,
})
