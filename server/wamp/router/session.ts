import { isDict, ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Dict, Hello, Message } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { chooseMethod } from '../auth/choose.ts'
import { deniedOf, MAX_AUTHID_CHARS } from '../auth/denied.ts'
import type { Answer, Peer, Principal, Step } from '../auth/types.ts'
import type { Link } from '../link.ts'
import { Conversation } from './conversation.ts'
import { featuresOf, Member } from './member.ts'
import type { Realm } from './realm.ts'
import { ROUTER_ROLES } from './roles.ts'

/** Milliseconds from the connection to WELCOME. */
export const JOIN_MS = 10_000
/** Bytes of a message of who has not joined: whoever they are. */
export const MAX_HELLO_BYTES = 64 * 1024
/** Milliseconds that a peer has to answer GOODBYE. */
const GOODBYE_MS = 1000
/** Ways to sign in that HELLO may list. */
const MAX_METHODS = 16

export interface SessionOptions {
  readonly link: Link
  readonly peer: Peer
  /** @returns undefined where there is none, or none for this peer */
  readonly realmOf: (name: string, peer: Peer) => Realm | undefined
  /** Hears who joined; what it returns hears that they left. */
  readonly onJoined: (member: Member) => () => void
  /** Hears that the connection is over. */
  readonly onOver?: () => void
  readonly clock: Clock
  readonly log: Log
}

/** What is settled before somebody is let in. */
interface Joining {
  readonly method: string
  /** The session's number, which WAMP-CRA's challenge tells. */
  readonly session: number
  readonly roles: Dict
}

/**
 * One connection to the router: from HELLO to GOODBYE, and again ("Session Establishment", "Session Closing", "Session Statechart").
 * Whatever comes out of its turn ends it with ABORT.
 */
export class RouterSession {
  readonly #options: SessionOptions
  #state: 'established' | 'authenticating' | 'asked' | 'joined' | 'leaving' | 'over' = 'established'
  #realm: Realm | undefined
  #answer: Answer | undefined
  /** Goes on with signing in. */
  #proceed: (step: Step) => void = () => {}
  #talk: Conversation | undefined
  #onLeft: (() => void) | undefined
  #cancelTimer: () => void = () => {}

  constructor(options: SessionOptions) {
    this.#options = options
    const { link } = options
    link.onMessage = (message, bytes) => this.#receive(message, bytes)
    link.onViolation = (violation) => this.#violated(violation)
    link.onClose = () => this.#end()
    this.#awaitJoin()
  }

