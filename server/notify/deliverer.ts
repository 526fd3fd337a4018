import type { Clock } from '../base/clock.ts'
import type { Avatar } from '../base/handlers.ts'
import type { Log } from '../base/log.ts'
import type { AddressGuard } from './guard.ts'
import type { DeliveryEntry, Outbox, Outcome } from './outbox.ts'
import { post } from './post.ts'
import { signed } from './sign.ts'
import type { WebhookEntry, Webhooks } from './webhooks.ts'

/** Seconds until each further attempt; after the last of them a delivery has failed, 22 hours after its event. */
export const BACKOFF_SECONDS = [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200] as const
/** Part of a pause by which it is longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.1
/** Seconds that a receiver may ask to be left alone. */
const MAX_RETRY_AFTER_SECONDS = 3600
/** Milliseconds in which nothing is posted to a receiver that does not answer; doubled by each attempt that fails, up to the second. */
const PAUSE_MS = 1000
const MAX_PAUSE_MS = 300_000
/** Posts at once; of one webhook there is one. */
const MAX_AT_ONCE = 8
/** Characters of what went wrong. */
const MAX_ERROR_CHARS = 200
const MICROS = 1e6
/** Milliseconds of the longest pause. */
const MAX_WAIT_MS = (BACKOFF_SECONDS.at(-1) as number) * (1 + JITTER) * 1000

export interface DelivererOptions {
  readonly webhooks: Webhooks
  readonly outbox: Outbox
  readonly guard: AddressGuard
  readonly clock: Clock
  readonly log: Log
  /** What a user may do now. */
  readonly avatarOf: (user: string) => Avatar
  readonly ownerOf: (camera: string) => Promise<string | undefined>
  /** From 0 to 1. */
  readonly random?: () => number
}

/** How a receiver does. */
interface Receiver {
  failures: number
  /** µs since the Unix epoch. */
  failingSince: number | undefined
  /** Monotonic ms until which nothing is posted. */
  pausedUntil: number
  stopWait: (() => void) | undefined
}

/** Takes deliveries out of the outbox and posts them, one after the other for each webhook. */
export class Deliverer {
  readonly #options: DelivererOptions
  readonly #receivers = new Map<string, Receiver>()
  readonly #busy = new Set<string>()
  /** Webhooks that something waits for, in their turn. */
  readonly #queue = new Set<string>()
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()
  #started = false

  constructor(options: DelivererOptions) {
    this.#options = options
  }

