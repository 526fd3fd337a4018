import type { Register, Unregister } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { type Match, URI } from '../../../shared/wamp/uris.ts'
import { Failure, overLimit } from './failure.ts'
import type { Member } from './member.ts'
import type { Meta } from './meta-events.ts'
import { POLICIES, type Policy, type Registration, Registrations } from './registrations.ts'

/** Registrations of one session. */
export const MAX_REGISTRATIONS = 10_000

export interface CalleesOptions {
  readonly meta: Meta
  /** Milliseconds since the Unix epoch. */
  readonly date: () => number
  /** Whether the router itself answers a procedure. */
  readonly isLocal: (procedure: string) => boolean
  /** Whether a session may end what others have. */
  readonly mayEndOthers: (member: Member) => boolean
}

/** Who answers which procedures ("Registering and Unregistering", "Shared Registration"). */
export class Callees {
  readonly registrations = new Registrations()
  readonly #options: CalleesOptions

  constructor(options: CalleesOptions) {
    this.#options = options
  }

  /** @throws Failure */
  register(member: Member, { request, options, procedure }: Register, match: Match): void {
    const { meta, date, isLocal, mayEndOthers } = this.#options
    const invoke = policyOf(options.invoke)
    if (isLocal(procedure)) throw new Failure(URI.procedureAlreadyExists, `the router answers ${procedure} itself`)
    if (member.registrations.size >= MAX_REGISTRATIONS) throw overLimit(`a session has at most ${MAX_REGISTRATIONS} registrations`)
    let registration = this.registrations.index.get({ uri: procedure, match })
    if (registration && options.force_reregister === true) {
      const { authid } = member.principal
      // Who may end sessions may end registrations; everybody else only their own.
      if (!mayEndOthers(member) && registration.callees.some(({ principal }) => principal.authid !== authid))
        throw new Failure(URI.procedureAlreadyExists, `somebody else registered ${procedure}`)
      for (const callee of [...registration.callees]) this.revoke(callee, registration, 'somebody else registered it')
      registration = undefined
    }
    if (registration) {
      if (registration.invoke !== invoke)
        throw new Failure(URI.procedureExistsInvocationPolicyConflict, `${procedure} is registered with invoke ${registration.invoke}`)
      if (invoke === 'single' || registration.callees.includes(member))
        throw new Failure(URI.procedureAlreadyExists, `${procedure} is registered`)
    } else {
      if (this.registrations.index.isFull({ uri: procedure, match })) throw overLimit('there are too many kinds of patterns')
      registration = this.registrations.create(procedure, match, invoke, new Date(date()).toISOString())
      meta.registrationCreated(member, registration)
    }
    registration.callees.push(member)
    member.registrations.add(registration)
    meta.registered(member, registration)
    member.send({ type: M.REGISTERED, request, registration: registration.id })
  }

  /** @throws Failure */
  unregister(member: Member, { request, registration: id }: Unregister): void {
    const registration = this.registrations.get(id)
    if (!registration?.callees.includes(member)) throw new Failure(URI.noSuchRegistration)
    this.#remove(member, registration)
    member.send({ type: M.UNREGISTERED, request })
  }

  /** Takes a registration back that was granted ("Registration Revocation"). */
  revoke(member: Member, registration: Registration, reason: string): void {
    this.#remove(member, registration)
    if (member.features.calleeRevocation)
      member.send({ type: M.UNREGISTERED, request: 0, details: { registration: registration.id, reason } })
  }

  leave(member: Member): void {
    for (const registration of [...member.registrations]) this.#remove(member, registration)
  }

  #remove(member: Member, registration: Registration): void {
    const { meta } = this.#options
    registration.callees.splice(registration.callees.indexOf(member), 1)
    member.registrations.delete(registration)
    // First, so that who hears of it finds it gone.
    if (registration.callees.length === 0) this.registrations.delete(registration)
    meta.unregistered(member, registration)
    if (registration.callees.length === 0) meta.registrationDeleted(member, registration)
  }
}

function policyOf(invoke: unknown): Policy {
  if (invoke === undefined || invoke === null) return 'single'
  const found = POLICIES.find((policy) => policy === invoke)
  if (!found) throw new Failure(URI.optionNotAllowed, `invoke must be one of ${POLICIES.join(', ')}`)
  return found
}
