import { Array, Boolean, Null, Object, Optional, Union } from 'typebox'
import { CameraId } from '../model/camera.ts'
import { Delivery, DeliveryId, Webhook, WebhookId, WebhookSecret, WebhookUrl } from '../model/webhook.ts'
import { procedure } from './define.ts'
import { EventKind, MAX_FILTER_ITEMS } from './feed.ts'
import { listInput, listOutput } from './paging.ts'

const strict = { additionalProperties: false } as const

/** Which events it is told; null takes a filter away. */
const filter = {
  cameras: Optional(Union([Array(CameraId, { maxItems: MAX_FILTER_ITEMS, description: 'Of these cameras alone.' }), Null()])),
  kinds: Optional(Union([Array(EventKind, { maxItems: MAX_FILTER_ITEMS, description: 'Of these kinds alone.' }), Null()])),
}

/** A webhook is its maker's, and any owner's: to everybody else there is none. */
export const webhookProcedures = {
  'porthole.webhook.list': procedure({
    method: 'GET',
    path: '/webhooks',
    role: 'operator',
    summary: 'Your webhooks; for owners, everybody’s.',
    input: listInput({}),
    output: listOutput('webhooks', Webhook),
    status: 200,
    errors: [],
  }),
  'porthole.webhook.create': procedure({
    method: 'POST',
    path: '/webhooks',
    role: 'operator',
    notByKey: true,
    summary: 'Have events posted to an address, signed. The secret that signs is told once.',
    input: Object({ url: WebhookUrl, ...filter }, strict),
    output: Object({ id: WebhookId, secret: WebhookSecret }),
    toldOnce: true,
    at: ({ id }) => `/webhooks/${id}`,
    status: 201,
    errors: ['webhook.address', 'camera.unknown', 'server.limit'],
  }),
  'porthole.webhook.get': procedure({
    method: 'GET',
    path: '/webhooks/:webhook',
    role: 'operator',
    summary: 'One webhook.',
    input: Object({ webhook: WebhookId }, strict),
    output: Webhook,
    volatile: ['failingSince', 'waiting'],
    status: 200,
    errors: ['webhook.unknown'],
  }),
  'porthole.webhook.update': procedure({
    method: 'PATCH',
    path: '/webhooks/:webhook',
    role: 'operator',
    changes: 'porthole.webhook.get',
    notByKey: true,
    summary: 'Give a webhook another address or other events; switch it off and on.',
    input: Object({ webhook: WebhookId, url: Optional(WebhookUrl), ...filter, active: Optional(Boolean()) }, strict),
    output: Webhook,
    status: 200,
    errors: ['webhook.unknown', 'webhook.address', 'camera.unknown'],
  }),
  'porthole.webhook.delete': procedure({
    method: 'DELETE',
    path: '/webhooks/:webhook',
    role: 'operator',
    changes: 'porthole.webhook.get',
    summary: 'Delete a webhook, and what waits for it.',
    input: Object({ webhook: WebhookId }, strict),
    output: Null(),
    status: 204,
    errors: ['webhook.unknown'],
  }),
  'porthole.webhook.rotate': procedure({
    method: 'POST',
    path: '/webhooks/:webhook/rotate',
    role: 'operator',
    notByKey: true,
    summary: 'Sign with another secret from now on.',
    input: Object({ webhook: WebhookId }, strict),
    output: Object({ id: WebhookId, secret: WebhookSecret }),
    toldOnce: true,
    status: 200,
    errors: ['webhook.unknown'],
  }),
  'porthole.webhook.test': procedure({
    method: 'POST',
    path: '/webhooks/:webhook/test',
    role: 'operator',
    summary: 'Post a test now, and say what came of it.',
    input: Object({ webhook: WebhookId }, strict),
    output: Delivery,
    status: 200,
    errors: ['webhook.unknown', 'server.limit'],
  }),
  'porthole.webhook.deliveries': procedure({
    method: 'GET',
    path: '/webhooks/:webhook/deliveries',
    role: 'operator',
    summary: 'What was delivered, failed and waits, the newest first.',
    input: listInput({ webhook: WebhookId }),
    output: listOutput('deliveries', Delivery),
    status: 200,
    errors: ['webhook.unknown'],
  }),
  'porthole.webhook.redeliver': procedure({
    method: 'POST',
    path: '/webhooks/:webhook/deliveries/:delivery/redeliver',
    role: 'operator',
    summary: 'Try a delivery again, as soon as can be.',
    input: Object({ webhook: WebhookId, delivery: DeliveryId }, strict),
    output: Delivery,
    status: 200,
    errors: ['webhook.unknown', 'delivery.unknown'],
  }),
}
