import { isKey } from '../../../shared/model/key-form.ts'
import type { Checkers } from '../../auth/checkers.ts'
import type { Identity } from '../../auth/credential.ts'
import { KEY_BYTES } from '../../auth/proofs.ts'
import type { Realm } from '../../auth/realm.ts'
import type { Secrets } from '../../auth/secrets.ts'
import type { Clock } from '../../base/clock.ts'
import type { Random } from './anonymous.ts'
import { cookieMethod } from './cookie.ts'
import { cryptosignMethod } from './cryptosign.ts'
import { wrong } from './denied.ts'
import { checkKeys, type UserKeys } from './principals.ts'
import { scramMethod } from './scram.ts'
import { SCRAM_METHODS, type ScramMethod } from './scram-exchange.ts'
import { ticketMethod } from './ticket.ts'
import type { AuthMethod, Principal } from './types.ts'
import { wampcraMethod } from './wampcra.ts'

const AUTHPROVIDER = 'users'
/** What WAMP-CRA's challenge says of everybody: the role itself would tell strangers who there is, and whom to guess. */
const UNTOLD_ROLE = 'user'

export interface UserMethodsOptions {
  readonly checkers: Checkers
  readonly realm: Realm
  readonly secrets: Secrets
  /** Keys of the configuration that sign in users of this server. */
  readonly cryptosignKeys?: readonly UserKeys[] | undefined
  /** Key of those in the configuration, for its errors. */
  readonly where?: string | undefined
  readonly random: Random
  readonly clock: Clock
}

/**
 * The ways to sign in as a user of this server: what some checker verifies, and what came with the connection.
 * @throws ConfigError that names the key and the mend
 */
export function userMethods(options: UserMethodsOptions): AuthMethod[] {
  const { checkers, realm, secrets, cryptosignKeys = [], where = 'wamp.cryptosignKeys', random, clock } = options
  checkKeys(cryptosignKeys, where)

  /** @throws PortholeError auth.wrong when there is no such user (any more), auth.role for a camera's key */
  const principal = (identity: Identity, authmethod: string): Principal => {
    const avatar = realm.avatarFor(identity, 'wamp')
    if (avatar.user === undefined || avatar.role === 'public') throw wrong()
    return { authid: avatar.user, authrole: avatar.role, authmethod, authprovider: AUTHPROVIDER, visitor: { identity, avatar } }
  }

  const ticket = ticketMethod({
    suits: () => true,
    verify: async (user, shown, { address }) => {
      if (!isKey(shown) || !checkers.verifies('key'))
        return principal(await checkers.check({ kind: 'password', by: 'ticket', user, password: shown }, address), 'ticket')
      const identity = await checkers.check({ kind: 'key', key: shown }, address)
      if (identity.user !== user || identity.camera !== undefined) throw wrong()
      return principal(identity, 'ticket')
    },
  })

  const wampcra = wampcraMethod({
    random,
    clock,
    authprovider: AUTHPROVIDER,
    suits: () => true,
    told: (user) => ({ authrole: UNTOLD_ROLE, derivation: { ...secrets.derivation(user, 'wamp-cra'), keylen: KEY_BYTES } }),
    verify: async (user, challenge, signature, { address }) =>
      principal(await checkers.check({ kind: 'wamp-cra', user, challenge, signature }, address), 'wampcra'),
  })

  const scram = (method: ScramMethod) =>
    scramMethod(method, {
      random,
      suits: () => true,
      parameters: (user) => ({ kdf: 'pbkdf2', ...secrets.derivation(user, 'scram') }),
      verify: async (user, message, proof, { address }) => {
        const identity = await checkers.check({ kind: 'scram', user, message, proof }, address)
        if (identity.answer === undefined) throw wrong()
        return { principal: principal(identity, method), signature: identity.answer }
      },
    })

  const holders = new Map(cryptosignKeys.flatMap(({ authid, publicKeys }) => publicKeys.map((key) => [key.toLowerCase(), authid])))
  const cryptosign = cryptosignMethod({
    random,
    suits: () => true,
    find: (key, authid) => {
      const user = holders.get(key)
      if (user === undefined || (authid !== undefined && authid !== user)) return undefined
      // As who comes by an API key: machines keep such keys, and they set no passwords.
      return principal({ user, isKey: true }, 'cryptosign')
    },
  })

  return [
    cookieMethod({ principal: ({ identity }) => principal(identity, 'cookie') }),
    ...(checkers.verifies('password') ? [ticket] : []),
    ...(checkers.verifies('wamp-cra') ? [wampcra] : []),
    ...(checkers.verifies('scram') ? SCRAM_METHODS.map(scram) : []),
    ...(holders.size > 0 ? [cryptosign] : []),
  ]
}
