import type { Transaction } from 'kysely'
import type { Session, UserRole } from '../../shared/model/session.ts'
import type { User } from '../../shared/model/user.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Database, Tables, UserRow } from '../store/database.ts'
import type { Gate } from './gate.ts'
import { argon2, PasswordCheck } from './passwords.ts'
import type { Sealed, Secrets } from './secrets.ts'

/** The user that every data directory has. */
export const OWNER = 'owner'

type Row = Omit<UserRow, 'id'>

export interface UsersOptions {
  readonly database: Database
  readonly secrets: Secrets
  readonly gate: Gate
  readonly clock: Clock
}

/** Who may sign in, and with which password. In memory, because each delivery asks; written through to the database. */
export class Users {
  readonly #options: UsersOptions
  readonly #passwords: PasswordCheck
  readonly #rows = new Map<string, Row>()

  private constructor(options: UsersOptions) {
    this.#options = options
    this.#passwords = new PasswordCheck(options.gate, options.clock, argon2.verify, () => argon2.hash('decoy'))
  }

  static async load(options: UsersOptions): Promise<Users> {
    const users = new Users(options)
    const rows = await options.database.selectFrom('user').select(['name', 'role', 'password', 'checker']).orderBy('id').execute()
    for (const row of rows) users.#rows.set(row.name, row)
    return users
  }

