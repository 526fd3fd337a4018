import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import Type, { type Static } from 'typebox'
import { UserRole } from '../../shared/model/session.ts'
import type { Clock } from '../base/clock.ts'
import { ConfigError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Listed } from './checkers.ts'
import type { Checker, CredentialKind } from './credential.ts'
import { ForwardedChecker } from './forwarded-checker.ts'
import type { Gate } from './gate.ts'
import { HtpasswdChecker } from './htpasswd-checker.ts'

const strict = { additionalProperties: false } as const
/** Of users that the checker brings and who are none here yet. */
const role = Type.Optional(UserRole)

const CheckerSchema = Type.Union([
  Type.Object({ kind: Type.Literal('users') }, strict),
  Type.Object({ kind: Type.Literal('htpasswd'), file: Type.String({ minLength: 1 }), role }, strict),
  Type.Object({ kind: Type.Literal('forwarded'), header: Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z\\-]+$" }), role }, strict),
  Type.Object(
    { kind: Type.Literal('module'), module: Type.String({ minLength: 1 }), options: Type.Optional(Type.Unknown()), role },
    strict,
  ),
])

/** What the configuration says of signing in. */
export const AuthSchema = Type.Object(
  {
    /** Whether Digest takes MD5 too, for cameras that know nothing else. */
    digestMd5: Type.Optional(Type.Boolean()),
    /** Who verifies passwords and what stands for them; this server's users alone, unless told. */
    checkers: Type.Optional(Type.Array(CheckerSchema, { maxItems: 8 })),
  },
  strict,
)
export type AuthOptions = Static<typeof AuthSchema>
type CheckerOptions = Static<typeof CheckerSchema>

export interface CheckerTools {
  /** This server's own users. */
  readonly users: Checker
  readonly gate: Gate
  readonly clock: Clock
  readonly log: Log
  /** Whether there are proxies whose word is taken. */
  readonly hasProxies: boolean
}

/**
 * The checkers of the configuration, in its order.
 * @throws ConfigError that names the key
 */
export async function buildCheckers({ checkers = [{ kind: 'users' }] }: AuthOptions, tools: CheckerTools): Promise<Listed[]> {
  if (checkers.length === 0) throw new ConfigError('auth.checkers is empty: nobody could sign in; leave it out, or say { "kind": "users" }')
  const listed: Listed[] = []
  for (const [i, options] of checkers.entries()) {
    try {
      const checker = await build(options, tools)
      listed.push(options.kind === 'users' ? { checker } : { checker, brings: { role: options.role } })
    } catch (error) {
      throw new ConfigError(`auth.checkers[${i}]: ${(error as Error).message}`)
    }
  }
  return listed
}

async function build(options: CheckerOptions, { users, gate, clock, log, hasProxies }: CheckerTools): Promise<Checker> {
  switch (options.kind) {
    case 'users':
      return users
    case 'htpasswd':
      return new HtpasswdChecker(resolve(options.file), gate, clock, log)
    case 'forwarded':
      if (!hasProxies) throw new Error('a header is believed from trusted proxies alone; name them with --trust-proxy')
      return new ForwardedChecker(options.header)
    case 'module':
      return loadModule(options.module, options.options)
  }
}

const KINDS: readonly CredentialKind[] = ['password', 'digest', 'key', 'session', 'wamp-cra', 'scram', 'forwarded']

/** A module's default export makes its checker of the options. */
async function loadModule(path: string, options: unknown): Promise<Checker> {
  const { default: make } = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }
  if (typeof make !== 'function') throw new Error(`${path} has no default export that makes a checker`)
  const checker = (await make(options)) as Partial<Checker> | undefined
  if (typeof checker?.name !== 'string' || typeof checker.check !== 'function' || !Array.isArray(checker.verifies))
    throw new Error(`${path} makes no checker: it needs name, verifies and check`)
  const unknown = checker.verifies.find((kind) => !KINDS.includes(kind))
  if (unknown !== undefined) throw new Error(`${path} verifies ${JSON.stringify(unknown)}; the kinds are ${KINDS.join(', ')}`)
  return checker as Checker
}
