import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { Attempts } from '../auth/attempts.ts'
import { Audit } from '../auth/audit.ts'
import { Checkers } from '../auth/checkers.ts'
import { Gate } from '../auth/gate.ts'
import { Keys } from '../auth/keys.ts'
import { Leases } from '../auth/leases.ts'
import { type AuthOptions, buildCheckers } from '../auth/options.ts'
import { Secrets } from '../auth/secrets.ts'
import { Sessions, SignInLink } from '../auth/sessions.ts'
import { SignIn } from '../auth/signin.ts'
import { Users } from '../auth/users.ts'
import { UsersChecker } from '../auth/users-checker.ts'
import { Vault } from '../auth/vault.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../store/database.ts'

/** Everything that decides who somebody is, on a database of a test. */
export async function openAuth(database: Database, clock: Clock, options: AuthOptions & { vault?: Vault; hasProxies?: boolean } = {}) {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) })
  const { vault = new Vault(randomBytes(32), false), hasProxies = true, ...auth } = options
  const gate = new Gate()
  const secrets = await Secrets.load({ database, vault, gate, md5: auth.digestMd5 === true, log })
  const users = await Users.load({ database, secrets, gate, clock })
  const sessions = new Sessions(database, clock)
  const keys = await Keys.load(database, clock)
  const audit = new Audit(database, clock, log)
  const usersChecker = new UsersChecker(users, secrets, clock)
  const configured = await buildCheckers(auth, { users: usersChecker, gate, clock, log, hasProxies })
  const listed = [{ checker: sessions }, { checker: keys }, ...configured]
  const checkers = new Checkers({ listed, users, attempts: new Attempts(clock), audit, log })
  const [leases, link] = [new Leases(), new SignInLink(clock)]
  const signIn = new SignIn({ users, sessions, checkers, link, leases, log })
  return { users, secrets, sessions, keys, audit, usersChecker, checkers, leases, link, signIn, lines, vault }
}

export type Auth = Awaited<ReturnType<typeof openAuth>>
