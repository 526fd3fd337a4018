import { type CameraAct, mayTo } from '../../shared/model/access.ts'
import { allows, type Role } from '../../shared/model/session.ts'
import { PortholeError } from '../base/errors.ts'
import type { Avatar } from '../base/handlers.ts'
import type { Identity } from './credential.ts'
import type { Grants } from './grants.ts'
import type { Users } from './users.ts'

/** What a connection is for: what its avatar may do to cameras at all. */
const ACTS = {
  http: ['watch', 'feed', 'manage'],
  wamp: ['watch', 'feed', 'manage'],
  rtsp: ['watch', 'feed'],
  ftp: ['feed'],
  publisher: ['feed'],
} as const satisfies Record<string, readonly CameraAct[]>
export type AvatarKind = keyof typeof ACTS

/** Makes of who somebody is what they may do here. Avatars ask anew each time: what was taken back is gone at once. */
export class Realm {
  readonly #users: Users
  readonly #grants: Grants

  constructor(users: Users, grants: Grants) {
    this.#users = users
    this.#grants = grants
  }

  /**
   * @param identity undefined: a stranger's
   * @throws PortholeError auth.role when who it is has no business in this kind of connection
   */
  avatarFor(identity: Identity | undefined, kind: AvatarKind): Avatar {
    const acts: readonly CameraAct[] = ACTS[kind]
    const { user, camera: feeds, atMost } = identity ?? {}
    if (kind === 'wamp' && feeds !== undefined) throw new PortholeError('auth.role', 'a key that feeds a camera opens no WAMP session')
    const roleOf = (): Role => {
      const role = user === undefined ? 'public' : (this.#users.find(user)?.role ?? 'public')
      return atMost && allows(role, atMost) ? atMost : role
    }
    return {
      user,
      feeds,
      isKey: identity?.isKey === true,
      get role() {
        return roleOf()
      },
      may: (act, { id, owner }) => {
        if (!acts.includes(act)) return false
        if (feeds !== undefined) return act === 'feed' && feeds === id
        if (user === undefined) return false
        return mayTo(act, { role: roleOf(), own: owner === user, granted: this.#grants.has(user, id) })
      },
    }
  }
}
