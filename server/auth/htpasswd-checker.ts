import { readFileSync, statSync } from 'node:fs'
import { hash, verify } from '@node-rs/bcrypt'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Checker, Credential, Identity } from './credential.ts'
import type { Gate } from './gate.ts'
import { PasswordCheck } from './passwords.ts'

/** Bytes of a password file. */
const MAX_FILE_BYTES = 1024 * 1024
/** Rounds (2 to the power of) that Apache's htpasswd takes unless told. */
const DECOY_COST = 5
const MAX_COST = 15
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** A password file of Apache's form: user, colon, bcrypt hash; lines with # are comments. */
export function parseHtpasswd(text: string): Map<string, string> {
  const users = new Map<string, string>()
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    const [user, stored] = [line.slice(0, colon), line.slice(colon + 1).trim()]
    if (colon < 1) throw new Error(`line ${i + 1} is not user:hash`)
    const cost = BCRYPT.exec(stored)?.[1]
    if (cost === undefined) throw new Error(`line ${i + 1}: the hash of ${user} is not bcrypt; make it with htpasswd -B`)
    if (Number(cost) > MAX_COST) throw new Error(`line ${i + 1}: the hash of ${user} takes 2^${Number(cost)} rounds; at most 2^${MAX_COST}`)
    users.set(user, stored)
  }
  return users
}

/** The highest cost of a file's hashes. */
const costOf = (users: ReadonlyMap<string, string>): number =>
  Math.max(DECOY_COST, ...[...users.values()].map((stored) => Number(BCRYPT.exec(stored)?.[1])))

/** Verifies plain passwords against a password file, which is read again when it changes. It cannot serve Digest: it has hashes only. */
export class HtpasswdChecker implements Checker {
  readonly name = 'htpasswd'
  readonly verifies = ['password'] as const
  readonly #path: string
  readonly #log: Log
  readonly #check: (cost: number) => PasswordCheck
  #passwords: PasswordCheck
  #users: Map<string, string>
  #version = ''

  /** @throws Error that says what is wrong with the file */
  constructor(path: string, gate: Gate, clock: Clock, log: Log) {
    this.#path = path
    this.#log = log
    // Who is unknown takes the time of those who are known.
    this.#check = (cost) =>
      new PasswordCheck(
        gate,
        clock,
        (stored, password) => verify(password.normalize('NFC'), stored),
        () => hash('decoy', { cost }),
      )
    this.#version = this.#versionOf()
    this.#users = this.#read()
    this.#passwords = this.#check(costOf(this.#users))
  }

  recall(credential: Credential, address: string): Identity | undefined {
    if (credential.kind !== 'password') return undefined
    this.#refresh()
    const { user, password } = credential
    return this.#passwords.recall(address, user, password, this.#users.get(user)) ? { user } : undefined
  }

  async check(credential: Credential, address: string): Promise<Identity | undefined> {
    if (credential.kind !== 'password') return undefined
    this.#refresh()
    const { user, password } = credential
    return (await this.#passwords.verify(address, user, password, this.#users.get(user))) ? { user } : undefined
  }

  /** A file that cannot be used any more leaves what it said before. */
  #refresh(): void {
    try {
      const version = this.#versionOf()
      if (version === this.#version) return
      this.#version = version
      this.#users = this.#read()
      this.#passwords = this.#check(costOf(this.#users))
      this.#log.info({ file: this.#path, users: this.#users.size }, 'password file read again')
    } catch (error) {
      this.#log.error({ file: this.#path, err: error }, 'password file cannot be read; what it said before stays')
    }
  }

  #versionOf(): string {
    const { mtimeMs, size, ino } = statSync(this.#path)
    return `${mtimeMs} ${size} ${ino}`
  }

  #read(): Map<string, string> {
    if (statSync(this.#path).size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`)
    return parseHtpasswd(readFileSync(this.#path, 'utf8'))
  }
}
