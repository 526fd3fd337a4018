import { EventEmitter } from 'node:events'
import type { Role, Session } from '../../shared/model/session.ts'
import type { User } from '../../shared/model/user.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Database, UserRow } from '../store/database.ts'
import { Passwords, TooManyHashes } from './passwords.ts'
import { Remembered } from './remembered.ts'

/** The user that every data directory has. */
export const OWNER = 'owner'

type Row = Omit<UserRow, 'id'>

/** Who may sign in, and with which password. In memory, because each delivery asks; written through to the database. */
export class Users {
  readonly events = new EventEmitter<{ changed: [user: string] }>()
  readonly #database: Database
  readonly #passwords = new Passwords()
  readonly #remembered: Remembered
  readonly #rows = new Map<string, Row>()

  private constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#remembered = new Remembered(clock)
  }

  static async load(database: Database, clock: Clock): Promise<Users> {
    const users = new Users(database, clock)
    const rows = await database.selectFrom('user').select(['name', 'role', 'password']).orderBy('id').execute()
    for (const row of rows) users.#rows.set(row.name, row)
    return users
  }

  /** Makes the owner on first start; a password given here replaces none that was set before. */
  async ensureOwner(password: string | undefined): Promise<void> {
    if (!this.#rows.has(OWNER)) await this.#insert({ name: OWNER, role: 'owner', password: null })
    if (password !== undefined && !this.hasPassword(OWNER)) await this.setPassword(OWNER, password)
  }

  hasPassword(name: string): boolean {
    return (this.#rows.get(name)?.password ?? null) !== null
  }

  find(name: string): Session | undefined {
    const row = this.#rows.get(name)
    return row && { user: row.name, role: row.role, hasPassword: row.password !== null }
  }

  /** @throws PortholeError user.unknown */
  get(name: string): User {
    return toUser(this.#known(name))
  }

  list(): User[] {
    return [...this.#rows.values()].map(toUser)
  }

  /** The user, if this was their password a moment ago; costs no hash. */
  recall(name: string, password: string): Session | undefined {
    const stored = this.#rows.get(name)?.password
    return stored && this.#remembered.has(name, password, stored) ? this.find(name) : undefined
  }

  /** @throws PortholeError auth.wrong, server.limit */
  async verify(name: string, password: string): Promise<Session> {
    const stored = this.#rows.get(name)?.password
    try {
      if (!(await this.#passwords.verify(stored, password))) throw new PortholeError('auth.wrong')
    } catch (error) {
      if (error instanceof TooManyHashes) throw new PortholeError('server.limit')
      throw error
    }
    // Gone, or of another password by now: a hash takes its time.
    const row = this.#rows.get(name)
    if (!row || !stored || row.password !== stored) throw new PortholeError('auth.wrong')
    this.#remembered.add(name, password, stored)
    return { user: row.name, role: row.role, hasPassword: true }
  }

  /** @throws PortholeError user.exists */
  async create(name: string, role: UserRow['role'], password: string): Promise<User> {
    if (this.#rows.has(name)) throw new PortholeError('user.exists')
    const row = { name, role, password: await this.#passwords.hash(password) }
    await this.#insert(row)
    return toUser(row)
  }

  /** @throws PortholeError user.unknown */
  async setPassword(name: string, password: string): Promise<void> {
    this.#known(name)
    await this.#change(name, { password: await this.#passwords.hash(password) })
  }

  /** @throws PortholeError user.unknown, user.last */
  async setRole(name: string, role: UserRow['role']): Promise<void> {
    if (role !== 'owner') this.#notLast(name)
    this.#known(name)
    await this.#change(name, { role })
  }

  /** @throws PortholeError user.unknown, user.last */
  async delete(name: string): Promise<void> {
    this.#known(name)
    this.#notLast(name)
    await this.#database.deleteFrom('user').where('name', '=', name).execute()
    this.#rows.delete(name)
    this.events.emit('changed', name)
  }

  /** @throws PortholeError user.unknown */
  #known(name: string): Row {
    const row = this.#rows.get(name)
    if (!row) throw new PortholeError('user.unknown')
    return row
  }

  #notLast(name: string): void {
    const owners = [...this.#rows.values()].filter(({ role }) => role === 'owner')
    if (owners.length === 1 && owners[0]?.name === name) throw new PortholeError('user.last')
  }

  async #insert(row: Row): Promise<void> {
    const { numInsertedOrUpdatedRows } = await this.#database
      .insertInto('user')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    if (numInsertedOrUpdatedRows !== 1n) throw new PortholeError('user.exists')
    this.#rows.set(row.name, row)
  }

  async #change(name: string, change: { role?: Exclude<Role, 'public'>; password?: string }): Promise<void> {
    await this.#database.updateTable('user').set(change).where('name', '=', name).execute()
    const row = this.#rows.get(name)
    if (!row) return
    this.#rows.set(name, { ...row, ...change })
    this.events.emit('changed', name)
  }
}

const toUser = ({ name, role, password }: Row): User => ({ name, role, hasPassword: password !== null })
