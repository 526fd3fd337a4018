import { createHash, randomBytes } from 'node:crypto'
import type { Session } from '../../shared/model/session.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../store/database.ts'
import type { Users } from './users.ts'

/** Days a session lives. */
const SESSION_DAYS = 90
export const SESSION_SECONDS = SESSION_DAYS * 86_400
/** Minutes a sign-in link lives. */
const LINK_MINUTES = 15

/** What a session is known by: it cannot be signed in with. */
export const sessionId = (token: string): string => digest(token)

const digest = (token: string) => createHash('sha256').update(token).digest('hex')
const newToken = () => randomBytes(24).toString('base64url')

/** Sessions of browsers. The token is the cookie's alone; only its hash is stored. */
export class Sessions {
  readonly #database: Database
  readonly #users: Users
  readonly #clock: Clock

  constructor(database: Database, users: Users, clock: Clock) {
    this.#database = database
    this.#users = users
    this.#clock = clock
  }

  /** @returns the token for the cookie */
  async create(user: string): Promise<string> {
    const token = newToken()
    const now = this.#clock.now()
    await this.#database.deleteFrom('session').where('expires_at', '<=', now).execute()
    await this.#database
      .insertInto('session')
      .values({ token: digest(token), user, created_at: now, expires_at: now + SESSION_SECONDS * 1e6 })
      .execute()
    return token
  }

  async find(token: string): Promise<Session | undefined> {
    const row = await this.#database
      .selectFrom('session')
      .select('user')
      .where('token', '=', digest(token))
      .where('expires_at', '>', this.#clock.now())
      .executeTakeFirst()
    return row && this.#users.find(row.user)
  }

  async delete(token: string): Promise<void> {
    await this.#database.deleteFrom('session').where('token', '=', digest(token)).execute()
  }

  /** Ends all of a user's sessions, or all but one: what a new password is for. */
  async deleteAll(user: string, except = ''): Promise<void> {
    await this.#database.deleteFrom('session').where('user', '=', user).where('token', '!=', digest(except)).execute()
  }
}

/** The one-time sign-in link of a start: a secret that lives in memory, for minutes, and is used once. */
export class SignInLink {
  readonly #clock: Clock
  #digest: string | undefined
  #expires = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns the secret for the link's fragment */
  issue(): string {
    const secret = newToken()
    this.#digest = digest(secret)
    this.#expires = this.#clock.now() + LINK_MINUTES * 60 * 1e6
    return secret
  }

  /** Whether the secret is right; then it is used up. */
  redeem(secret: string): boolean {
    const right = this.#digest !== undefined && this.#clock.now() < this.#expires && digest(secret) === this.#digest
    if (right) this.#digest = undefined
    return right
  }
}
