import type { Dict } from '../../../shared/wamp/messages.ts'
import { type Match, URI } from '../../../shared/wamp/uris.ts'
import { Failure, overLimit } from './failure.ts'
import type { Member } from './member.ts'
import { PatternIndex } from './pattern-index.ts'

/** What a session asks leave for. */
export const ACTIONS = ['call', 'register', 'publish', 'subscribe'] as const
export type Action = (typeof ACTIONS)[number]

/** Whether the other side is told who calls or publishes: when they ask for it, never, or always. */
export const DISCLOSURES = ['asked', 'never', 'always'] as const
export type Disclosure = (typeof DISCLOSURES)[number]

export interface Decision {
  readonly allow: boolean
  readonly disclose: Disclosure
}

/** What a session wants to do. */
export interface Wish {
  readonly action: Action
  readonly uri: string
  readonly match: Match
  readonly options: Dict
}

/** What a realm lets whom do. */
export interface Rules {
  /** @returns a promise only where somebody must be asked */
  decide(member: Member, wish: Wish): Decision | Promise<Decision>
  /** Whether a session that subscribed to a pattern may hear this topic of it. */
  mayHear(member: Member, topic: string): boolean
  /** Whether a session that registered a pattern may answer this procedure of it. */
  mayAnswer(member: Member, procedure: string): boolean
  /** Whether a session may use the meta API: know of other sessions, and end them. */
  mayUseMeta(member: Member): boolean
}

export const ALLOWED: Decision = { allow: true, disclose: 'asked' }
export const REFUSED: Decision = { allow: false, disclose: 'never' }

/** One rule of a role. */
export interface Permission {
  readonly uri: string
  readonly match: Match
  readonly allow: readonly Action[]
  readonly disclose: Disclosure
}

/** What a role may: by the rule that fits best, and, for what no rule allows, by asking a procedure. */
export interface RoleRules {
  readonly permissions: readonly Permission[]
  readonly authorizer?: string | undefined
  readonly meta: boolean
}

/** Asks a procedure of the realm. */
export type Ask = (procedure: string, args: readonly unknown[]) => Promise<unknown>

/** Answers of one session's authorizer that are remembered, and questions that are open. */
const MAX_REMEMBERED = 1000
const MAX_OPEN = 16
/** Options that an authorizer is told, and characters of one. */
const MAX_OPTIONS = 32
const MAX_OPTION_CHARS = 256

/** Leave by role, URI pattern and action, static or by a registered procedure ("Authorization"). */
export class RoleBasedRules implements Rules {
  readonly #roles = new Map<string, RoleRules & { readonly index: PatternIndex<Permission> }>()
  readonly #ask: Ask
  /** Procedures that decide for some role. */
  readonly #authorizers: ReadonlySet<string>
  readonly #remembered = new WeakMap<Member, Map<string, Decision>>()
  /** Questions that are open, by who they are of. */
  readonly #open = new WeakMap<Member, number>()

  constructor(roles: Readonly<Record<string, RoleRules>>, ask: Ask) {
    this.#ask = ask
    this.#authorizers = new Set(Object.values(roles).flatMap(({ authorizer }) => authorizer ?? []))
    for (const [name, rules] of Object.entries(roles)) {
      const index = new PatternIndex<Permission>()
      for (const permission of rules.permissions) index.add(permission)
      this.#roles.set(name, { ...rules, index })
    }
  }

  decide(member: Member, wish: Wish): Decision | Promise<Decision> {
    const role = this.#roles.get(member.principal.authrole)
    if (!role) return REFUSED
    const found = covering(role.index, wish)
    if (found?.allow.includes(wish.action)) return { allow: true, disclose: found.disclose }
    // It must be let in to be asked itself.
    if (role.authorizer === undefined || wish.uri === role.authorizer) return REFUSED
    const key = `${wish.action} ${wish.match} ${wish.uri}`
    return this.#remembered.get(member)?.get(key) ?? this.#asked(member, wish, role.authorizer, key)
  }

  mayHear(member: Member, topic: string): boolean {
    return this.#mayOf(member, topic, 'subscribe')
  }

  mayAnswer(member: Member, procedure: string): boolean {
    return this.#mayOf(member, procedure, 'register')
  }

  mayUseMeta(member: Member): boolean {
    return this.#roles.get(member.principal.authrole)?.meta === true
  }

  /** Of one URI of a pattern that was allowed: what a permission says of it, or else who was asked. */
  #mayOf(member: Member, uri: string, action: Action): boolean {
    const role = this.#roles.get(member.principal.authrole)
    const found = role?.index.best(uri)
    if (found) return found.allow.includes(action)
    return role?.authorizer !== undefined && !this.#authorizers.has(uri)
  }

  /** @throws Failure wamp.error.authorization_failed when there is no answer */
  async #asked(member: Member, { action, uri, match, options }: Wish, authorizer: string, key: string): Promise<Decision> {
    const open = this.#open.get(member) ?? 0
    if (open >= MAX_OPEN) throw overLimit(`a session asks at most ${MAX_OPEN} times at once`)
    this.#open.set(member, open + 1)
    let said: unknown
    try {
      said = await this.#ask(authorizer, [member.details, uri, action, { ...simple(options), match }])
    } catch {
      throw new Failure(URI.authorizationFailed, `${authorizer} did not say whether this is allowed`)
    } finally {
      this.#open.set(member, (this.#open.get(member) ?? 1) - 1)
    }
    const dict: Dict = typeof said === 'object' && said !== null ? (said as Dict) : { allow: said }
    const decision: Decision = { allow: dict.allow === true, disclose: dict.disclose === true ? 'always' : 'asked' }
    if (dict.cache === true) {
      const known = this.#remembered.get(member) ?? new Map<string, Decision>()
      if (known.size < MAX_REMEMBERED) this.#remembered.set(member, known.set(key, decision))
    }
    return decision
  }
}

/**
 * The permission that speaks of all that is wished for: of one URI the one that fits best; of a pattern one that has the whole of it. What
 * others say of parts of a pattern counts when they are heard or asked.
 */
function covering(index: PatternIndex<Permission>, { uri, match }: Wish): Permission | undefined {
  if (match === 'exact') return index.best(uri)
  const same = index.get({ uri, match })
  if (same) return same
  const parts = uri.split('.')
  const literal =
    match === 'prefix'
      ? uri
      : parts
          .slice(0, parts.indexOf(''))
          .map((part) => `${part}.`)
          .join('')
  for (const permission of index.matching(literal)) if (permission.match === 'prefix') return permission
  return undefined
}

/** Options that are no list or dictionary, and not long: what a session says must not be more than an authorizer can take. */
const simple = (options: Dict): Dict => {
  const isShort = (text: string) => text.length <= MAX_OPTION_CHARS
  const isSimple = (value: unknown) => (typeof value === 'string' ? isShort(value) : ['boolean', 'number'].includes(typeof value))
  const told = Object.entries(options).filter(([key, value]) => isShort(key) && isSimple(value))
  return Object.fromEntries(told.slice(0, MAX_OPTIONS))
}
