import { randomBytes } from 'node:crypto'
import type { SessionInfo } from '../../shared/model/session.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../store/database.ts'
import type { Checker, Credential, Identity } from './credential.ts'
import { secretHash } from './hashes.ts'

/** Days a session lives. */
const SESSION_DAYS = 90
export const SESSION_SECONDS = SESSION_DAYS * 86_400
/** Minutes a sign-in link lives. */
const LINK_MINUTES = 15

const newToken = () => randomBytes(24).toString('base64url')

/** Sessions of one user; the ones not used for longest make room. */
const MAX_SESSIONS = 100
/** Characters of a browser's name that are kept. */
const MAX_AGENT_CHARS = 200
/** µs in which a session's use is written down once. */
const SEEN_US = 300 * 1e6

/** Sessions of browsers: a checker of the cookie's token, of which only the hash is stored. */
export class Sessions implements Checker {
  readonly name = 'sessions'
  readonly verifies = ['session'] as const
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** @returns the token for the cookie, and the sessions that made room */
  async create(
    user: string,
    from: { readonly address?: string; readonly agent?: string | undefined } = {},
  ): Promise<{ token: string; dropped: string[] }> {
    const token = newToken()
    const now = this.#clock.now()
    await this.#database.deleteFrom('session').where('expires_at', '<=', now).execute()
    await this.#database
      .insertInto('session')
      .values({
        token: secretHash(token),
        user,
        created_at: now,
        expires_at: now + SESSION_SECONDS * 1e6,
        seen_at: now,
        address: from.address ?? null,
        agent: from.agent?.slice(0, MAX_AGENT_CHARS) ?? null,
      })
      .execute()
    const most = this.#database
      .selectFrom('session')
      .select('token')
      .where('user', '=', user)
      .orderBy('seen_at', 'desc')
      .orderBy('created_at', 'desc')
    const dropped = (await most.offset(MAX_SESSIONS).limit(MAX_SESSIONS).execute()).map(({ token }) => token)
    for (const id of dropped) await this.delete(id)
    return { token, dropped }
  }

  async check(credential: Credential): Promise<Identity | undefined> {
    if (credential.kind !== 'session') return undefined
    const id = secretHash(credential.token)
    const now = this.#clock.now()
    const row = await this.#database
      .selectFrom('session')
      .select(['user', 'seen_at'])
      .where('token', '=', id)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (!row) return undefined
    if (now - (row.seen_at ?? 0) > SEEN_US) await this.#seen(id, now)
    return { user: row.user, via: id }
  }

  /** That it is written down matters to nobody who asks: a full disk signs nobody out. */
  async #seen(id: string, now: number): Promise<void> {
    await this.#database
      .updateTable('session')
      .set({ seen_at: now })
      .where('token', '=', id)
      .execute()
      .catch(() => {})
  }

  /** Of one user, or of all; the one last used first. */
  async list(user?: string): Promise<Omit<SessionInfo, 'current'>[]> {
    const query = this.#database.selectFrom('session').selectAll().where('expires_at', '>', this.#clock.now()).orderBy('seen_at', 'desc')
    const rows = await (user === undefined ? query : query.where('user', '=', user)).execute()
    return rows.map(({ token, user, created_at, seen_at, address, agent }) => ({
      id: token,
      user,
      createdAt: isoTime(micros(created_at)),
      seenAt: isoTime(micros(seen_at ?? created_at)),
      ...(address !== null && { address }),
      ...(agent !== null && { agent }),
    }))
  }

  /** Whose a session is. */
  async userOf(id: string): Promise<string | undefined> {
    return (await this.#database.selectFrom('session').select('user').where('token', '=', id).executeTakeFirst())?.user
  }

  async delete(id: string): Promise<void> {
    await this.#database.deleteFrom('session').where('token', '=', id).execute()
  }

  /** Ends all of a user's sessions, or all but one: what a new password is for. */
  async deleteAll(user: string, except = ''): Promise<void> {
    await this.#database.deleteFrom('session').where('user', '=', user).where('token', '!=', except).execute()
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
    this.#digest = secretHash(secret)
    this.#expires = this.#clock.now() + LINK_MINUTES * 60 * 1e6
    return secret
  }

  /** Whether the secret is right; then it is used up. */
  redeem(secret: string): boolean {
    const right = this.#digest !== undefined && this.#clock.now() < this.#expires && secretHash(secret) === this.#digest
    if (right) this.#digest = undefined
    return right
  }
}
