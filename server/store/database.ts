import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type Generated, Kysely, Migrator, SqliteDialect } from 'kysely'
import Libsql from 'libsql'
import type { UserRole } from '../../shared/model/session.ts'
import { migrations } from './migrations.ts'

/** Rows as SQLite holds them; times are µs since the Unix epoch. */
export interface Tables {
  camera: CameraRow
  user: UserRow
  session: SessionRow
  grant: GrantRow
  secret: SecretRow
  key: KeyRow
  share: ShareRow
  audit: AuditRow
  event: EventRow
  once: OnceRow
  webhook: WebhookRow
  delivery: DeliveryRow
}

export interface CameraRow {
  id: string
  name: string
  owner: string
  /** JSON of the model's CameraSource. */
  source: string
  created_at: number
  expires_at: number | null
  /** Set when the camera is deleted: the row stays for good, so that its id is never used again. */
  deleted_at: number | null
}

export interface UserRow {
  id: Generated<number>
  name: string
  role: UserRole
  /** argon2id in PHC string form; null while the user only comes by sign-in links, or by another checker. */
  password: string | null
  /** Who verified them, when it was not their password here. */
  checker: string | null
}

export interface SessionRow {
  /** SHA-256 of the cookie's token, hex. */
  token: string
  user: string
  created_at: number
  expires_at: number
  seen_at: number | null
  /** Where it was signed in from, and with which browser. */
  address: string | null
  agent: string | null
}

/** A camera that somebody was granted. */
export interface GrantRow {
  user: string
  camera: string
  created_at: number
}

/** What a protocol needs of a user's password. */
export interface SecretRow {
  user: string
  kind: string
  /** Under the key file: iv, ciphertext, tag. */
  sealed: Buffer
}

export interface KeyRow {
  id: string
  /** SHA-256 of the key, hex. */
  hash: string
  name: string
  /** One of both is set: whose it is, or which camera it feeds. */
  user: string | null
  camera: string | null
  role: UserRole | null
  created_at: number
  used_at: number | null
}

export interface ShareRow {
  id: string
  /** SHA-256 of the token, hex. */
  hash: string
  /** Token and passcode, under the key file. */
  token: Buffer
  passcode: Buffer | null
  label: string
  /** JSON: ids. */
  cameras: string
  created_by: string
  created_at: number
  expires_at: number | null
  max_viewers: number | null
  /** JSON: origins; null: any. */
  origins: string | null
  audio: number
  views: number
}

export interface AuditRow {
  id: Generated<number>
  at: number
  what: string
  by: string | null
  subject: string | null
  code: string | null
  address: string | null
  count: number
}

/** A fact that was told. */
export interface EventRow {
  /** One more than the one before: what is missing before the first was trimmed. */
  id: Generated<number>
  at: number
  kind: string
  camera: string
  /** Whose the camera was. */
  owner: string
  /** JSON. */
  payload: string
}

/** A create with an Idempotency-Key. */
export interface OnceRow {
  /** Hash of whose key it is and the key. */
  id: string
  scope: string
  /** Hash of what was asked. */
  request: string
  /** Status, headers and body, under the key file; null while it is not known. */
  answer: Buffer | null
  created_at: number
}

export interface WebhookRow {
  id: string
  url: string
  user: string
  /** JSON: ids; null: all. */
  cameras: string | null
  /** JSON; null: all. */
  kinds: string | null
  active: number
  /** What signs, under the key file. */
  secret: Buffer
  created_at: number
}

/** One event for one webhook: the outbox while it waits, the log of deliveries after. */
export interface DeliveryRow {
  id: Generated<number>
  webhook: string
  /** Null: a test. */
  event: number | null
  kind: string
  camera: string | null
  /** Whose the camera was. */
  owner: string | null
  body: string
  created_at: number
  state: 'waiting' | 'delivered' | 'failed'
  attempts: number
  attempted_at: number | null
  status: number | null
  error: string | null
  ms: number | null
  /** While it waits: when it is tried. */
  next_at: number | null
}

export type Database = Kysely<Tables>

/** A data directory that nobody keeps. */
export const IN_MEMORY = ':memory:'

/** Hashes and addresses are nobody else's, whoever may look into the directory. SQLite gives its other files the same mode. */
function keepPrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600))
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600)
}

/** Opens (and migrates) the database of a data directory. */
export async function openDatabase(directory: string): Promise<Database> {
  const memory = directory === IN_MEMORY
  if (!memory) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'porthole.db')
  if (!memory) keepPrivate(path)
  const file = new Libsql(memory ? ':memory:' : path)
  // WAL with full sync: what was acknowledged survives a power cut (sqlite.org/pragma.html#pragma_synchronous).
  file.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000')
  const database: Database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file as never }) })
  const { error } = await new Migrator({ db: database, provider: { getMigrations: async () => migrations } }).migrateToLatest()
  if (error) {
    await database.destroy()
    throw new Error(`the database in ${directory} could not be brought up to date`, { cause: error })
  }
  return database
}
