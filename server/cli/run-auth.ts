import { ConfigError } from '../base/errors.ts'
import { anonymousAuth, type ClientAuth, craAuth, cryptosignAuth, scramAuth, ticketAuth } from '../wamp/auth/answers.ts'
import { oneOf } from './arguments.ts'
import type { RunSecrets } from './run-options.ts'

type Make = (secret: string, authid: string) => ClientAuth

/** Ways to sign in by a secret, the one preferred first. */
const WAYS: Readonly<Record<string, { readonly secret: keyof RunSecrets; readonly make: Make }>> = {
  // Cryptosign's key says who it is.
  cryptosign: { secret: 'PORTHOLE_RUN_KEY', make: (seed, authid) => cryptosignAuth(authid === '' ? undefined : authid, seed) },
  scram: { secret: 'PORTHOLE_RUN_PASSWORD', make: (password, authid) => scramAuth(authid, password) },
  wampcra: { secret: 'PORTHOLE_RUN_SECRET', make: (secret, authid) => craAuth(authid, secret) },
  ticket: { secret: 'PORTHOLE_RUN_TICKET', make: (ticket, authid) => ticketAuth(authid, ticket) },
}

/**
 * Ways to sign in, made anew for each session.
 * @param only the one method to use
 * @throws ConfigError when something is missing that a method needs
 */
export function authFor(only: string | undefined, authid: string | undefined, secrets: RunSecrets): () => ClientAuth[] {
  const method = only === undefined ? undefined : oneOf(only, [...Object.keys(WAYS), 'anonymous'], '--auth')
  if (method === 'anonymous') return () => [anonymousAuth()]
  const names = Object.keys(WAYS).filter((name) => (method === undefined ? secrets[way(name).secret] !== undefined : name === method))
  for (const name of names) {
    if (secrets[way(name).secret] === undefined) throw new ConfigError(`--auth ${name} needs a secret; put it into ${way(name).secret}`)
    if (authid === undefined && name !== 'cryptosign') throw new ConfigError(`${way(name).secret} is set; say with --authid who signs in`)
  }
  const make = () => names.map((name) => way(name).make(secrets[way(name).secret] as string, authid ?? ''))
  try {
    make()
  } catch (error) {
    throw new ConfigError((error as Error).message)
  }
  return make
}

const way = (name: string) => WAYS[name] as (typeof WAYS)[string]
