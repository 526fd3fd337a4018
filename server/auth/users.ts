import type { Session } from '../../shared/model/session.ts'
import { PortholeError } from '../base/errors.ts'
import type { Database, UserRow } from '../store/database.ts'
import { Passwords, TooManyHashes } from './passwords.ts'

/** The user that every data directory has. */
export const OWNER = 'owner'

/** Who may sign in, and with which password. */
export class Users {
  readonly #database: Database
  readonly #passwords = new Passwords()

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes the owner on first start; a password given here replaces none that was set before. */
  async ensureOwner(password: string | undefined): Promise<void> {
    await this.#database
      .insertInto('user')
      .values({ name: OWNER, role: 'owner', password: null })
      .onConflict((c) => c.doNothing())
      .execute()
    if (password !== undefined && !(await this.hasPassword(OWNER))) await this.setPassword(OWNER, password)
  }

  async hasPassword(name: string): Promise<boolean> {
    return ((await this.#find(name))?.password ?? null) !== null
  }

  async find(name: string): Promise<Session | undefined> {
    const row = await this.#find(name)
    return row && { user: row.name, role: row.role, hasPassword: row.password !== null }
  }

  /** @throws PortholeError auth.wrong, server.limit */
  async verify(name: string, password: string): Promise<Session> {
    const row = await this.#find(name)
    try {
      if (!(await this.#passwords.verify(row?.password, password)) || !row) throw new PortholeError('auth.wrong')
    } catch (error) {
      if (error instanceof TooManyHashes) throw new PortholeError('server.limit')
      throw error
    }
    return { user: row.name, role: row.role, hasPassword: true }
  }

  async setPassword(name: string, password: string): Promise<void> {
    const hashed = await this.#passwords.hash(password)
    await this.#database.updateTable('user').set({ password: hashed }).where('name', '=', name).execute()
  }

  #find(name: string): Promise<Omit<UserRow, 'id'> | undefined> {
    return this.#database.selectFrom('user').selectAll().where('name', '=', name).executeTakeFirst()
  }
}
