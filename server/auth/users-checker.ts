import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { digestResponse } from '../wire/authorization.ts'
import type { Checker, Credential, Identity } from './credential.ts'
import { Nonces } from './nonces.ts'
import { craSignature, sameText, scramAnswer } from './proofs.ts'
import { REALM, type Secrets } from './secrets.ts'
import type { Users } from './users.ts'

type Of<K extends Credential['kind']> = Extract<Credential, { kind: K }>

/** Verifies whatever can be made of the passwords of this server's users. */
export class UsersChecker implements Checker {
  readonly name = 'users'
  readonly verifies = ['password', 'digest', 'wamp-cra', 'scram'] as const
  readonly nonces: Nonces
  readonly #users: Users
  readonly #secrets: Secrets

  constructor(users: Users, secrets: Secrets, clock: Clock) {
    this.#users = users
    this.#secrets = secrets
    this.nonces = new Nonces(clock)
  }

  recall(credential: Credential, address: string): Identity | undefined {
    if (credential.kind !== 'password') return undefined
    const { user, password } = credential
    return this.#users.recall(user, password, address) ? { user } : undefined
  }

  /** @throws PortholeError auth.stale, server.limit */
  async check(credential: Credential, address: string): Promise<Identity | undefined> {
    switch (credential.kind) {
      case 'password':
        return (await this.#users.verify(credential.user, credential.password, address)) ? { user: credential.user } : undefined
      case 'digest':
        return this.#digest(credential)
      case 'wamp-cra':
        return this.#signature(credential)
      case 'scram':
        return this.#proof(credential)
      default:
        return undefined
    }
  }

  #digest(credential: Of<'digest'>): Identity | undefined {
    const { user, realm, hash, method, response, session, nonce, count } = credential
    if (realm !== REALM) return undefined
    const secret = this.#secrets.find(user, `digest-${hash}`)
    const right = (cnonce: string | undefined) =>
      sameText(digestResponse(secret ?? '', method, credential, cnonce), response) && secret !== undefined
    const first = session ? this.nonces.firstCnonce(nonce) : undefined
    if (!right(count?.cnonce) && (first === undefined || !right(first))) return undefined
    // Only who knows the password learns that the nonce was old.
    if (!this.nonces.use(nonce, count)) throw new PortholeError('auth.stale')
    return { user }
  }

  #signature({ user, challenge, signature }: Of<'wamp-cra'>): Identity | undefined {
    const secret = this.#secrets.find(user, 'wamp-cra')
    return sameText(craSignature(secret?.key ?? '', challenge), signature) && secret ? { user } : undefined
  }

  #proof({ user, message, proof }: Of<'scram'>): Identity | undefined {
    const secret = this.#secrets.find(user, 'scram')
    const answer = secret && scramAnswer(secret, message, proof)
    return answer === undefined ? undefined : { user, answer }
  }
}
