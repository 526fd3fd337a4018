import type { Vault } from '../auth/vault.ts'
import type { Clock } from '../base/clock.ts'
import type { Avatar } from '../base/handlers.ts'
import type { Log } from '../base/log.ts'
import type { EventLog } from '../bus/log.ts'
import type { Database } from '../store/database.ts'
import { Deliverer } from './deliverer.ts'
import { AddressGuard } from './guard.ts'
import { objectionTo, webhookHandlers } from './handlers.ts'
import type { WebhookOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { Webhooks } from './webhooks.ts'

export interface NotifyOptions {
  readonly database: Database
  readonly vault: Vault
  readonly events: EventLog
  readonly options: WebhookOptions
  readonly clock: Clock
  readonly log: Log
  readonly avatarOf: (user: string) => Avatar
  readonly ownerOf: (camera: string) => Promise<string | undefined>
}

/** Events in, deliveries out. Until it is started it only writes down what is to be delivered. */
export async function openNotify({ database, vault, events, options, clock, log, avatarOf, ownerOf }: NotifyOptions) {
  const webhooks = await Webhooks.load({ database, vault, clock, log })
  const outbox = new Outbox(database)
  const guard = new AddressGuard(options.allow)
  const deliverer = new Deliverer({ webhooks, outbox, guard, clock, log, avatarOf, ownerOf })
  events.writeAlong(async (transaction, all) => {
    for (const told of all)
      await outbox.put(
        transaction,
        told,
        webhooks.wanting(told).filter(({ user }) => avatarOf(user).may('watch', told.camera)),
      )
  })
  events.onTold((told) => {
    if (told.id !== undefined) for (const { id } of webhooks.wanting(told)) deliverer.wake(id)
  })
  return {
    webhooks,
    deliverer,
    objection: (url: string) => objectionTo(url, guard),
    handlers: webhookHandlers({ webhooks, outbox, deliverer, guard, clock, ownerOf }),
  }
}
