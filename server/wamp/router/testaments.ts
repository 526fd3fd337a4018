import type { Args, Dict } from '../../../shared/wamp/messages.ts'
import type { Member } from './member.ts'

/** Testaments of one session and scope. */
export const MAX_TESTAMENTS = 100

/** When a testament is published. Sessions are not resumed here, so that both come at once, `detached` first. */
export const SCOPES = ['detached', 'destroyed'] as const
export type Scope = (typeof SCOPES)[number]

export interface Testament {
  readonly topic: string
  readonly args: Args
  readonly kwargs: Dict
  readonly options: Dict
}

/** What sessions want published when they are gone ("Testament"). */
export class Testaments {
  readonly #left = new WeakMap<Member, Record<Scope, Testament[]>>()

  /** @returns false when there are too many */
  add(member: Member, scope: Scope, testament: Testament): boolean {
    const scopes = this.#left.get(member) ?? { detached: [], destroyed: [] }
    this.#left.set(member, scopes)
    return scopes[scope].length < MAX_TESTAMENTS && scopes[scope].push(testament) > 0
  }

  flush(member: Member, scope: Scope): void {
    const scopes = this.#left.get(member)
    if (scopes) scopes[scope] = []
  }

  /** In the order in which they are published. */
  take(member: Member): Testament[] {
    const { detached = [], destroyed = [] } = this.#left.get(member) ?? {}
    this.#left.delete(member)
    return [...detached, ...destroyed]
  }
}
