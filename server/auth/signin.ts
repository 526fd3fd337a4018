import type { Session } from '../../shared/model/session.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Attempts } from './attempts.ts'
import type { Leases } from './leases.ts'
import { type Sessions, type SignInLink, sessionId } from './sessions.ts'
import { OWNER, type Users } from './users.ts'

export interface SignInOptions {
  readonly users: Users
  readonly sessions: Sessions
  readonly link: SignInLink
  readonly leases: Leases
  readonly clock: Clock
  readonly log: Log
}

export interface Credentials {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly link?: string | undefined
}

/** The way in: a password or a one-time link becomes a session. */
export class SignIn {
  readonly #options: SignInOptions
  readonly #attempts: Attempts

  constructor(options: SignInOptions) {
    this.#options = options
    this.#attempts = new Attempts(options.clock)
  }

  /** @throws PortholeError auth.wrong, auth.link, request.rate, request.invalid */
  async signIn(credentials: Credentials, address: string): Promise<{ session: Session; token: string }> {
    const { log, sessions } = this.#options
    const user = credentials.link === undefined ? (credentials.user ?? '') : OWNER
    const signedIn = await this.#attempt(user, address, 'sign-in refused', async () => {
      const session = await this.#verify(credentials, user)
      return { session, token: await sessions.create(session.user) }
    })
    log.info({ user: signedIn.session.user, address }, 'signed in')
    return signedIn
  }

  /**
   * Who shows user and password with their request (Basic): no session comes of it.
   * @throws PortholeError auth.wrong, request.rate, server.limit
   */
  async check(user: string, password: string, address: string): Promise<Session> {
    const { users } = this.#options
    return users.recall(user, password) ?? this.#attempt(user, address, 'password refused', () => users.verify(user, password))
  }

  /** Counts one try; only what was wrong stays counted. */
  async #attempt<T>(user: string, address: string, refused: string, verify: () => Promise<T>): Promise<T> {
    const isNoFault = this.#attempts.begin(user, address)
    try {
      const right = await verify()
      isNoFault()
      return right
    } catch (error) {
      if (!(error instanceof PortholeError) || error.http !== 401) isNoFault()
      else this.#options.log.warn({ user: user.slice(0, 64), address, code: error.code }, refused)
      throw error
    }
  }

  /** Ends a session, and what it has open. */
  async signOut(session: Session, token: string): Promise<void> {
    const { sessions, leases } = this.#options
    await sessions.delete(token)
    leases.endSession(session.user, sessionId(token))
  }

  /** @throws PortholeError auth.wrong when there is an old password and it is not this one */
  async changePassword(session: Session, token: string, password: string, old: string | undefined): Promise<void> {
    const { users, sessions, leases, log } = this.#options
    if (session.hasPassword) await users.verify(session.user, old ?? '')
    await users.setPassword(session.user, password)
    await sessions.deleteAll(session.user, token)
    leases.endAll(session.user, sessionId(token))
    log.info({ user: session.user }, 'password set')
  }

  async #verify(credentials: Credentials, user: string): Promise<Session> {
    const { users, link } = this.#options
    if (credentials.link !== undefined) {
      const session = link.redeem(credentials.link) ? users.find(OWNER) : undefined
      if (!session) throw new PortholeError('auth.link')
      return session
    }
    if (!credentials.user || credentials.password === undefined) throw new PortholeError('request.invalid', 'user and password, or link')
    return users.verify(user, credentials.password)
  }
}
