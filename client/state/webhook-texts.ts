import { ApiError } from '../../shared/client/call.ts'
import type { TopicKind } from '../../shared/contract/feed.ts'
import type { Delivery, Webhook } from '../../shared/model/webhook.ts'
import { age, clockTime } from './format.ts'

/** What users read of webhooks: loaded with the settings, and with the dialogs. */
export const webhookTexts = {
  title: 'Webhooks',
  text: 'Porthole tells other programs what happens to your cameras: it posts each event to an address of theirs, signed.',
  none: 'No webhooks yet. Add one to have a chat, a home automation or a program of yours told when a camera comes and goes.',
  add: 'Add webhook',
  of: (user: string) => `of ${user}`,
  menu: 'More',
  menuOf: (url: string) => `Menu of ${url}`,
  activeOf: (url: string) => `Deliver to ${url}`,

  states: {
    on: 'Delivering',
    failing: (time: string) => `Failing since ${time}`,
    off: 'Switched off',
  },
  waiting: (count: number) => `${count} waiting`,
  allKinds: 'All events',
  allCameras: 'all cameras',
  events: (kinds: string, cameras: string) => `${kinds} of ${cameras}`,
  more: (names: string, count: number) => `${names} and ${count} more`,
  kinds: {
    'camera.created': { name: 'Camera made', means: 'It was made, or brought back.' },
    'camera.changed': { name: 'Camera changed', means: 'Its name, owner or time to live is another.' },
    'camera.removed': { name: 'Camera removed', means: 'It was deleted, or expired.' },
    'camera.status': { name: 'Camera on or off', means: 'It sends now, or does not any more.' },
  } satisfies Record<TopicKind, { name: string; means: string }>,
  testKind: 'Test',

  actions: { deliveries: 'Deliveries', edit: 'Change', test: 'Send a test', rotate: 'New secret', delete: 'Delete' },
  switched: (on: boolean) => (on ? 'Events are delivered from now on' : 'Nothing is delivered any more'),
  rotateTitle: 'Make a new secret?',
  rotateText: 'What is posted is signed with it from then on: a receiver that has the old one refuses it.',
  deleteTitle: 'Delete this webhook?',
  deleteText: (url: string) => `Nothing is posted to ${url} any more, and what waits is dropped.`,
  deleted: 'The webhook was deleted',

  form: {
    changeTitle: 'Change webhook',
    save: 'Save',
    url: 'Address',
    urlExample: 'https://receiver.example/porthole',
    urlHint: 'It begins with https:// or http://',
    cameras: 'Cameras',
    camerasAll: 'All that I may watch',
    camerasAllOf: (user: string) => `All that ${user} may watch`,
    camerasListed: 'These cameras',
    kinds: 'Events',
    kindsAll: 'All events',
    kindsListed: 'These events',
    chooseOne: 'Choose at least one.',
    chooseFewer: (most: number) => `Choose ${most} at most, or all.`,
    noCameras: 'There are no cameras yet.',
  },
  address:
    'Nothing can be posted to this address. It must have no user and password in it; one inside your network must be allowed in the configuration file (webhooks.allow).',

  secret: {
    title: 'The webhook’s secret',
    text: 'The receiver verifies with it that what comes is from here. Copy it now: it is not shown again.',
    label: 'Secret',
    copied: 'Secret copied',
  },

  test: {
    title: 'Test',
    text: (url: string) => `A test is posted to ${url}.`,
    running: 'Waiting for an answer, for 10 seconds at most…',
    delivered: (status: number | null, time: string) => `The test was accepted: status ${status} after ${time}.`,
    failed: (why: string, time: string) => `The test was not accepted: ${why}, after ${time}.`,
    again: 'Send another',
    done: 'Done',
  },

  page: {
    title: 'Webhook',
    back: 'All webhooks',
    gone: 'There is no such webhook',
    goneText: 'It was deleted, or is somebody else’s.',
    events: 'What it is told',
  },
  deliveries: {
    title: 'Deliveries',
    text: 'The newest first; some 200 are kept. What fails is tried again for 22 hours.',
    none: 'Nothing was delivered yet. Send a test to see whether the receiver answers.',
    noneOff: 'Nothing was delivered yet: this webhook is switched off.',
    delivered: (status: number | null, time: string) => `delivered: status ${status} after ${time}`,
    failed: (why: string) => `failed: ${why}`,
    after: (time: string) => `after ${time}`,
    attempts: (count: number) => `${count} attempts`,
    again: (time: string) => `again at ${time}`,
    soon: 'again soon',
    waiting: 'waiting',
    noAnswer: 'no answer',
    send: 'Send again',
    sendOf: (what: string, time: string) => `Send again: ${what}, ${time}`,
    sent: 'It is sent again',
  },
} as const

