import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Vault } from '../auth/vault.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Database } from '../store/database.ts'
import type { Answer } from './answers.ts'

/** µs that an answer is kept. */
const KEPT_US = 24 * 3600 * 1e6
/** Answers of one user that are kept; the oldest make room. */
const MAX_KEPT = 1000
/** Characters of a key. */
const MAX_KEY_CHARS = 255

export interface OnceOptions {
  readonly database: Database
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
}

/** A create that may be asked again. */
export interface KeyedRequest {
  /** Whose key it is. */
  readonly scope: string
  readonly key: string
  /** All of it: the same key for another one is a mistake. */
  readonly request: string
}

/**
 * Answers to creates that carry an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): who asks again is answered the same.
 * Written down before the create begins, so that who was cut off by the end of this process is told that nobody knows.
 */
export class Once {
  readonly #options: OnceOptions
  readonly #running = new Set<string>()

  private constructor(options: OnceOptions) {
    this.#options = options
  }

  static async load(options: OnceOptions): Promise<Once> {
    // What was sealed under another key file cannot be said again.
    if (options.vault.isNew) await options.database.deleteFrom('once').execute()
    return new Once(options)
  }

  /** @throws PortholeError request.running, request.cut-off, request.reused; what `make` throws, after which the key is as if never used */
  async answer(request: KeyedRequest, make: () => Promise<Answer>): Promise<Answer> {
    const { database, vault, clock } = this.#options
    const id = vault.hash(JSON.stringify([request.scope, request.key]), 'once')
    if (this.#running.has(id)) throw new PortholeError('request.running')
    this.#running.add(id)
    try {
      await this.#makeRoom(request.scope)
      const fingerprint = vault.hash(request.request, 'request')
      const kept = await database.selectFrom('once').selectAll().where('id', '=', id).executeTakeFirst()
      if (kept) {
        if (kept.request !== fingerprint) throw new PortholeError('request.reused')
        if (!kept.answer) throw new PortholeError('request.cut-off')
        const { headers, ...answer }: Answer = JSON.parse(vault.open(Buffer.from(kept.answer), `once ${id}`))
        return { ...answer, headers: { ...headers, 'idempotency-replayed': 'true' } }
      }
      const row = { id, scope: request.scope, request: fingerprint, answer: null, created_at: clock.now() }
      await database.insertInto('once').values(row).execute()
      return await this.#make(id, make)
    } finally {
      this.#running.delete(id)
    }
  }

  /** A user is gone: who comes under their name is somebody else. */
  async forget(user: string): Promise<void> {
    const begin = userScope(user)
    await this.#options.database.deleteFrom('once').where(sql<boolean>`substr(scope, 1, ${begin.length}) = ${begin}`).execute()
  }

  async #make(id: string, make: () => Promise<Answer>): Promise<Answer> {
    const { database, vault, log } = this.#options
    let answer: Answer
    try {
      answer = await make()
    } catch (error) {
      await database.deleteFrom('once').where('id', '=', id).execute()
      throw error
    }
    // It is made: who cannot be answered the same later is still answered now.
    await database
      .updateTable('once')
      .set({ answer: vault.seal(JSON.stringify(answer), `once ${id}`) })
      .where('id', '=', id)
      .execute()
      .catch((error) => log.error({ err: error }, 'an answer was not kept for its Idempotency-Key'))
    return answer
  }

  async #makeRoom(scope: string): Promise<void> {
    const { database, clock } = this.#options
    await database
      .deleteFrom('once')
      .where('created_at', '<=', clock.now() - KEPT_US)
      .execute()
    const most = database.selectFrom('once').select('id').where('scope', '=', scope).orderBy('created_at', 'desc')
    const oldest = await most
      .offset(MAX_KEPT - 1)
      .limit(MAX_KEPT)
      .execute()
    for (const { id } of oldest) if (!this.#running.has(id)) await database.deleteFrom('once').where('id', '=', id).execute()
  }
}

/** What the scopes of a user begin with. No name has a space. */
export const userScope = (user: string): string => `user ${user} `

/** The key of a request, with or without quotes. @throws PortholeError request.invalid */
export function idempotencyKey({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const said = headers['idempotency-key']
  if (said === undefined) return undefined
  const key = String(said).replace(/^"(.*)"$/, '$1')
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY_CHARS)
    throw new PortholeError('request.invalid', `Idempotency-Key must have 1 to ${MAX_KEY_CHARS} visible characters of ASCII`)
  return key
}
