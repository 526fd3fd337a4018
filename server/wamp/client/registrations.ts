import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Dict, Invocation, Registered } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import type { Match } from '../../../shared/wamp/uris.ts'
import type { InvocationHandler, Invocations } from './invocations.ts'
import { defined, type Requests } from './requests.ts'

/** How a router chooses among callees of one procedure ("Shared Registration"). */
export type Invoke = 'single' | 'roundrobin' | 'random' | 'first' | 'last'

export interface RegisterOptions {
  /** `exact` unless told ("Pattern-based Registrations"). */
  readonly match?: Match
  /** `single` unless told. */
  readonly invoke?: Invoke
  /** Calls that the router lets run here at once. */
  readonly concurrency?: number
  /** Takes the procedure over from who has it. */
  readonly forceReregister?: boolean
  /** Wants to know who calls. */
  readonly discloseCaller?: boolean
  /** The router took the registration back ("Registration Revocation"). */
  readonly onRevoked?: (reason: string | undefined) => void
}

/** A procedure that this session offers. */
export interface Registration {
  readonly id: number
  readonly procedure: string
  /** Until it is taken back, by either side, or the session ends. */
  readonly isActive: boolean
  /** Does nothing when it is over already. */
  unregister(): Promise<void>
}

interface Entry {
  readonly handler: InvocationHandler
  readonly onRevoked: RegisterOptions['onRevoked']
  readonly procedure: string
  leaving: Promise<void> | undefined
}

/** Procedures that a session registered ("Registering and Unregistering", Callee). */
export class Registrations {
  readonly #requests: Requests
  readonly #invocations: Invocations
  readonly #entries = new Map<number, Entry>()

  constructor(requests: Requests, invocations: Invocations) {
    this.#requests = requests
    this.#invocations = invocations
  }

  register(procedure: string, handler: InvocationHandler, options: RegisterOptions): Promise<Registration> {
    const { match, invoke, concurrency, forceReregister, discloseCaller, onRevoked } = options
    const sent = defined({ match, invoke, concurrency, force_reregister: forceReregister, disclose_caller: discloseCaller })
    return this.#requests.ask(
      M.REGISTER,
      (request) => ({ type: M.REGISTER, request, options: sent, procedure }),
      (answer) => {
        const { registration: id } = answer as Registered
        if (this.#entries.has(id)) throw new ProtocolViolation(`REGISTERED names registration ${id}, which is another's`)
        const entry: Entry = { handler, onRevoked, procedure, leaving: undefined }
        this.#entries.set(id, entry)
        return this.#handle(id, entry)
      },
    )
  }

  invoked(invocation: Invocation): void {
    const entry = this.#entries.get(invocation.registration)
    if (!entry) throw new ProtocolViolation(`INVOCATION is of registration ${invocation.registration}, which is none`)
    this.#invocations.run(invocation, entry.procedure, entry.handler)
  }

  /** @param details of UNREGISTERED with request 0 */
  revoked(details: Dict = {}): void {
    const { registration: id, reason } = details
    const entry = typeof id === 'number' ? this.#entries.get(id) : undefined
    if (!entry) throw new ProtocolViolation('UNREGISTERED takes back a registration that is none')
    this.#entries.delete(id as number)
    entry.onRevoked?.(typeof reason === 'string' ? reason : undefined)
  }

  end(): void {
    this.#entries.clear()
  }

  #handle(id: number, entry: Entry): Registration {
    const entries = this.#entries
    return {
      id,
      procedure: entry.procedure,
      get isActive() {
        return entries.get(id) === entry && !entry.leaving
      },
      unregister: () => {
        if (!entry.leaving && entries.get(id) !== entry) return Promise.resolve()
        entry.leaving ??= this.#unregister(id, entry)
        return entry.leaving
      },
    }
  }

  /** Calls on their way are still answered, until the router said that it is done. */
  #unregister(registration: number, entry: Entry): Promise<void> {
    const forget = () => {
      if (this.#entries.get(registration) === entry) this.#entries.delete(registration)
    }
    return this.#requests.ask(M.UNREGISTER, (request) => ({ type: M.UNREGISTER, request, registration }), forget)
  }
}