  /** Says goodbye, or that there will be no session, and closes. */
  close(reason: string = URI.systemShutdown, message?: string): void {
    if (this.#state === 'joined') return this.#talk?.member.kill(reason, message)
    if (this.#state !== 'over' && this.#state !== 'leaving') this.#abort(reason, message)
  }

  #receive(message: Message, bytes: number): void {
    try {
      switch (this.#state) {
        case 'established':
          return this.#onEstablished(message)
        case 'authenticating':
        case 'asked':
          return this.#onAuthenticating(message)
        case 'joined':
          // What it said before still counts.
          if (message.type === M.GOODBYE) return this.#talk?.inTurn(() => this.#goodbye(), bytes)
          if (message.type === M.ABORT) return this.#close()
          return this.#talk?.receive(message, bytes)
        case 'leaving':
          if (message.type === M.GOODBYE || message.type === M.ABORT) this.#close()
          return
        case 'over':
          return
      }
    } catch (error) {
      if (error instanceof ProtocolViolation) return this.#violated(error)
      this.#options.log.error({ err: error }, 'a WAMP session failed')
      this.#abort(URI.runtimeError)
    }
  }

  #onEstablished(message: Message): void {
    if (message.type === M.ABORT) return this.#close()
    if (message.type !== M.HELLO) throw new ProtocolViolation(`${M.NAMES[message.type]} before HELLO`)
    const { peer, realmOf } = this.#options
    const roles = checkedHello(message)
    const realm = realmOf(message.realm, peer)
    if (!realm) return this.#abort(URI.noSuchRealm, 'there is no such realm')
    this.#realm = realm
    this.#state = 'authenticating'
    const { authid, authmethods } = message.details as { authid?: string; authmethods?: string[] }
    const session = realm.freshId()
    const begin = async () => {
      const method = chooseMethod(realm.methods, authmethods ?? undefined, authid ?? undefined, peer)
      this.#proceed = (step) => this.#next(step, { method: method.name, session, roles })
      this.#proceed(await method.begin(authid ?? undefined, message.details, peer, session))
    }
    begin().catch((error) => this.#denied(error))
  }

  #onAuthenticating(message: Message): void {
    if (message.type === M.ABORT) return this.#close()
    const answer = this.#answer
    if (message.type !== M.AUTHENTICATE || this.#state !== 'asked' || !answer)
      throw new ProtocolViolation(`${M.NAMES[message.type]} while signing in`)
    this.#state = 'authenticating'
    this.#answer = undefined
    answer(message.signature, message.extra)
      .then((step) => this.#proceed(step))
      .catch((error) => this.#denied(error))
  }

  #next(step: Step, joining: Joining): void {
    // Gone, or given up, while it was asked.
    if (this.#state !== 'authenticating') return
    if ('principal' in step) return this.#welcome(step.principal, joining)
    this.#state = 'asked'
    this.#answer = step.answer
    this.#options.link.send({ type: M.CHALLENGE, method: joining.method, extra: step.challenge })
  }

  #welcome(principal: Principal, { session, roles }: Joining): void {
    const { link, peer, log, onJoined } = this.#options
    const realm = this.#realm as Realm
    this.#cancelTimer()
    const member = new Member({
      // Somebody else may have taken the number while this one signed in.
      id: realm.members.has(session) ? realm.freshId() : session,
      link,
      principal,
      features: featuresOf(roles),
      peer,
      end: (goodbye) => this.#sayGoodbye(goodbye),
    })
    this.#talk = new Conversation({ member, realm, violated: (violation) => this.#violated(violation), log })
    this.#state = 'joined'
    link.maxBytes = Number.POSITIVE_INFINITY
    const { authid, authrole, authmethod, authprovider, authextra } = principal
    const details = { realm: realm.name, authid, authrole, authmethod, authprovider, ...(authextra && { authextra }), roles: ROUTER_ROLES }
    link.send({ type: M.WELCOME, session: member.id, details: { agent: 'Porthole', ...details } })
    realm.join(member)
    this.#onLeft = onJoined(member)
    log.debug({ realm: realm.name, session: member.id, authid, authmethod, address: peer.address }, 'WAMP session joined')
  }

  #denied(error: unknown): void {
    if (this.#state !== 'authenticating') return
    const { uri, message, cause } = deniedOf(error)
    if (cause !== undefined) this.#options.log.error({ err: cause, realm: this.#realm?.name }, 'signing in to WAMP failed')
    this.#abort(uri, message)
  }

  /** The peer leaves: it may say HELLO again. */
  #goodbye(): void {
    this.#leave()
    this.#options.link.send({ type: M.GOODBYE, details: {}, reason: URI.goodbyeAndOut })
    this.#awaitJoin()
  }

  #sayGoodbye(goodbye: Message): void {
    const { link, clock } = this.#options
    this.#leave()
    link.send(goodbye)
    this.#state = 'leaving'
    this.#cancelTimer = clock.after(GOODBYE_MS, () => this.#close())
  }

  #violated({ uri, message }: ProtocolViolation): void {
    if (this.#state === 'leaving') this.#close()
    else if (this.#state !== 'over') this.#abort(uri, message)
  }

  #abort(reason: string, message?: string): void {
    this.#leave()
    this.#options.link.send({ type: M.ABORT, details: message === undefined ? {} : { message }, reason })
    this.#close()
  }

  #close(): void {
    this.#end()
    this.#options.link.close()
  }

  #awaitJoin(): void {
    this.#state = 'established'
    this.#options.link.maxBytes = MAX_HELLO_BYTES
    this.#cancelTimer = this.#options.clock.after(JOIN_MS, () => this.#abort(URI.timeout, 'no session was opened in time'))
  }

  #leave(): void {
    const talk = this.#talk
    if (!talk) return
    this.#talk = undefined
    talk.end()
    this.#realm?.leave(talk.member)
    this.#onLeft?.()
    this.#onLeft = undefined
  }

  #end(): void {
    if (this.#state === 'over') return
    this.#cancelTimer()
    this.#state = 'over'
    this.#answer = undefined
    this.#leave()
    this.#options.onOver?.()
  }
}

/** @returns the roles that the peer announces @throws ProtocolViolation */
function checkedHello({ details }: Hello): Dict {
  const { roles, authmethods, authid, authextra } = details
  if (!isDict(roles) || !['caller', 'callee', 'publisher', 'subscriber'].some((role) => isDict(roles[role])))
    throw new ProtocolViolation('HELLO: Details.roles names none of caller, callee, publisher, subscriber')
  const isList =
    Array.isArray(authmethods) && authmethods.length <= MAX_METHODS && authmethods.every((method) => typeof method === 'string')
  if (authmethods !== undefined && authmethods !== null && !isList) throw new ProtocolViolation('HELLO: authmethods is no list of strings')
  if (authid !== undefined && authid !== null && (typeof authid !== 'string' || authid.length > MAX_AUTHID_CHARS))
    throw new ProtocolViolation('HELLO: authid is no string, or too long')
  if (authextra !== undefined && authextra !== null && !isDict(authextra)) throw new ProtocolViolation('HELLO: authextra is no dictionary')
  return roles
}
