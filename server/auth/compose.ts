import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Database } from '../store/database.ts'
import { Attempts } from './attempts.ts'
import { Audit } from './audit.ts'
import { Checkers } from './checkers.ts'
import { Gate } from './gate.ts'
import { Grants } from './grants.ts'
import { Keys } from './keys.ts'
import { Leases } from './leases.ts'
import { type AuthOptions, buildCheckers } from './options.ts'
import { Realm } from './realm.ts'
import { Secrets } from './secrets.ts'
import { Sessions, SignInLink } from './sessions.ts'
import { SignIn } from './signin.ts'
import { Users } from './users.ts'
import { UsersChecker } from './users-checker.ts'
import type { Vault } from './vault.ts'

export interface AuthParts {
  readonly database: Database
  readonly vault: Vault
  /** Undefined: as the database has it, for who only looks after it. */
  readonly auth: AuthOptions | undefined
  /** Whether there are proxies whose word is taken. */
  readonly hasProxies: boolean
  readonly clock: Clock
  readonly log: Log
}

/**
 * Everything that decides who somebody is and what they may, on a database.
 * @throws ConfigError when the key file or the configured checkers do not fit
 */
export async function composeAuth({ database, vault, auth, hasProxies, clock, log }: AuthParts) {
  const gate = new Gate()
  const secrets = await Secrets.load({ database, vault, gate, md5: auth && auth.digestMd5 === true, log })
  const users = await Users.load({ database, secrets, gate, clock })
  const [grants, keys] = [await Grants.load(database, clock), await Keys.load(database, clock)]
  const sessions = new Sessions(database, clock)
  const usersChecker = new UsersChecker(users, secrets, clock)
  const configured = await buildCheckers(auth ?? {}, { users: usersChecker, gate, clock, log, hasProxies })
  const listed = [{ checker: sessions }, { checker: keys }, ...configured]
  const audit = new Audit(database, clock, log)
  const checkers = new Checkers({ listed, users, attempts: new Attempts(clock), audit, log })
  const [leases, link] = [new Leases(), new SignInLink(clock)]
  const signIn = new SignIn({ users, sessions, checkers, link, leases, log })
  const realm = new Realm(users, grants)
  return { secrets, users, grants, keys, sessions, usersChecker, audit, checkers, leases, link, signIn, realm }
}
