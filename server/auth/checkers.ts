import { isKey } from '../../shared/model/key-form.ts'
import type { UserRole } from '../../shared/model/session.ts'
import { UserName } from '../../shared/model/user.ts'
import { fault } from '../../shared/protocol/check.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Attempts } from './attempts.ts'
import { type Audit, REFUSED } from './audit.ts'
import type { Checker, Credential, CredentialKind, Identity } from './credential.ts'
import { keyedHash } from './hashes.ts'
import type { Users } from './users.ts'

/** Kinds that can be guessed: each try counts. Sessions, keys and shares are random. */
const GUESSED: ReadonlySet<CredentialKind> = new Set(['password', 'digest', 'wamp-cra', 'scram'])
/** What protocols without the password need is kept since it was last set or used. */
const NEEDS_SECRET: ReadonlySet<CredentialKind> = new Set(['digest', 'wamp-cra', 'scram'])
const PERHAPS_LACKS =
  'User or password is wrong; or the password was set before this server kept what this way of signing in needs: then sign in with the password itself once.'

export interface Listed {
  readonly checker: Checker
  /** Of the configuration: it may bring users that are none here yet, who get this role; without, only users that exist are let in. */
  readonly brings?: { readonly role: UserRole | undefined }
}

export interface CheckersOptions {
  readonly listed: readonly Listed[]
  readonly users: Users
  readonly attempts: Attempts
  readonly audit: Audit
  readonly log: Log
}

/** All that can say who somebody is. Each is asked in turn; the first that says who, decides. */
export class Checkers {
  readonly #options: CheckersOptions
  readonly #hash = keyedHash()
  /** Passwords that are being verified, by their keyed hash. */
  readonly #checking = new Map<string, Promise<Identity>>()

  constructor(options: CheckersOptions) {
    this.#options = options
  }

  verifies(kind: CredentialKind): boolean {
    return this.#able(kind).length > 0
  }

  /**
   * For who cannot do without, at start.
   * @throws Error that names what is missing
   */
  require(kind: CredentialKind, by: string): void {
    if (!this.verifies(kind)) throw new Error(`${by} needs a checker of ${kind} credentials, and there is none: ${this.#inventory()}`)
  }

  /**
   * @throws PortholeError auth.unsupported when nobody verifies this kind; auth.wrong, auth.stale, request.rate, server.limit
   */
  async check(credential: Credential, address: string): Promise<Identity> {
    const able = this.#able(credential.kind)
    if (able.length === 0) throw this.unsupported(credential.kind)
    // What has the form of a key is one, and no guess: a device that goes on with an old one makes nobody wait.
    const showsKey = credential.kind === 'password' && isKey(credential.password)
    const isGuessed = GUESSED.has(credential.kind) && 'user' in credential && !showsKey
    const mayRecall = !isGuessed || this.#options.attempts.mayRecall(credential.user, address)
    for (const listed of mayRecall ? able : []) {
      const known = listed.checker.recall?.(credential, address)
      if (known && (await this.#admitted(known, listed))) return known
    }
    const ask = async () => {
      const found = showsKey ? undefined : await this.#ask(able, credential, address)
      if (found) return found
      throw new PortholeError('auth.wrong', NEEDS_SECRET.has(credential.kind) ? PERHAPS_LACKS : undefined)
    }
    if (isGuessed) return this.#once(credential, address, () => this.attempt(credential.user, address, ask))
    try {
      return await ask()
    } catch (error) {
      this.#refused(undefined, address, error)
      throw error
    }
  }

  /** Many with the same password at once, as a page of pictures asks, are one attempt and one hash. */
  #once(credential: Credential, address: string, check: () => Promise<Identity>): Promise<Identity> {
    if (credential.kind !== 'password') return check()
    const { by, user, password } = credential
    const same = this.#hash(address, by, user, password)
    const checking = this.#checking.get(same) ?? check().finally(() => this.#checking.delete(same))
    this.#checking.set(same, checking)
    return checking
  }

  /** Who it is, or nobody: what a browser or a proxy sends by itself (an old cookie) is no attempt to get in. */
  find(credential: Credential, address: string): Promise<Identity | undefined> {
    return this.#ask(this.#able(credential.kind), credential, address)
  }

  unsupported(kind: CredentialKind): PortholeError {
    return new PortholeError('auth.unsupported', `No checker verifies a ${kind} here: ${this.#inventory()}`)
  }

  /**
   * Counts one try of somebody; only what was wrong stays counted.
   * @throws PortholeError request.rate
   */
  async attempt<T>(user: string, address: string, verify: () => Promise<T>): Promise<T> {
    let isNoFault = () => {}
    try {
      isNoFault = this.#options.attempts.begin(user, address)
      const right = await verify()
      isNoFault()
      return right
    } catch (error) {
      const { http, code } = asPortholeError(error)
      if (http !== 401 || code === 'auth.stale') isNoFault()
      this.#refused(user, address, error)
      throw error
    }
  }

  async #ask(able: readonly Listed[], credential: Credential, address: string): Promise<Identity | undefined> {
    for (const listed of able) {
      const identity = await listed.checker.check(credential, address)
      if (identity && (await this.#admitted(identity, listed))) return identity
    }
    return undefined
  }

  /** Whether who was verified is a user here, or becomes one. */
  async #admitted({ user, camera }: Identity, { checker, brings }: Listed): Promise<boolean> {
    const { users, log } = this.#options
    if (user === undefined) return camera !== undefined
    if (!brings) return users.find(user) !== undefined
    if (fault(UserName, user) !== undefined) {
      log.warn({ checker: checker.name }, 'the checker brought a name that no user can have')
      return false
    }
    if (await users.admit(user, brings.role, checker.name)) return true
    log.warn({ user, checker: checker.name }, 'verified, but no user here: add them, or give the checker a role')
    return false
  }

  #refused(user: string | undefined, address: string, error: unknown): void {
    const { code, http } = asPortholeError(error)
    if ((http !== 401 && http !== 429) || code === 'auth.stale') return
    // Who has to wait is one entry, whatever names they go through. And what is no user's name may be a password in the wrong field.
    const by = http === 429 || user === undefined || !this.#options.users.find(user) ? undefined : user
    // Of what cannot be guessed and is not counted, the audit log has one entry a minute.
    this.#options.log[http === 429 || user === undefined ? 'debug' : 'warn']({ user: by, address, code }, 'sign-in refused')
    void this.#options.audit.record({ what: REFUSED, by, code, address })
  }

  #able(kind: CredentialKind): readonly Listed[] {
    return this.#options.listed.filter(({ checker }) => checker.verifies.includes(kind))
  }

  #inventory(): string {
    return this.#options.listed.map(({ checker }) => `${checker.name} verifies ${checker.verifies.join(', ')}`).join('; ')
  }
}
