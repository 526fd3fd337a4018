import { allows } from '../shared/model/session.ts'
import type { Audit } from './auth/audit.ts'
import type { Checkers } from './auth/checkers.ts'
import { composeAuth } from './auth/compose.ts'
import { guarded } from './auth/guarded.ts'
import { administrationHandlers, auditHandlers, sessionHandlers } from './auth/handlers.ts'
import { keyHandlers } from './auth/key-handlers.ts'
import type { Leases } from './auth/leases.ts'
import type { AuthOptions } from './auth/options.ts'
import type { Realm } from './auth/realm.ts'
import type { Secrets } from './auth/secrets.ts'
import type { SignInLink } from './auth/sessions.ts'
import type { Users } from './auth/users.ts'
import type { UsersChecker } from './auth/users-checker.ts'
import { openVault } from './auth/vault.ts'
import type { Clock } from './base/clock.ts'
import { conditional } from './base/conditional.ts'
import { PortholeError } from './base/errors.ts'
import type { Handlers } from './base/handlers.ts'
import type { Lifecycle } from './base/lifecycle.ts'
import type { Links } from './base/links.ts'
import type { Log } from './base/log.ts'
import { Bus } from './bus/bus.ts'
import { EventLog } from './bus/log.ts'
import { Cameras, type CamerasOptions, statusOf } from './camera/cameras.ts'
import { cameraHandlers } from './camera/handlers.ts'
import { StatusTeller } from './camera/status.ts'
import { settingsHandlers } from './config/settings.ts'
import { aboutHandlers } from './http/about.ts'
import { Control } from './http/control.ts'
import { Feed, type FeedOptions } from './http/feed/feed.ts'
import { eventHandlers } from './http/feed/handlers.ts'
import { Once } from './http/once.ts'
import type { Deliverer } from './notify/deliverer.ts'
import { openNotify } from './notify/notify.ts'
import type { WebhookOptions } from './notify/options.ts'
import { shareHandlers } from './share/handlers.ts'
import { Shares } from './share/shares.ts'
import { Visits } from './share/visits.ts'
import { stageHandlers } from './stage/handlers.ts'
import { Stages } from './stage/stages.ts'
import { IN_MEMORY, openDatabase } from './store/database.ts'

export interface CoreOptions {
  /** The data directory. */
  readonly data: string
  /** Undefined: as the data directory has it, for who only looks after it. */
  readonly auth: AuthOptions | undefined
  /** Where webhooks may post to. */
  readonly webhooks: WebhookOptions
  /** Whether there are proxies whose word is taken. */
  readonly hasProxies: boolean
  readonly ownerPassword: string | undefined
  readonly runSource: CamerasOptions['runSource']
  readonly links: Links
  /** Whether demo cameras run. */
  readonly demo: boolean
  readonly log: Log
  readonly clock: Clock
}

/** What stands on a data directory, with or without a port: users, keys, cameras, and the contract's procedures about them. */
export interface Core {
  readonly users: Users
  readonly checkers: Checkers
  readonly usersChecker: UsersChecker
  readonly secrets: Secrets
  /** What tells no stranger who there is. */
  readonly decoy: (context: string) => Buffer
  readonly realm: Realm
  readonly leases: Leases
  readonly audit: Audit
  readonly link: SignInLink
  readonly bus: Bus
  readonly cameras: Cameras
  readonly events: EventLog
  readonly feed: Feed
  readonly once: Once
  readonly shares: Shares
  readonly visits: Visits
  readonly stages: Stages
  readonly deliverer: Deliverer
  readonly handlers: Handlers
}

/**
 * Opens a data directory for one process: its control socket says who has it.
 * @throws ConfigError when another process has it, or when settings do not fit the data
 */
