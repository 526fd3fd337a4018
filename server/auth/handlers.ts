import type { ProcedureName } from '../../shared/contract/index.ts'
import { PortholeError } from '../base/errors.ts'
import { type Caller, type Handlers, signedIn } from '../base/handlers.ts'
import type { Log } from '../base/log.ts'
import { numberFrom, pageOf, pageOfRows, rowsFor } from '../base/paging.ts'
import type { Audit } from './audit.ts'
import type { Grants } from './grants.ts'
import type { Keys } from './keys.ts'
import type { Leases } from './leases.ts'
import type { Sessions } from './sessions.ts'
import type { SignIn } from './signin.ts'
import type { Users } from './users.ts'

export interface SessionOptions {
  readonly signIn: SignIn
  readonly sessions: Sessions
}

export const sessionHandlers = ({ signIn, sessions }: SessionOptions): Handlers<Extract<ProcedureName, `porthole.session.${string}`>> => ({
  'porthole.session.create': async (input, caller) => {
    const { session, token } = await signIn.signIn(input, { address: addressOf(caller), agent: caller.agent })
    caller.keepSession(token)
    return session
  },
  'porthole.session.get': async (_input, caller) => ({ session: caller.session ?? null }),
  'porthole.session.delete': async (_input, { session, via, keepSession, avatar }) => {
    if (session && via && !avatar.isKey) await signIn.signOut(session.user, via)
    keepSession(undefined)
    return null
  },
  'porthole.session.password': async ({ password, old }, caller) => {
    await signIn.changePassword(signedIn(caller).user, password, old, addressOf(caller), caller.via)
    return null
  },
  'porthole.session.list': async (wish, caller) => {
    const found = await sessions.list(caller.avatar.role === 'owner' ? undefined : signedIn(caller).user)
    const { page, next } = pageOf(found, ({ createdAt, id }) => [createdAt, id], wish)
    return { sessions: page.map((session) => ({ ...session, current: session.id === caller.via })), next }
  },
  'porthole.session.revoke': async ({ session }, caller) => {
    const user = await sessions.userOf(session)
    // Whose it is, is nobody else's business.
    if (user === undefined || (user !== caller.avatar.user && caller.avatar.role !== 'owner')) throw new PortholeError('session.unknown')
    await signIn.signOut(user, session)
    return null
  },
})

/** For counting attempts; the command line makes none. */
const addressOf = ({ address = '' }: Caller): string => address

export interface AdministrationOptions {
  readonly users: Users
  readonly sessions: Sessions
  readonly grants: Grants
  readonly keys: Keys
  readonly leases: Leases
  readonly log: Log
  /** @throws PortholeError camera.unknown, camera.deleted, camera.expired */
  readonly knownCamera: (id: string) => Promise<unknown>
  /** Gives the cameras of a user to another. */
  readonly handOver: (from: string, to: string) => Promise<void>
  /** Drops what else a user had. */
  readonly forgetMore: (user: string) => Promise<void>
  /** What a user may see changed. */
  readonly onChanged: (user: string) => void
}

/** Users and grants. What somebody loses ends before the answer. */
export const administrationHandlers = ({
  users,
  sessions,
  grants,
  keys,
  leases,
  log,
  knownCamera,
  handOver,
  forgetMore,
  onChanged,
}: AdministrationOptions): Handlers<Extract<ProcedureName, `porthole.user.${string}` | `porthole.grant.${string}`>> => {
  const forget = async (user: string) => {
    await sessions.deleteAll(user)
    await grants.takeAll(user)
    await keys.deleteAll(user)
    await forgetMore(user)
  }
  const review = (user: string) => {
    leases.review(user)
    onChanged(user)
  }
  return {
    'porthole.user.list': async (wish) => {
      const { page, next } = pageOf(users.list(), ({ name }) => [name], wish)
      return { users: page, next }
    },
    'porthole.user.get': async ({ name }) => users.get(name),
    'porthole.user.create': async ({ name, role, password }, caller) => {
      // What one of this name left whose removal was cut short.
      if (!users.find(name)) await forget(name)
      const user = await users.create(name, role, password)
      log.info({ user: name, role, by: caller.avatar.user }, 'user created')
      return user
    },
    'porthole.user.update': async ({ name, role, password }, caller) => {
      if (password !== undefined) {
        await users.setPassword(name, password)
        await sessions.deleteAll(name)
        leases.endAll(name)
      }
      if (role !== undefined) await users.setRole(name, role)
      review(name)
      log.info({ user: name, role, password: password !== undefined, by: caller.avatar.user }, 'user changed')
      return users.get(name)
    },
    'porthole.user.delete': async ({ name }, caller) => {
      await users.delete(name)
      await forget(name)
      leases.endAll(name)
      const { user } = signedIn(caller)
      await handOver(name, user === name ? users.anyOwner().user : user)
      log.info({ user: name, by: caller.avatar.user }, 'user deleted')
      return null
    },
    'porthole.grant.list': async ({ id, ...wish }) => {
      await knownCamera(id)
      const { page, next } = pageOf(grants.of(id), (name) => [name], wish)
      return { users: page, next }
    },
    'porthole.grant.create': async ({ id, user }, caller) => {
      await knownCamera(id)
      users.get(user)
      await grants.give(user, id)
      review(user)
      log.info({ camera: id, user, by: caller.avatar.user }, 'camera granted')
      return null
    },
    'porthole.grant.delete': async ({ id, user }, caller) => {
      await grants.take(user, id)
      review(user)
      log.info({ camera: id, user, by: caller.avatar.user }, 'grant taken back')
      return null
    },
  }
}

export const auditHandlers = (audit: Audit): Handlers<'porthole.audit.list'> => ({
  'porthole.audit.list': async (wish) => {
    const before = wish.cursor === undefined ? undefined : numberFrom(wish.cursor)
    const { page, next } = pageOfRows(await audit.list({ before, limit: rowsFor(wish) }), ({ id }) => [id], wish)
    return { entries: page, next }
  },
})
