import { Array, Boolean, Integer, Literal, Null, Object, Optional, type Static, String, Union } from 'typebox'
import { CameraId, IsoTime } from './camera.ts'

/** Characters of an address that is delivered to. */
export const MAX_WEBHOOK_URL_CHARS = 2048

export const WebhookId = String({ minLength: 1, maxLength: 32, pattern: '^[0-9a-f]+$' })
export const WebhookUrl = String({ maxLength: MAX_WEBHOOK_URL_CHARS, pattern: '^https?://[^\\s]+$' })

/** An address that events are posted to; as its maker sees it, without the secret that signs. */
export const Webhook = Object({
  id: WebhookId,
  url: WebhookUrl,
  /** Whose it is: it tells what they may watch. */
  user: String(),
  /** Of these cameras alone; null: of all that its user may watch. */
  cameras: Union([Array(CameraId), Null()]),
  /** Of these kinds alone; null: of all. */
  kinds: Union([Array(String()), Null()]),
  /** False: nothing is delivered, and what happens meanwhile is not told later. */
  active: Boolean(),
  createdAt: IsoTime,
  /** Since when deliveries fail; null while they do not. */
  failingSince: Union([IsoTime, Null()]),
  /** Deliveries that wait. */
  waiting: Integer({ minimum: 0 }),
})
export type Webhook = Static<typeof Webhook>

/** The secret that signs (standardwebhooks.com), told when it is made. */
export const WebhookSecret = String({ pattern: '^whsec_[A-Za-z0-9+/=]+$' })

export const DeliveryId = String({ minLength: 1, maxLength: 16, pattern: '^[0-9]+$' })

/** One event for one webhook. */
export const Delivery = Object({
  id: DeliveryId,
  /** Id of the event; null: a test. */
  event: Union([Integer(), Null()]),
  kind: String(),
  camera: Optional(CameraId),
  createdAt: IsoTime,
  state: Union([Literal('waiting'), Literal('delivered'), Literal('failed')]),
  attempts: Integer({ minimum: 0 }),
  /** The last attempt: when, the status that was answered, why it failed, milliseconds that it took. */
  attemptedAt: Union([IsoTime, Null()]),
  status: Union([Integer(), Null()]),
  error: Union([String(), Null()]),
  ms: Union([Integer(), Null()]),
  /** When it is tried again. */
  nextAt: Union([IsoTime, Null()]),
})
export type Delivery = Static<typeof Delivery>