export async function openCore(options: CoreOptions, lifecycle: Lifecycle): Promise<Core> {
  const { data, auth, log, clock } = options
  const control = data === IN_MEMORY ? undefined : new Control(data, log)
  await control?.listen()
  lifecycle.add('control socket', () => control?.close())
  const database = await openDatabase(data)
  lifecycle.add('database', () => database.destroy())
  const vault = openVault(data === IN_MEMORY ? undefined : data)
  const composed = await composeAuth({ database, vault, auth, hasProxies: options.hasProxies, clock, log })
  const { secrets, users, grants, keys, sessions, usersChecker, audit, checkers, leases, link, signIn, realm } = composed
  lifecycle.add('audit', () => audit.close())
  await users.ensureOwner(options.ownerPassword)

  const bus = new Bus(clock)
  const events = await EventLog.load({ database, clock, log })
  lifecycle.add('events', () => events.close())
  const cameras = await Cameras.load({ database, bus, events, clock, log, runSource: options.runSource })
  lifecycle.add('cameras', () => cameras.close())
  lifecycle.add('bus', () => bus.closeAll(new PortholeError('server.closing')))
  const shares = await Shares.load({ database, vault, clock, log })
  await shares.prune((camera) => cameras.find(camera) !== undefined)
  lifecycle.add('shares', () => shares.close())
  const visits = new Visits(shares, clock)
  const statuses = await StatusTeller.load(cameras, bus, events, clock)
  lifecycle.add('statuses', () => statuses.close())
  const ownerOf = (id: string) => cameras.ownerOf(id)
  const snapshot: FeedOptions['snapshot'] = (may) => {
    const mine = cameras.list().filter(may)
    return { cameras: mine, status: mine.map(({ id }) => statusOf(bus.channel(id))) }
  }
  const notify = await openNotify({
    database,
    vault,
    events,
    options: options.webhooks,
    clock,
    log,
    avatarOf: (user) => realm.avatarFor({ user }, 'http'),
    ownerOf,
  })
  lifecycle.add('webhooks', () => notify.deliverer.close())
  const feed = new Feed({ events, clock, ownerOf, snapshot })
  const stages = new Stages({
    cameras,
    bus,
    events,
    lending: {
      lend: (camera) => keys.lend(camera),
      takeBack(camera, key) {
        keys.takeBack(key)
        leases.endVia({ user: undefined, camera }, key.id)
      },
    },
    links: options.links,
    mayHost: (user) => allows(users.find(user)?.role ?? 'public', 'operator'),
    clock,
    log,
  })
  lifecycle.add('stages', () => stages.close(new PortholeError('server.closing')))
  const knownCamera = (id: string) => cameras.getLasting(id)
  /** What a user may see changed. */
  const onChanged = (user: string) => {
    feed.refresh(user)
    stages.review(user)
  }
  const reviewed = (user: string) => {
    leases.review(user)
    onChanged(user)
  }
  const once = await Once.load({ database, vault, clock, log })
  const administration = administrationHandlers({
    users,
    sessions,
    grants,
    keys,
    leases,
    log,
    knownCamera,
    async handOver(from, to) {
      stages.review(from)
      await cameras.handOver(from, to)
    },
    async forgetMore(user) {
      await notify.webhooks.deleteAll(user)
      await once.forget(user)
    },
    onChanged,
  })
  const handlers = guarded(
    conditional({
      ...cameraHandlers(cameras),
      ...eventHandlers({ events, feed, ownerOf }),
      ...sessionHandlers({ signIn, sessions }),
      ...keyHandlers({ keys, users, leases, knownCamera }),
      ...aboutHandlers(options),
      ...auditHandlers(audit),
      ...shareHandlers({ shares, visits, links: options.links, find: (id) => cameras.find(id) }),
      ...stageHandlers(stages),
      ...notify.handlers,
      ...settingsHandlers({
        users,
        grants,
        cameras,
        webhooks: notify.webhooks,
        clock,
        objection: notify.objection,
        createUser: administration['porthole.user.create'],
        onChanged: reviewed,
      }),
      ...administration,
    }),
    audit,
    { keyName: (id) => keys.find(id)?.name, sessionUser: (id) => sessions.userOf(id) },
  )
  control?.open(handlers, () => {
    const session = users.anyOwner()
    return {
      avatar: realm.avatarFor(session, 'http'),
      session,
      via: undefined,
      address: undefined,
      asked: undefined,
      keepSession: () => {},
    }
  })
  lifecycle.add('commands', () => control?.stop())
  return {
    users,
    checkers,
    usersChecker,
    secrets,
    decoy: (context) => vault.decoy(context),
    realm,
    leases,
    audit,
    link,
    bus,
    cameras,
    events,
    feed,
    once,
    shares,
    visits,
    stages,
    deliverer: notify.deliverer,
    handlers,
  }
}
