import { hash, verify } from '@node-rs/argon2'
import type { Clock } from '../base/clock.ts'
import { placeOf } from '../base/networks.ts'
import type { Gate } from './gate.ts'
import { Remembered } from './remembered.ts'

/** The package's Algorithm is a const enum, which isolated modules cannot read. */
const ARGON2ID = 2
/** OWASP's choice for argon2id: 19 MiB, two passes, one lane. */
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Whether a password is the one behind a stored hash. */
type Verify = (stored: string, password: string) => Promise<boolean>

/** Passwords against stored hashes: in the time of a hash for whoever is wrong, at once for who was right a moment ago. */
export class PasswordCheck {
  readonly #gate: Gate
  readonly #verify: Verify
  readonly #remembered: Remembered
  readonly #makeDecoy: () => Promise<string>
  #decoy: Promise<string> | undefined

  constructor(gate: Gate, clock: Clock, verifyHash: Verify, makeDecoy: () => Promise<string>) {
    this.#gate = gate
    this.#verify = verifyHash
    this.#makeDecoy = makeDecoy
    this.#remembered = new Remembered(clock)
  }

  /** Whether this was right a moment ago, from the same address; costs no hash. */
  recall(address: string, user: string, password: string, stored: string | null | undefined): boolean {
    return typeof stored === 'string' && this.#remembered.has(address, user, password, stored)
  }

  /**
   * Takes the same time whether there is a hash or not, so that nobody learns which users exist.
   * @throws PortholeError server.limit
   */
  async verify(address: string, user: string, password: string, stored: string | null | undefined): Promise<boolean> {
    this.#decoy ??= this.#makeDecoy()
    const against = stored ?? (await this.#decoy)
    const right = (await this.#gate.run(() => this.#verify(against, password), placeOf(address))) && typeof stored === 'string'
    if (right) this.#remembered.add(address, user, password, stored)
    return right
  }
}

/** argon2id, as this server stores passwords. */
export const argon2 = {
  /** @returns PHC string */
  hash: (password: string): Promise<string> => hash(password.normalize('NFC'), OPTIONS),
  verify: (stored: string, password: string): Promise<boolean> => verify(stored, password.normalize('NFC')),
}