/** Names of one list that are said before it becomes a number. */
const MAX_SAID = 3

/** `a, b, c and 2 more`. */
function listed(names: readonly string[]): string {
  const said = names.slice(0, MAX_SAID).join(', ')
  return names.length > MAX_SAID ? webhookTexts.more(said, names.length - MAX_SAID) : said
}

/** A kind in words; one that this page is too old for says itself. */
export const kindName = (kind: string): string => {
  if (kind === 'test') return webhookTexts.testKind
  return Object.hasOwn(webhookTexts.kinds, kind) ? webhookTexts.kinds[kind as TopicKind].name : kind
}

/** Which events a webhook is told: `Camera made, Camera removed of Front door`. */
export function eventsOf({ kinds, cameras }: Pick<Webhook, 'kinds' | 'cameras'>, nameOf: (camera: string) => string): string {
  const what = kinds === null ? webhookTexts.allKinds : listed(kinds.map(kindName))
  return webhookTexts.events(what, cameras === null ? webhookTexts.allCameras : listed(cameras.map(nameOf)))
}

export type WebhookState = 'on' | 'failing' | 'off'

export const stateOf = ({ active, failingSince }: Webhook): WebhookState => (!active ? 'off' : failingSince === null ? 'on' : 'failing')

/** How it does, and how many wait. */
export function stateWords(webhook: Webhook, now: number, locale?: string): string {
  const { states, waiting } = webhookTexts
  const since = webhook.failingSince && states.failing(clockTime(Date.parse(webhook.failingSince), now, locale))
  const state = !webhook.active ? states.off : since || states.on
  return webhook.waiting === 0 ? state : `${state} · ${waiting(webhook.waiting)}`
}

/** `14:03:22`, with the day when it was another: deliveries follow each other within seconds. */
export function exactTime(time: string, now: number, locale?: string): string {
  const date = new Date(time)
  const sameDay = date.toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(sameDay ? {} : { day: 'numeric', month: 'short' }),
  }).format(date)
}

/** What an event is and of which camera: `Camera changed · Front door`. */
export const deliveryTitle = ({ kind, camera }: Delivery, nameOf: (camera: string) => string): string =>
  camera === undefined ? kindName(kind) : `${kindName(kind)} · ${nameOf(camera)}`

/** What became of a delivery. */
export function deliveryWords({ state, status, error, ms, attempts, nextAt }: Delivery, now: number, locale?: string): string {
  const words = webhookTexts.deliveries
  const many = attempts > 1 && words.attempts(attempts)
  if (state === 'delivered') return [words.delivered(status, age(ms ?? 0)), many].filter(Boolean).join(' · ')
  // One that was delivered and is sent again has no error.
  const why = state === 'waiting' && error === null ? words.waiting : words.failed(error ?? words.noAnswer)
  const next = state === 'waiting' && error !== null && nextAt !== null && againAt(nextAt, now, locale)
  return [why, error !== null && ms !== null && ms > 0 && words.after(age(ms)), many, next].filter(Boolean).join(' · ')
}

const againAt = (time: string, now: number, locale?: string): string =>
  Date.parse(time) > now ? webhookTexts.deliveries.again(exactTime(time, now, locale)) : webhookTexts.deliveries.soon

/** What came of a test. */
export function testWords({ state, status, error, ms }: Delivery): string {
  const { delivered, failed } = webhookTexts.test
  const time = age(ms ?? 0)
  return state === 'delivered' ? delivered(status, time) : failed(error ?? webhookTexts.deliveries.noAnswer, time)
}

/** An address that is refused, in the words of its field; undefined: the error is another. */
export const addressRefusal = (error: unknown): string | undefined =>
  error instanceof ApiError && error.code === 'webhook.address' ? webhookTexts.address : undefined
