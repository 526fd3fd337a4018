import type { Session } from '../../shared/model/session.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Checkers } from './checkers.ts'
import type { Leases } from './leases.ts'
import type { Sessions, SignInLink } from './sessions.ts'
import type { Users } from './users.ts'

export interface SignInOptions {
  readonly users: Users
  readonly sessions: Sessions
  readonly checkers: Checkers
  readonly link: SignInLink
  readonly leases: Leases
  readonly log: Log
}

export interface Credentials {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly link?: string | undefined
}

/** Where somebody signs in from. */
export interface From {
  readonly address: string
  readonly agent?: string | undefined
}

/** The way in: a password or a one-time link becomes a session. */
export class SignIn {
  readonly #options: SignInOptions

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /** @throws PortholeError auth.wrong, auth.link, auth.unsupported, request.rate, request.invalid */
  async signIn(credentials: Credentials, from: From): Promise<{ session: Session; token: string }> {
    const { log, sessions, users } = this.#options
    const user = await this.#verify(credentials, from.address)
    const { token, dropped } = await sessions.create(user, from)
    for (const session of dropped) this.#options.leases.endVia({ user }, session)
    log.info({ user, address: from.address }, 'signed in')
    return { session: users.session(user), token }
  }

  /** Ends a session, and what it has open. */
  async signOut(user: string, session: string): Promise<void> {
    const { sessions, leases } = this.#options
    await sessions.delete(session)
    leases.endVia({ user }, session)
  }

  /**
   * Ends all other sessions of the user.
   * @param session the one that stays
   * @throws PortholeError auth.wrong when there is an old password and it is not this one, auth.elsewhere, request.rate
   */
  async changePassword(user: string, password: string, old: string | undefined, address: string, session?: string): Promise<void> {
    const { users, sessions, checkers, leases, log } = this.#options
    if (!users.hasPassword(user) && users.session(user).hasPassword) throw new PortholeError('auth.elsewhere')
    await checkers.attempt(user, address, () => users.replacePassword(user, old, password, address))
    await sessions.deleteAll(user, session)
    leases.endAll(user, session)
    log.info({ user }, 'password set')
  }

  /** @returns the user */
  async #verify({ user, password, link }: Credentials, address: string): Promise<string> {
    const { checkers, users } = this.#options
    if (link !== undefined) {
      const owner = users.anyOwner().user
      return checkers.attempt(owner, address, async () => {
        if (!this.#options.link.redeem(link)) throw new PortholeError('auth.link')
        return owner
      })
    }
    if (!user || password === undefined) throw new PortholeError('request.invalid', 'user and password, or link')
    const identity = await checkers.check({ kind: 'password', by: 'session', user, password }, address)
    // A key opens no session: it can be taken back by itself.
    if (identity.user === undefined || identity.isKey) throw new PortholeError('auth.role', 'a key is no password to sign in with')
    return identity.user
  }
}
