import type { Args, Dict } from '../../../shared/wamp/messages.ts'
import { packed, unpacked } from './kept-events.ts'
import type { Member } from './member.ts'

/** Testaments of one session and scope, and bytes of all of a session's. */
export const MAX_TESTAMENTS = 100
export const MAX_TESTAMENT_BYTES = 256 * 1024

/** When a testament is published. Sessions are not resumed here, so that both come at once, `detached` first. */
export const SCOPES = ['detached', 'destroyed'] as const
export type Scope = (typeof SCOPES)[number]

export interface Testament {
  readonly topic: string
  readonly args: Args
  readonly kwargs: Dict
  readonly options: Dict
}

interface Left {
  readonly topic: string
  /** Arguments, and options as details, as CBOR. */
  readonly bytes: Uint8Array
}

/** What sessions want published when they are gone ("Testament"). */
export class Testaments {
  readonly #left = new WeakMap<Member, Record<Scope, Left[]>>()

  /** @returns false when there are too many, or they are too large */
  add(member: Member, scope: Scope, { topic, args, kwargs, options }: Testament): boolean {
    const scopes = this.#left.get(member) ?? { detached: [], destroyed: [] }
    this.#left.set(member, scopes)
    const bytes = packed({ details: options, args, kwargs })
    if (!bytes || scopes[scope].length >= MAX_TESTAMENTS) return false
    let all = bytes.length
    for (const left of [...scopes.detached, ...scopes.destroyed]) all += left.bytes.length
    if (all > MAX_TESTAMENT_BYTES) return false
    scopes[scope].push({ topic, bytes })
    return true
  }

  flush(member: Member, scope: Scope): void {
    const scopes = this.#left.get(member)
    if (scopes) scopes[scope] = []
  }

  /** In the order in which they are published. */
  take(member: Member): Testament[] {
    const { detached = [], destroyed = [] } = this.#left.get(member) ?? {}
    this.#left.delete(member)
    return [...detached, ...destroyed].map(({ topic, bytes }) => {
      const { details: options, args = [], kwargs = {} } = unpacked(bytes)
      return { topic, args, kwargs, options }
    })
  }
}
