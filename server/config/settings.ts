import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { TopicKind } from '../../shared/contract/feed.ts'
import { topics } from '../../shared/contract/feed.ts'
import type { UserRole } from '../../shared/model/session.ts'
import type { SettingsChange, SettingsDocument } from '../../shared/model/settings.ts'
import { isoTime } from '../../shared/units/time.ts'
import type { Grants } from '../auth/grants.ts'
import type { Users } from '../auth/users.ts'
import type { Clock } from '../base/clock.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import type { Caller, Handlers } from '../base/handlers.ts'
import type { Cameras } from '../camera/cameras.ts'
import type { Webhooks } from '../notify/webhooks.ts'

/** Bytes of a plan's hash that are told. */
const PLAN_BYTES = 18

export interface SettingsOptions {
  readonly users: Users
  readonly grants: Grants
  readonly cameras: Cameras
  readonly webhooks: Webhooks
  readonly clock: Clock
  /** Makes a user, as the procedure does. */
  readonly createUser: (input: { readonly name: string; readonly role: UserRole }, caller: Caller) => Promise<unknown>
  /** Why nothing may be posted to an address; undefined: it may. */
  readonly objection: (url: string) => string | undefined
  /** What a user may do, or see, changed. */
  readonly onChanged: (user: string) => void
}

/** A change, and how it is made. */
interface Step extends SettingsChange {
  readonly make?: () => Promise<unknown>
  /** Users who may do or see something else after it. */
  readonly concerns?: readonly string[]
}

interface Parts extends Omit<SettingsOptions, 'createUser'> {
  readonly createUser: (name: string, role: UserRole) => Promise<unknown>
}

type Entry<K extends 'users' | 'cameras' | 'webhooks'> = NonNullable<SettingsDocument[K]>[number]

/** All that is configured as one document, and such a document made true: what is missing is made, what differs is changed, nothing is deleted. */
export const settingsHandlers = (options: SettingsOptions): Handlers<'porthole.settings.export' | 'porthole.settings.import'> => ({
  'porthole.settings.export': async () => exported(options),
  'porthole.settings.import': async ({ document, plan }, caller) => {
    const createUser = (name: string, role: UserRole) => options.createUser({ name, role }, caller)
    const steps = await stepsOf(document, { ...options, createUser })
    const [changes, unchanged] = [steps.filter((step) => step !== undefined), steps.filter((step) => step === undefined).length]
    const now = planOf(document, changes, options)
    if (plan === undefined) return { plan: now, applied: false, changes: changes.map(told), unchanged }
    if (plan !== now) throw new PortholeError('settings.plan')
    const made: SettingsChange[] = []
    const concerned = new Set<string>()
    for (const step of changes) {
      made.push(await madeOf(step))
      for (const user of step.concerns ?? []) concerned.add(user)
      caller.progress?.({ done: made.length, total: changes.length })
      // The database answers at once: who waits for pictures, or for progress, has a turn in between.
      await setImmediate()
    }
    for (const user of concerned) options.onChanged(user)
    return { plan: now, applied: true, changes: made, unchanged }
  },
})

function exported({ users, grants, cameras, webhooks, clock }: SettingsOptions): SettingsDocument {
  const lasting = cameras.list().filter(({ temporary }) => !temporary)
  return {
    porthole: 1,
    exportedAt: isoTime(clock.now()),
    users: users.list().map(({ name, role, checker }) => ({ name, role, ...(checker !== undefined && { checker }) })),
    cameras: lasting.map(({ id, name, owner, source, expiresAt }) => ({ id, name, owner, source, expiresAt, grants: grants.of(id) })),
    webhooks: webhooks.list().map(({ id, url, user, cameras, kinds, active }) => ({
      id,
      url,
      user,
      cameras: cameras && [...cameras],
      kinds: kinds && [...kinds],
      active,
    })),
  }
}

/** What the document asks for, thing by thing; undefined: it is so already. */
async function stepsOf(document: SettingsDocument, options: Parts): Promise<(Step | undefined)[]> {
  const { users = [], cameras = [], webhooks = [] } = document
  for (const [kind, ids] of [
    ['users', users.map(({ name }) => name)],
    ['cameras', cameras.map(({ id }) => id)],
    ['webhooks', webhooks.map(({ id }) => id)],
  ] as const) {
    const twice = ids.find((id, i) => ids.indexOf(id) !== i)
    if (twice !== undefined) throw new PortholeError('request.invalid', `document.${kind} has ${twice} twice`)
  }
  const names = new Set(users.map(({ name }) => name))
  const knows = (user: string) => names.has(user) || options.users.find(user) !== undefined
  const owners = new Set(options.users.list().flatMap(({ name, role }) => (role === 'owner' ? [name] : [])))
  for (const { name, role } of users) {
    if (role === 'owner') owners.add(name)
    else owners.delete(name)
  }
  // Who becomes an owner comes first: of two who change places neither is the last.
  const inOrder = users.toSorted((a, b) => Number(b.role === 'owner') - Number(a.role === 'owner'))
  const steps: (Step | undefined)[] = inOrder.map((user) => ofUser(user, options, owners.size > 0))
  for (const camera of cameras) steps.push(await ofCamera(camera, options, knows))
  for (const camera of cameras) steps.push(...ofGrants(camera, options, knows))
  for (const webhook of webhooks) steps.push(ofWebhook(webhook, options, knows))
  return steps
}

