import type { ProcedureName } from '../../shared/contract/index.ts'
import type { PageWish } from '../../shared/contract/paging.ts'
import type { Key } from '../../shared/model/key.ts'
import { PortholeError } from '../base/errors.ts'
import { type Caller, type Handlers, signedIn } from '../base/handlers.ts'
import { pageOf } from '../base/paging.ts'
import type { Keys } from './keys.ts'
import type { Leases } from './leases.ts'
import type { Users } from './users.ts'

export interface KeyHandlerOptions {
  readonly keys: Keys
  readonly users: Users
  readonly leases: Leases
  /** @throws PortholeError camera.unknown, camera.deleted, camera.expired */
  readonly knownCamera: (id: string) => Promise<unknown>
}

type Names = Extract<ProcedureName, `porthole.key.${string}` | `porthole.publish_key.${string}`>

/** What publish keys are called unless told. */
const PUBLISH_KEY = 'Publish key'

/** Keys. What an old secret has open ends before the answer. */
export const keyHandlers = ({ keys, users, leases, knownCamera }: KeyHandlerOptions): Handlers<Names> => {
  const isOwner = ({ avatar }: Caller) => avatar.role === 'owner'
  const known = (id: string, mine: (key: Key) => boolean): string => {
    if (!mine(keys.get(id))) throw new PortholeError('key.unknown')
    return id
  }
  const ofUser = (id: string, caller: Caller) =>
    known(id, ({ user }) => user !== undefined && (user === caller.avatar.user || isOwner(caller)))
  const ofCamera = (id: string, of: string) => known(id, ({ camera }) => camera === of)
  const rotate = async (id: string) => {
    const { user, camera } = keys.get(id)
    const made = await keys.rotate(id)
    leases.endVia({ user, camera }, id)
    return made
  }
  const remove = async (id: string) => {
    const { user, camera } = keys.get(id)
    await keys.delete(id)
    leases.endVia({ user, camera }, id)
    return null
  }
  const listed = (found: readonly Key[], wish: PageWish) => {
    const { page, next } = pageOf(found, ({ createdAt, id }) => [createdAt, id], wish)
    return { keys: page, next }
  }
  return {
    'porthole.key.list': async (wish, caller) =>
      listed(
        keys.list(isOwner(caller) ? {} : { user: signedIn(caller).user }).filter(({ user }) => user !== undefined),
        wish,
      ),
    'porthole.key.create': async ({ name, role, user }, caller) => {
      const of = user ?? signedIn(caller).user
      if (of !== caller.avatar.user && !isOwner(caller)) throw new PortholeError('auth.role')
      users.get(of)
      return keys.create(name, { user: of, role })
    },
    'porthole.key.rotate': async ({ key }, caller) => rotate(ofUser(key, caller)),
    'porthole.key.delete': async ({ key }, caller) => remove(ofUser(key, caller)),
    'porthole.publish_key.list': async ({ id, ...wish }) => {
      await knownCamera(id)
      return listed(keys.list({ camera: id }), wish)
    },
    'porthole.publish_key.create': async ({ id, name = PUBLISH_KEY }) => {
      await knownCamera(id)
      return keys.create(name, { camera: id })
    },
    'porthole.publish_key.rotate': async ({ id, key }) => rotate(ofCamera(key, id)),
    'porthole.publish_key.delete': async ({ id, key }) => remove(ofCamera(key, id)),
  }
}
