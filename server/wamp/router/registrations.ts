import type { Match } from '../../../shared/wamp/uris.ts'
import type { Member } from './member.ts'
import { PatternIndex } from './pattern-index.ts'

/** Which of several callees a call goes to ("Shared Registration"). */
export const POLICIES = ['single', 'first', 'last', 'roundrobin', 'random'] as const
export type Policy = (typeof POLICIES)[number]

/** Who answers a procedure, or what matches a pattern. */
export interface Registration {
  readonly id: number
  readonly uri: string
  readonly match: Match
  readonly invoke: Policy
  /** ISO 8601. */
  readonly created: string
  /** In the order in which they registered. */
  readonly callees: Member[]
  /** Whose turn it is, by roundrobin. */
  turn: number
}

/** All registrations of a realm, by pattern and by identifier (router scope, "IDs"). */
export class Registrations {
  readonly index = new PatternIndex<Registration>()
  readonly #byId = new Map<number, Registration>()
  #lastId = 0

  get(id: number): Registration | undefined {
    return this.#byId.get(id)
  }

  create(uri: string, match: Match, invoke: Policy, created: string): Registration {
    const registration: Registration = { id: ++this.#lastId, uri, match, invoke, created, callees: [], turn: 0 }
    this.#byId.set(registration.id, registration)
    this.index.add(registration)
    return registration
  }

  delete(registration: Registration): void {
    this.#byId.delete(registration.id)
    this.index.delete(registration)
  }
}

/**
 * The callee whose turn it is, of those that read what they are sent.
 * @param may whether one of them may be asked; unless given, all
 * @returns undefined when none does
 */
export function pick(registration: Registration, random: () => number, may?: (callee: Member) => boolean): Member | undefined {
  const { callees, invoke, turn } = registration
  const { length } = callees
  const start = invoke === 'roundrobin' ? turn : invoke === 'random' ? Math.floor(random() * length) : invoke === 'last' ? length - 1 : 0
  const step = invoke === 'last' ? length - 1 : 1
  for (let i = 0; i < length; i++) {
    const at = (start + i * step) % length
    const callee = callees[at] as Member
    if (callee.isBusy || (may && !may(callee))) continue
    registration.turn = at + 1
    return callee
  }
  return undefined
}