  /** Makes the owner on first start; a password given here replaces none that was set before, and brings nobody back. */
  async ensureOwner(password: string | undefined): Promise<void> {
    if (this.#owners().length === 0) await this.#insert({ name: OWNER, role: 'owner', password: null, checker: null })
    const owner = this.#rows.get(OWNER)
    if (password !== undefined && owner?.role === 'owner' && owner.password === null) await this.setPassword(OWNER, password)
  }

  hasPassword(name: string): boolean {
    return (this.#rows.get(name)?.password ?? null) !== null
  }

  find(name: string): Session | undefined {
    const row = this.#rows.get(name)
    return row && { user: row.name, role: row.role, hasPassword: row.password !== null || row.checker !== null }
  }

  /** Who the command line and the sign-in link stand for: there is always one. */
  anyOwner(): Session {
    return this.session(this.#owners()[0]?.name ?? OWNER)
  }

  /** Whether any owner can sign in without a link. */
  canOwnersSignIn(): boolean {
    return this.#owners().some(({ password, checker }) => password !== null || checker !== null)
  }

  /** @throws PortholeError user.unknown */
  session(name: string): Session {
    this.#known(name)
    return this.find(name) as Session
  }

  /** @throws PortholeError user.unknown */
  get(name: string): User {
    return toUser(this.#known(name))
  }

  list(): User[] {
    return [...this.#rows.values()].map(toUser)
  }

  /** Whether this was their password a moment ago, from the same address; costs no hash. */
  recall(name: string, password: string, address: string): boolean {
    return this.#passwords.recall(address, name, password, this.#rows.get(name)?.password)
  }

  /**
   * Whether this is their password; takes the same time for unknown users.
   * @throws PortholeError server.limit
   */
  async verify(name: string, password: string, address: string): Promise<boolean> {
    const stored = this.#rows.get(name)?.password
    if (!(await this.#passwords.verify(address, name, password, stored))) return false
    // Gone, or of another password by now: a hash takes its time.
    const isStill = () => this.#rows.get(name)?.password === stored
    if (isStill() && this.#options.secrets.lacks(name)) await this.#complete(name, password, stored as string)
    return isStill()
  }

  /** Somebody whom a checker of the configuration knows. */
  async admit(name: string, role: UserRole | undefined, checker: string): Promise<boolean> {
    const row = this.#rows.get(name)
    if (!row && !role) return false
    if (!row) await this.#insert({ name, role: role as UserRole, password: null, checker }).catch(unlessExists)
    else if (row.checker === null && row.password === null) await this.#change(name, { checker })
    return true
  }

  /**
   * @param password undefined: a checker of the configuration has it
   * @throws PortholeError user.exists
   */
  async create(name: string, role: UserRole, password: string | undefined): Promise<User> {
    if (this.#rows.has(name)) throw new PortholeError('user.exists')
    const { secrets, gate } = this.#options
    const hash = password === undefined ? null : await gate.run(() => argon2.hash(password))
    const row = { name, role, password: hash, checker: null }
    await this.#insert(row, password === undefined ? undefined : await secrets.derive(name, password))
    return toUser(row)
  }

  /**
   * Replaces a password by who knows it: another that was set meanwhile stays.
   * @throws PortholeError user.unknown, auth.wrong
   */
  async replacePassword(name: string, old: string | undefined, password: string, address: string): Promise<void> {
    const stored = this.#known(name).password
    if (stored !== null && !(await this.verify(name, old ?? '', address))) throw new PortholeError('auth.wrong')
    await this.setPassword(name, password, { password: stored })
  }

  /** @param only when it still is this one @throws PortholeError user.unknown, auth.wrong */
  async setPassword(name: string, password: string, only?: Pick<Row, 'password'>): Promise<void> {
    this.#known(name)
    const { secrets, gate } = this.#options
    const hash = await gate.run(() => argon2.hash(password))
    await this.#change(name, { password: hash }, await secrets.derive(name, password), only)
  }

  /** @throws PortholeError user.unknown, user.last */
  async setRole(name: string, role: UserRole): Promise<void> {
    if (role !== 'owner') this.#notLast(name)
    this.#known(name)
    await this.#change(name, { role })
  }

  /** @throws PortholeError user.unknown, user.last */
  async delete(name: string): Promise<void> {
    this.#known(name)
    this.#notLast(name)
    const { database, secrets } = this.#options
    await database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('user').where('name', '=', name).execute()
      await secrets.write(transaction, name, undefined)
    })
    secrets.keep(name, undefined)
    this.#rows.delete(name)
  }

  /** @throws PortholeError user.unknown */
  #known(name: string): Row {
    const row = this.#rows.get(name)
    if (!row) throw new PortholeError('user.unknown')
    return row
  }

  #owners(): Row[] {
    return [...this.#rows.values()].filter(({ role }) => role === 'owner')
  }

  #notLast(name: string): void {
    const owners = this.#owners()
    if (owners.length === 1 && owners[0]?.name === name) throw new PortholeError('user.last')
  }

  /** A password together with what protocols need of it: the one never without the other. */
  async #write(name: string, sealed: Sealed | undefined, write: (transaction: Transaction<Tables>) => Promise<unknown>): Promise<void> {
    const { database, secrets } = this.#options
    await database.transaction().execute(async (transaction) => {
      await write(transaction)
      if (sealed) await secrets.write(transaction, name, sealed)
    })
    if (sealed) secrets.keep(name, sealed)
  }

  async #insert(row: Row, sealed?: Sealed): Promise<void> {
    await this.#write(row.name, sealed, async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('user')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows !== 1n) throw new PortholeError('user.exists')
    })
    this.#rows.set(row.name, row)
  }

  async #change(
    name: string,
    change: Partial<Pick<Row, 'role' | 'password' | 'checker'>>,
    sealed?: Sealed,
    only?: Pick<Row, 'password'>,
  ): Promise<void> {
    await this.#write(name, sealed, async (transaction) => {
      const update = transaction.updateTable('user').set(change).where('name', '=', name)
      const { numUpdatedRows } = await (only ? update.where('password', 'is', only.password) : update).executeTakeFirstOrThrow()
      // Deleted, or given another password, while a hash took its time.
      if (numUpdatedRows !== 1n) throw new PortholeError(only ? 'auth.wrong' : 'user.unknown')
    })
    const row = this.#rows.get(name)
    if (row) this.#rows.set(name, { ...row, ...change })
  }

  /** What protocols need, of a password that was set before they were known; unless there is another by now. */
  async #complete(name: string, password: string, stored: string): Promise<void> {
    const sealed = await this.#options.secrets.derive(name, password)
    await this.#change(name, { password: stored }, sealed, { password: stored })
  }
}

/** Many first requests of somebody at once: one of them makes the user. */
function unlessExists(error: unknown): void {
  if (!(error instanceof PortholeError) || error.code !== 'user.exists') throw error
}

const toUser = ({ name, role, password, checker }: Row): User => ({
  name,
  role,
  hasPassword: password !== null,
  ...(checker !== null && { checker }),
})
