import type { Attempts } from '../../auth/attempts.ts'
import { craSignature, sameText, scramAnswer } from '../../auth/proofs.ts'
import type { Clock } from '../../base/clock.ts'
import { asPortholeError } from '../../base/errors.ts'
import { anonymousMethod, type Random } from './anonymous.ts'
import { cryptosignMethod } from './cryptosign.ts'
import { wrong } from './denied.ts'
import { checkPrincipals, type PrincipalOptions } from './principals.ts'
import { type Decoy, type Entry, Roster } from './roster.ts'
import { scramMethod } from './scram.ts'
import { SCRAM_METHODS, type ScramMethod } from './scram-exchange.ts'
import { ticketMethod } from './ticket.ts'
import type { AuthMethod, Peer, Principal } from './types.ts'
import { wampcraMethod } from './wampcra.ts'

const AUTHPROVIDER = 'static'

const isSame = (right: string | undefined, shown: string) => (right !== undefined && sameText(right, shown)) || undefined

export interface ConfiguredOptions {
  /** The realm's name: what is made up for strangers differs by it. */
  readonly realm: string
  readonly principals: readonly PrincipalOptions[]
  /** Key of the principals in the configuration, for its errors: `wamp.realms[0].principals`. */
  readonly where: string
  /** The role of who does not say who they are; undefined: everybody has to. */
  readonly anonymous?: string | undefined
  readonly random: Random
  readonly decoy: Decoy
  /** Of this realm alone: its authids are no users of this server. */
  readonly attempts: Attempts
  readonly clock: Clock
}

/**
 * The ways to sign in to a realm of the configuration: those that any of its principals has, and `anonymous`.
 * @throws ConfigError that names the key and the mend
 */
export function configuredMethods(options: ConfiguredOptions): AuthMethod[] {
  const { principals, where, anonymous, random } = options
  checkPrincipals(principals, where)
  const methods = principals.length > 0 ? principalMethods(options) : []
  return anonymous === undefined ? methods : [...methods, anonymousMethod(anonymous, random)]
}

function principalMethods({ realm, principals, random, decoy, attempts, clock }: ConfiguredOptions): AuthMethod[] {
  const roster = new Roster(principals, realm, decoy)

  /** One guess: whoever is wrong too often from one address has to wait, and whoever does not exist, too. */
  const guess = <T>(authid: string, { address }: Peer, verify: (entry: Entry) => T | undefined): { entry: Entry; right: T } => {
    const isNoFault = attempts.begin(authid, address)
    try {
      const entry = roster.find(authid)
      const right = verify(entry)
      if (right === undefined || !entry.isReal) throw wrong()
      isNoFault()
      return { entry, right }
    } catch (error) {
      if (asPortholeError(error).http !== 401) isNoFault()
      throw error
    }
  }
  const principal = (authid: string, { role }: Pick<Entry, 'role'>, authmethod: string): Principal => ({
    authid,
    authrole: role,
    authmethod,
    authprovider: AUTHPROVIDER,
  })

  const ticket = ticketMethod({
    suits: (authid) => roster.find(authid).ticket !== undefined,
    verify: async (authid, shown, peer) => {
      const { entry } = guess(authid, peer, ({ ticket }) => isSame(ticket, shown))
      return principal(authid, entry, 'ticket')
    },
  })

  const wampcra = wampcraMethod({
    random,
    clock,
    authprovider: AUTHPROVIDER,
    suits: (authid) => roster.find(authid).secret !== undefined,
    told: (authid) => {
      const { role, derivation } = roster.find(authid)
      return { authrole: role, derivation }
    },
    verify: async (authid, challenge, signature, peer) => {
      const { entry } = guess(authid, peer, ({ secret }) => isSame(secret && craSignature(secret, challenge), signature))
      return principal(authid, entry, 'wampcra')
    },
  })

  const scram = (method: ScramMethod) =>
    scramMethod(method, {
      random,
      suits: (name) => roster.find(name).scram !== undefined,
      parameters: (name) => {
        const { scram } = roster.find(name)
        if (!scram) throw wrong()
        return scram
      },
      verify: async (name, message, proof, peer) => {
        const { entry, right } = guess(name, peer, ({ scram }) => scram && scramAnswer(scram, message, proof))
        return { principal: principal(name, entry, method), signature: right }
      },
    })

  const cryptosign = cryptosignMethod({
    random,
    suits: (authid) => authid === undefined || roster.find(authid).hasKeys,
    find: (key, authid) => {
      const holder = roster.ofKey(key)
      if (!holder || (authid !== undefined && authid !== holder.authid)) return undefined
      return principal(holder.authid, holder, 'cryptosign')
    },
  })

  const has = (way: keyof PrincipalOptions) => principals.some((one) => one[way] !== undefined)
  return [
    ...(has('ticket') ? [ticket] : []),
    ...(has('secret') ? [wampcra] : []),
    ...(has('scram') ? SCRAM_METHODS.map(scram) : []),
    ...(has('publicKeys') ? [cryptosign] : []),
  ]
}
