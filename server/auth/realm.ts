import { mayTo } from '../../shared/model/access.ts'
import type { Session } from '../../shared/model/session.ts'
import type { Avatar } from '../base/handlers.ts'
import type { Grants } from './grants.ts'
import type { Users } from './users.ts'

/** Makes of who somebody is what they may do here. Avatars ask anew each time: what was taken back is gone at once. */
export class Realm {
  readonly #users: Users
  readonly #grants: Grants

  constructor(users: Users, grants: Grants) {
    this.#users = users
    this.#grants = grants
  }

  readonly avatarOf = (session: Session | undefined): Avatar => {
    const user = session?.user
    const roleOf = () => (user === undefined ? 'public' : (this.#users.find(user)?.role ?? 'public'))
    return {
      user,
      get role() {
        return roleOf()
      },
      may: (act, { id, owner }) => {
        if (user === undefined) return false
        return mayTo(act, { role: roleOf(), own: owner === user, granted: this.#grants.has(user, id) })
      },
    }
  }
}