function ofUser({ name, role, checker }: Entry<'users'>, { users, createUser }: Parts, someOwnerStays: boolean): Step | undefined {
  const known = users.list().find((user) => user.name === name)
  const user = { kind: 'user', id: name } as const
  if (!known) {
    const detail = checker === undefined ? `${role}, without a password until an owner sets one` : `${role}, who signs in by ${checker}`
    return { ...user, action: 'create', detail, make: () => createUser(name, role) }
  }
  if (known.role === role) return undefined
  if (known.role === 'owner' && !someOwnerStays) return { ...user, action: 'conflict', detail: 'is the last owner' }
  return { ...user, action: 'update', detail: `role: ${known.role} → ${role}`, make: () => users.setRole(name, role), concerns: [name] }
}

async function ofCamera(entry: Entry<'cameras'>, { cameras, clock }: Parts, knows: (user: string) => boolean): Promise<Step | undefined> {
  const { id, name, owner, source, expiresAt: until = null } = entry
  const camera = { kind: 'camera', id } as const
  const conflict = (detail: string): Step => ({ ...camera, action: 'conflict', detail })
  const expiresAt = until === null ? null : Date.parse(until) * 1000
  if (Number.isNaN(expiresAt)) return conflict('expiresAt is no time')
  if (!knows(owner)) return conflict(`there is no user ${owner}`)
  const known = cameras.find(id)
  if (!known) {
    if (expiresAt !== null && expiresAt <= clock.now()) return conflict('has expired')
    if ((await cameras.ownerOf(id)) !== undefined) return conflict('was deleted; ids are never used again')
    return {
      ...camera,
      action: 'create',
      detail: `${name} (${source.kind}), of ${owner}`,
      make: () => cameras.create({ id, name, source, expiresAt }, owner),
    }
  }
  if (known.source.kind !== source.kind) return conflict(`is fed by ${known.source.kind}, not by ${source.kind}`)
  const before = known.expiresAt === null ? null : Date.parse(known.expiresAt) * 1000
  const changes = [
    ...(known.name === name ? [] : [`name: ${known.name} → ${name}`]),
    ...(known.owner === owner ? [] : [`owner: ${known.owner} → ${owner}`]),
    ...(before === expiresAt ? [] : [`expires: ${known.expiresAt ?? 'never'} → ${until ?? 'never'}`]),
  ]
  if (changes.length === 0) return undefined
  if (expiresAt !== null && expiresAt <= clock.now()) return conflict('would have expired')
  return {
    ...camera,
    action: 'update',
    detail: changes.join(', '),
    make: () => cameras.update(id, { name, owner, expiresAt }),
    concerns: [known.owner, owner],
  }
}

function ofGrants({ id, grants: given = [] }: Entry<'cameras'>, { grants, cameras }: Parts, knows: (user: string) => boolean) {
  return given.map((user): Step | undefined => {
    if (grants.has(user, id)) return undefined
    const grant = { kind: 'grant', id: `${id} ${user}` } as const
    if (!knows(user)) return { ...grant, action: 'conflict', detail: `there is no user ${user}` }
    const make = async () => {
      await cameras.getLasting(id)
      await grants.give(user, id)
    }
    return { ...grant, action: 'create', detail: `${user} is granted ${id}`, make, concerns: [user] }
  })
}

function ofWebhook(entry: Entry<'webhooks'>, { webhooks, objection }: Parts, knows: (user: string) => boolean): Step | undefined {
  const { id, url, user, cameras, kinds, active } = entry
  const webhook = { kind: 'webhook', id } as const
  const conflict = (detail: string): Step => ({ ...webhook, action: 'conflict', detail })
  const unknown = kinds?.find((kind) => !Object.hasOwn(topics, kind))
  if (unknown !== undefined) return conflict(`there is no kind ${unknown}`)
  if (!knows(user)) return conflict(`there is no user ${user}`)
  const against = objection(url)
  if (against !== undefined) return conflict(against)
  const wish = { url, cameras, kinds: kinds as TopicKind[] | null }
  const known = webhooks.find(id)
  if (!known) {
    const detail = `${url}, of ${user}; switched off, since its receiver knows no secret yet: make a new one`
    return { ...webhook, action: 'create', detail, make: () => webhooks.create({ id, ...wish, active: false }, user) }
  }
  if (known.user !== user) return conflict(`is of ${known.user}`)
  const changes = [
    ...(known.url === url ? [] : [`address: ${known.url} → ${url}`]),
    ...(JSON.stringify([known.cameras, known.kinds]) === JSON.stringify([cameras, kinds]) ? [] : ['other events']),
    // Whether its receiver knows the secret, nobody can tell: it is switched on by hand.
    ...(known.active && !active ? ['switched off'] : []),
  ]
  if (changes.length === 0) return undefined
  return {
    ...webhook,
    action: 'update',
    detail: changes.join(', '),
    make: () => webhooks.update(id, { ...wish, active: known.active && active }),
  }
}

async function madeOf(step: Step): Promise<SettingsChange> {
  try {
    await step.make?.()
    return told(step)
  } catch (error) {
    return { ...told(step), failed: asPortholeError(error).message }
  }
}

const told = ({ kind, id, action, detail }: Step): SettingsChange => ({ kind, id, action, detail })

/** Of the document, of what there is now, and of the changes between. */
function planOf(document: SettingsDocument, steps: readonly Step[], options: SettingsOptions): string {
  const { exportedAt: _, ...now } = exported(options)
  return createHash('sha256')
    .update(JSON.stringify([document, now, steps.map(told)]))
    .digest()
    .subarray(0, PLAN_BYTES)
    .toString('base64url')
}
