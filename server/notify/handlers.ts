import type { OutputOf, ProcedureName } from '../../shared/contract/index.ts'
import type { Delivery, Webhook } from '../../shared/model/webhook.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import { bareHost } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { type Caller, type Handlers, signedIn } from '../base/handlers.ts'
import { numberFrom, pageOf, pageOfRows, rowsFor } from '../base/paging.ts'
import { checkWatchable } from '../base/watchable.ts'
import type { Deliverer } from './deliverer.ts'
import type { AddressGuard } from './guard.ts'
import type { DeliveryEntry, Outbox } from './outbox.ts'
import type { WebhookEntry, Webhooks } from './webhooks.ts'

/** Tests at once. */
const MAX_TESTS = 4

export interface WebhookHandlerOptions {
  readonly webhooks: Webhooks
  readonly outbox: Outbox
  readonly deliverer: Deliverer
  readonly guard: AddressGuard
  readonly clock: Clock
  /** Whose a camera is; undefined when there is none. */
  readonly ownerOf: (camera: string) => Promise<string | undefined>
}

/** Webhooks, for their makers and for owners. To others they do not exist. */
export const webhookHandlers = (options: WebhookHandlerOptions): Handlers<Extract<ProcedureName, `porthole.webhook.${string}`>> => {
  const { webhooks, outbox, deliverer, guard, clock, ownerOf } = options
  let tests = 0
  const isMine = ({ user }: WebhookEntry, { avatar }: Caller) => avatar.role === 'owner' || user === avatar.user
  const known = (id: string, caller: Caller): WebhookEntry => {
    const webhook = webhooks.get(id)
    if (!isMine(webhook, caller)) throw new PortholeError('webhook.unknown')
    return webhook
  }
  const told = async (webhook: WebhookEntry): Promise<Webhook> => {
    const since = deliverer.failingSince(webhook.id)
    const { id, url, user, cameras, kinds, active, createdAt } = webhook
    return {
      id,
      url,
      user,
      cameras: cameras && [...cameras],
      kinds: kinds && [...kinds],
      active,
      createdAt: isoTime(micros(createdAt)),
      failingSince: since === undefined ? null : isoTime(micros(since)),
      waiting: await outbox.countWaiting(id),
    }
  }
  const checkUrl = (url: string) => {
    const against = objectionTo(url, guard)
    if (against !== undefined) throw new PortholeError('webhook.address', against)
  }
  const checkCameras = (cameras: readonly string[] | null | undefined, { avatar }: Caller) => checkWatchable(avatar, cameras ?? [], ownerOf)
  return {
    'porthole.webhook.list': async (wish, caller) => {
      const mine = webhooks.list().filter((webhook) => isMine(webhook, caller))
      const { page, next } = pageOf(mine, ({ createdAt, id }) => [createdAt, id], wish)
      return { webhooks: await Promise.all(page.map(told)), next }
    },
    'porthole.webhook.create': async (input, caller) => {
      checkUrl(input.url)
      await checkCameras(input.cameras, caller)
      const { id, secret } = await webhooks.create(input, signedIn(caller).user)
      return { id, secret }
    },
    'porthole.webhook.get': async ({ webhook }, caller) => told(known(webhook, caller)),
    'porthole.webhook.update': async ({ webhook, ...change }, caller) => {
      known(webhook, caller)
      if (change.url !== undefined) checkUrl(change.url)
      await checkCameras(change.cameras, caller)
      const changed = await webhooks.update(webhook, change)
      deliverer.forget(webhook)
      deliverer.wake(webhook)
      return told(changed)
    },
    'porthole.webhook.delete': async ({ webhook }, caller) => {
      known(webhook, caller)
      await webhooks.delete(webhook)
      deliverer.forget(webhook)
      return null
    },
    'porthole.webhook.rotate': async ({ webhook }, caller) => {
      known(webhook, caller)
      const { id, secret } = await webhooks.rotate(webhook)
      return { id, secret }
    },
    'porthole.webhook.test': async ({ webhook }, caller) => {
      const entry = known(webhook, caller)
      if (tests >= MAX_TESTS) throw new PortholeError('server.limit', 'other tests are running')
      tests++
      try {
        const body = JSON.stringify({ type: 'test', at: isoTime(clock.now()), webhook })
        const delivery = await outbox.putTest(webhook, body, clock.now())
        await deliverer.tryOnce(entry, delivery)
        return toDelivery((await outbox.find(webhook, delivery.id)) ?? delivery)
      } finally {
        tests--
      }
    },
    'porthole.webhook.deliveries': async ({ webhook, ...wish }, caller): Promise<OutputOf<'porthole.webhook.deliveries'>> => {
      known(webhook, caller)
      const before = wish.cursor === undefined ? undefined : numberFrom(wish.cursor)
      const { page, next } = pageOfRows(await outbox.list(webhook, before, rowsFor(wish)), ({ id }) => [id], wish)
      return { deliveries: page.map(toDelivery), next }
    },
    'porthole.webhook.redeliver': async ({ webhook, delivery }, caller) => {
      known(webhook, caller)
      const again = await outbox.again(webhook, Number(delivery), clock.now())
      if (!again) throw new PortholeError('delivery.unknown')
      deliverer.wake(webhook)
      return toDelivery(again)
    },
  }
}

/** Why nothing may be posted to an address, where that can be said of it as it is written: a name is asked when it is posted to. */
export function objectionTo(text: string, guard: AddressGuard): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.username !== '' || url.password !== '') return 'the address must be http(s)://, without user and password'
  try {
    guard.check(bareHost(url))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const timeOf = (time: number | null): string | null => (time === null ? null : isoTime(micros(time)))

const toDelivery = (entry: DeliveryEntry): Delivery => ({
  id: String(entry.id),
  event: entry.event,
  kind: entry.kind,
  ...(entry.camera !== null && { camera: entry.camera }),
  createdAt: timeOf(entry.created_at) as string,
  state: entry.state,
  attempts: entry.attempts,
  attemptedAt: timeOf(entry.attempted_at),
  status: entry.status,
  error: entry.error,
  ms: entry.ms,
  nextAt: timeOf(entry.next_at),
})
