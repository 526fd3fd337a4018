import { allows } from '../../shared/model/session.ts'
import { type Action, ALLOWED, REFUSED, type Rules } from './router/authorization.ts'
import type { Member } from './router/member.ts'

const OFFERING: ReadonlySet<Action> = new Set(['publish', 'register'])
const isContract = (uri: string) => uri === 'porthole' || uri.startsWith('porthole.')

const roleOf = ({ principal }: Member) => principal.visitor?.avatar.role ?? 'public'

/**
 * In the realm of this server's users: everybody calls and subscribes, where procedures and topics of the contract ask by themselves;
 * operators offer procedures and topics of their own; owners know of other sessions. Roles are asked at each use.
 */
export const userRules: Rules = {
  decide(member, { action, uri }) {
    const role = roleOf(member)
    if (!allows(role, 'viewer')) return REFUSED
    if (!OFFERING.has(action)) return ALLOWED
    return !isContract(uri) && allows(role, 'operator') ? ALLOWED : REFUSED
  },
  mayHear: (member) => allows(roleOf(member), 'viewer'),
  mayAnswer: (member, procedure) => !isContract(procedure) && allows(roleOf(member), 'operator'),
  mayUseMeta: (member) => allows(roleOf(member), 'owner'),
}
