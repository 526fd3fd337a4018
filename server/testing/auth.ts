import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { composeAuth } from '../auth/compose.ts'
import type { AuthOptions } from '../auth/options.ts'
import { Vault } from '../auth/vault.ts'
import type { Clock } from '../base/clock.ts'
import type { Database } from '../store/database.ts'

/** Everything that decides who somebody is, on a database of a test; with the lines of its log, and its vault for opening it again. */
export async function openAuth(database: Database, clock: Clock, options: AuthOptions & { vault?: Vault; hasProxies?: boolean } = {}) {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) })
  const { vault = new Vault(randomBytes(32), false), hasProxies = true, ...auth } = options
  return { ...(await composeAuth({ database, vault, auth, hasProxies, clock, log })), lines, vault }
}

export type Auth = Awaited<ReturnType<typeof openAuth>>
