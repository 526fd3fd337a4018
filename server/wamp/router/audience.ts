import type { Dict } from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import { Failure } from './failure.ts'
import type { Member } from './member.ts'

type Hearer = Pick<Member, 'id' | 'principal'>

/** Names or numbers in one list of options, and characters of a name. */
export const MAX_AUDIENCE_ITEMS = 1000
const MAX_NAME_CHARS = 256

const LISTS = ['exclude', 'exclude_authid', 'exclude_authrole', 'eligible', 'eligible_authid', 'eligible_authrole'] as const
type Lists = Partial<Record<(typeof LISTS)[number], ReadonlySet<unknown>>>

/** To whom an event goes, by what its publisher said ("Subscriber Black- and Whitelisting", "Publisher Exclusion"). */
export class Audience {
  readonly #lists: Lists
  readonly #not: Hearer | undefined

  private constructor(lists: Lists, not: Hearer | undefined) {
    this.#lists = lists
    this.#not = not
  }

  /**
   * @param publisher whom `exclude_me` speaks of
   * @returns undefined when it goes to all
   * @throws Failure wamp.error.invalid_argument
   */
  static of(options: Dict, publisher: Hearer | undefined): Audience | undefined {
    const not = options.exclude_me === false ? undefined : publisher
    let lists: Record<string, ReadonlySet<unknown>> | undefined
    for (const name of LISTS) {
      const said = options[name]
      if (said === undefined || said === null) continue
      const type = name === 'exclude' || name === 'eligible' ? 'number' : 'string'
      const isItem = (item: unknown) => typeof item === type && String(item).length <= MAX_NAME_CHARS
      if (!Array.isArray(said) || said.length > MAX_AUDIENCE_ITEMS || !said.every(isItem))
        throw new Failure(URI.invalidArgument, `${name} must be a list of at most ${MAX_AUDIENCE_ITEMS} ${type}s`)
      lists ??= {}
      lists[name] = new Set(said)
    }
    return lists || not ? new Audience(lists ?? {}, not) : undefined
  }

  has(member: Hearer): boolean {
    if (member === this.#not) return false
    const { exclude, exclude_authid, exclude_authrole, eligible, eligible_authid, eligible_authrole } = this.#lists
    const { id, principal } = member
    if (exclude?.has(id) || exclude_authid?.has(principal.authid) || exclude_authrole?.has(principal.authrole)) return false
    if (eligible && !eligible.has(id)) return false
    if (eligible_authid && !eligible_authid.has(principal.authid)) return false
    return !eligible_authrole || eligible_authrole.has(principal.authrole)
  }

  /** Whether it names sessions, which are others after the next join: such an event is in no history ("Event History", security aspects). */
  get namesSessions(): boolean {
    return this.#lists.exclude !== undefined || this.#lists.eligible !== undefined
  }

  /** Bytes that it takes at the most. */
  get bytes(): number {
    let bytes = 0
    for (const list of Object.values(this.#lists)) for (const item of list) bytes += 2 * String(item).length
    return bytes
  }

  /** For who joins later: without the publisher's own session. */
  get lasting(): Audience {
    return new Audience(this.#lists, undefined)
  }
}
