import { randomBytes } from 'node:crypto'
import type { TopicKind } from '../../shared/contract/feed.ts'
import type { InputOf } from '../../shared/contract/index.ts'
import type { Vault } from '../auth/vault.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Told } from '../bus/log.ts'
import type { Database, WebhookRow } from '../store/database.ts'
import { newSecret } from './sign.ts'

const ID_BYTES = 6
/** Webhooks of one user, and of all: each event asks each. */
const MAX_WEBHOOKS_OF_USER = 20
const MAX_WEBHOOKS = 200

/** A webhook as it is now; its secret is opened from the vault when it is loaded. */
export interface WebhookEntry {
  readonly id: string
  readonly url: string
  readonly user: string
  readonly cameras: readonly string[] | null
  readonly kinds: readonly TopicKind[] | null
  readonly active: boolean
  readonly secret: string
  /** µs since the Unix epoch. */
  readonly createdAt: number
}

/** What can be said of a webhook, when it is made and later. */
export type WebhookChange = Omit<InputOf<'porthole.webhook.update'>, 'webhook'>

export interface NewWebhook extends WebhookChange {
  readonly id?: string
  readonly url: string
}

export interface WebhooksOptions {
  readonly database: Database
  readonly vault: Vault
  readonly clock: Clock
  readonly log: Log
}

/** Every webhook: in memory, because each event asks; written through. */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #entries = new Map<string, WebhookEntry>()

  private constructor(options: WebhooksOptions) {
    this.#options = options
  }

  static async load(options: WebhooksOptions): Promise<Webhooks> {
    const webhooks = new Webhooks(options)
    for (const row of await options.database.selectFrom('webhook').selectAll().orderBy('created_at').execute())
      try {
        webhooks.#entries.set(row.id, webhooks.#opened(row))
      } catch (error) {
        options.log.error({ err: error, webhook: row.id }, 'a webhook cannot be read, and is left alone: the key file is another one')
      }
    return webhooks
  }

  list(): WebhookEntry[] {
    return [...this.#entries.values()]
  }

  find(id: string): WebhookEntry | undefined {
    return this.#entries.get(id)
  }

  /** @throws PortholeError webhook.unknown */
  get(id: string): WebhookEntry {
    const entry = this.#entries.get(id)
    if (!entry) throw new PortholeError('webhook.unknown')
    return entry
  }

  /** Those that want an event, whoever they are of. */
  wanting({ kind, camera }: Pick<Told, 'kind' | 'camera'>): WebhookEntry[] {
    return this.list().filter(
      ({ active, cameras, kinds }) => active && (cameras?.includes(camera.id) ?? true) && (kinds?.includes(kind) ?? true),
    )
  }

  /** @throws PortholeError server.limit */
  async create({ id, url, cameras = null, kinds = null, active = true }: NewWebhook, user: string): Promise<WebhookEntry> {
    const theirs = this.list().filter((entry) => entry.user === user).length
    if (theirs >= MAX_WEBHOOKS_OF_USER || this.#entries.size >= MAX_WEBHOOKS)
      throw new PortholeError('server.limit', `there are ${theirs} webhooks already; delete some`)
    const entry: WebhookEntry = {
      id: id ?? randomBytes(ID_BYTES).toString('hex'),
      url,
      user,
      cameras,
      kinds,
      active,
      secret: newSecret(),
      createdAt: this.#options.clock.now(),
    }
    await this.#options.database.insertInto('webhook').values(this.#sealed(entry)).execute()
    this.#entries.set(entry.id, entry)
    this.#options.log.info({ webhook: entry.id, user, host: new URL(url).host }, 'webhook made')
    return entry
  }

  /** @throws PortholeError webhook.unknown */
  update(id: string, change: WebhookChange): Promise<WebhookEntry> {
    return this.#change(id, Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)))
  }

  /** The same webhook with a new secret. @throws PortholeError webhook.unknown */
  rotate(id: string): Promise<WebhookEntry> {
    return this.#change(id, { secret: newSecret() })
  }

  /** With all that was and waits. @throws PortholeError webhook.unknown */
  async delete(id: string): Promise<void> {
    const entry = this.get(id)
    this.#entries.delete(id)
    try {
      await this.#options.database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('webhook').where('id', '=', id).execute()
        await transaction.deleteFrom('delivery').where('webhook', '=', id).execute()
      })
    } catch (error) {
      // It would be there again at the next start: its owner must be able to try again.
      this.#entries.set(id, entry)
      throw error
    }
    this.#options.log.info({ webhook: id }, 'webhook deleted')
  }

  /** All that a user has. */
  async deleteAll(user: string): Promise<void> {
    for (const entry of this.list()) if (entry.user === user) await this.delete(entry.id)
  }

  async #change(id: string, change: Partial<Omit<WebhookEntry, 'id'>>): Promise<WebhookEntry> {
    const sealed = this.#sealed({ ...this.get(id), ...change })
    const columns = (Object.keys(change) as (keyof typeof change)[]).map((name) => (name === 'createdAt' ? 'created_at' : name))
    // Only what changes: another change may be on its way.
    const set = Object.fromEntries(columns.map((column) => [column, sealed[column]]))
    if (columns.length > 0) await this.#options.database.updateTable('webhook').set(set).where('id', '=', id).execute()
    const entry = { ...this.get(id), ...change }
    this.#entries.set(id, entry)
    return entry
  }

  #sealed({ id, url, user, cameras, kinds, active, secret, createdAt }: WebhookEntry): WebhookRow {
    return {
      id,
      url,
      user,
      cameras: cameras && JSON.stringify(cameras),
      kinds: kinds && JSON.stringify(kinds),
      active: active ? 1 : 0,
      secret: this.#options.vault.seal(secret, `webhook ${id}`),
      created_at: createdAt,
    }
  }

  #opened({ id, url, user, cameras, kinds, active, secret, created_at }: WebhookRow): WebhookEntry {
    return {
      id,
      url,
      user,
      cameras: cameras === null ? null : JSON.parse(cameras),
      kinds: kinds === null ? null : JSON.parse(kinds),
      active: active === 1,
      secret: this.#options.vault.open(Buffer.from(secret), `webhook ${id}`),
      createdAt: created_at,
    }
  }
}