  /** Begins, with what waits since before. */
  start(): void {
    this.#started = true
    for (const { id } of this.#options.webhooks.list()) this.wake(id)
  }

  /** Something may wait for a webhook. */
  wake(webhook: string): void {
    if (!this.#started || this.#stop.signal.aborted) return
    this.#queue.add(webhook)
    this.#next()
  }

  /** Since when deliveries fail. */
  failingSince(webhook: string): number | undefined {
    return this.#receivers.get(webhook)?.failingSince
  }

  /** It may be another address by now: what kept us from it does not hold any more. */
  forget(webhook: string): void {
    this.#receivers.get(webhook)?.stopWait?.()
    this.#receivers.delete(webhook)
  }

  /** Tries one at once, and not again. */
  async tryOnce(webhook: WebhookEntry, delivery: DeliveryEntry): Promise<void> {
    const outcome = await this.#attempt(webhook, delivery)
    await this.#options.outbox.attempted(delivery, this.#options.clock.now(), {
      ...outcome,
      state: outcome.state === 'delivered' ? 'delivered' : 'failed',
      nextAt: null,
    })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    for (const { stopWait } of this.#receivers.values()) stopWait?.()
    await Promise.all(this.#running)
  }

  #next(): void {
    for (const webhook of this.#queue) {
      if (this.#running.size >= MAX_AT_ONCE) return
      if (this.#busy.has(webhook)) continue
      this.#queue.delete(webhook)
      this.#busy.add(webhook)
      const work = this.#work(webhook)
        .catch((error) => this.#options.log.error({ err: error, webhook }, 'delivering failed'))
        .finally(() => {
          this.#busy.delete(webhook)
          this.#running.delete(work)
          if (!this.#stop.signal.aborted) this.#next()
        })
      this.#running.add(work)
    }
  }

  /** One delivery, if one is due; the next then waits for its turn among the webhooks. */
  async #work(id: string): Promise<void> {
    const { webhooks, outbox, clock } = this.#options
    const webhook = webhooks.find(id)
    const delivery = webhook?.active ? await outbox.next(id) : undefined
    if (!webhook || !delivery) return
    const receiver = this.#receiver(id)
    // Longer than the longest pause is of a clock that was set back since.
    const due = Math.min(((delivery.next_at as number) - clock.now()) / 1000, MAX_WAIT_MS)
    const wait = Math.max(due, receiver.pausedUntil - clock.monotonic())
    if (wait > 0) {
      receiver.stopWait?.()
      receiver.stopWait = clock.after(wait, () => this.wake(id))
      return
    }
    const outcome = await this.#attempt(webhook, delivery)
    if (this.#stop.signal.aborted && outcome.state !== 'delivered') return
    await outbox.attempted(delivery, clock.now(), outcome)
    this.#queue.add(id)
  }

  async #attempt(webhook: WebhookEntry, delivery: DeliveryEntry): Promise<Outcome> {
    const { clock, guard, log } = this.#options
    if (!(await this.#mayTell(webhook, delivery)))
      return { state: 'failed', status: null, error: 'its user may not watch this camera any more', ms: 0, nextAt: null }
    const start = clock.monotonic()
    const ms = () => Math.round(clock.monotonic() - start)
    try {
      const headers = signed(webhook.secret, messageId(delivery), Math.floor(clock.date() / 1000), delivery.body)
      const { status, retryAfter } = await post(new URL(webhook.url), delivery.body, headers, guard, this.#stop.signal)
      if (status >= 200 && status < 300) {
        this.forget(webhook.id)
        return { state: 'delivered', status, error: null, ms: ms(), nextAt: null }
      }
      if (status === 410) {
        log.info({ webhook: webhook.id }, 'webhook switched off: its receiver is gone')
        await this.#options.webhooks.update(webhook.id, { active: false })
        return { state: 'failed', status, error: 'gone: the webhook was switched off', ms: ms(), nextAt: null }
      }
      const isRedirect = status >= 300 && status < 400
      // Of a receiver that refuses this one event the others are still told.
      const isDown = status >= 500 || status === 429
      const after = isDown ? Math.min(retryAfter ?? 0, MAX_RETRY_AFTER_SECONDS) : 0
      return this.#failed(
        webhook,
        delivery,
        { status, error: isRedirect ? 'redirects are not followed' : `status ${status}`, ms: ms() },
        isDown,
        after,
      )
    } catch (error) {
      return this.#failed(webhook, delivery, { status: null, error: reasonOf(error), ms: ms() }, true, 0)
    }
  }

  #failed(
    webhook: WebhookEntry,
    { attempts }: DeliveryEntry,
    said: Pick<Outcome, 'status' | 'error' | 'ms'>,
    isDown: boolean,
    afterSeconds: number,
  ): Outcome {
    const { clock, log, random = Math.random } = this.#options
    const receiver = this.#receiver(webhook.id)
    if (receiver.failingSince === undefined) log.warn({ webhook: webhook.id, reason: said.error }, 'webhook fails')
    receiver.failingSince ??= clock.now()
    if (isDown) {
      const pause = Math.min(PAUSE_MS * 2 ** receiver.failures++, MAX_PAUSE_MS)
      receiver.pausedUntil = clock.monotonic() + Math.max(pause, afterSeconds * 1000)
    }
    const seconds = BACKOFF_SECONDS[attempts]
    if (seconds === undefined) return { ...said, state: 'failed', nextAt: null }
    const jittered = Math.max(seconds * (1 + JITTER * (2 * random() - 1)), afterSeconds)
    return { ...said, state: 'waiting', nextAt: Math.round(clock.now() + jittered * MICROS) }
  }

  /** Its user may watch the camera now, or could when it was deleted. */
  async #mayTell({ user }: WebhookEntry, { camera, owner }: DeliveryEntry): Promise<boolean> {
    if (camera === null) return true
    const now = (await this.#options.ownerOf(camera)) ?? owner ?? ''
    return this.#options.avatarOf(user).may('watch', { id: camera, owner: now })
  }

  #receiver(webhook: string): Receiver {
    const known = this.#receivers.get(webhook)
    if (known) return known
    const receiver: Receiver = { failures: 0, failingSince: undefined, pausedUntil: Number.NEGATIVE_INFINITY, stopWait: undefined }
    this.#receivers.set(webhook, receiver)
    return receiver
  }
}

/** The same at each attempt: by it receivers know repeats. */
export const messageId = ({ id, event }: Pick<DeliveryEntry, 'id' | 'event'>): string => (event === null ? `test-${id}` : `event-${event}`)

function reasonOf(error: unknown): string {
  const { code, message, name } = error as NodeJS.ErrnoException
  const text = name === 'TimeoutError' || name === 'AbortError' ? 'no answer in time' : message || code || 'no answer'
  return text.slice(0, MAX_ERROR_CHARS)
}
