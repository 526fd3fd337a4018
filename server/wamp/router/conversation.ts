import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Dict, Failing, Message } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { isReserved, isUri, MATCHES, type Match, URI } from '../../../shared/wamp/uris.ts'
import type { Log } from '../../base/log.ts'
import type { Action, Decision } from './authorization.ts'
import { Failure } from './failure.ts'
import { isPassthru, type Member } from './member.ts'
import type { Realm } from './realm.ts'

/** Messages, and their bytes, that wait while somebody is asked whether the one before them is allowed; then the peer is not read on. */
const MAX_WAITING = 256
const MAX_WAITING_BYTES = 256 * 1024

/** Options that are true or false, of whatever request. */
const FLAGS = ['acknowledge', 'exclude_me', 'disclose_me', 'retain', 'get_retained', 'receive_progress', 'progress', 'force_reregister']

export interface ConversationOptions {
  readonly member: Member
  readonly realm: Realm
  readonly violated: (violation: ProtocolViolation) => void
  readonly log: Log
}

/** What a joined session asks for, in its order: each request is checked, allowed, done, or answered with ERROR. */
export class Conversation {
  readonly member: Member
  readonly #options: ConversationOptions
  readonly #waiting: { readonly go: () => void; readonly bytes: number }[] = []
  #waitingBytes = 0
  #asking = false
  #ended = false

  constructor(options: ConversationOptions) {
    this.#options = options
    this.member = options.member
  }

  /** @throws ProtocolViolation */
  receive(message: Message, bytes: number): void {
    // Answers wait for nobody: the one who is asked may be this very session.
    if (message.type === M.YIELD) return this.#yield(message)
    if (message.type === M.ERROR) return this.#error(message)
    this.inTurn(() => this.#go(message), bytes)
  }

  /** Does something when all that was said before it is done. */
  inTurn(go: () => void, bytes: number): void {
    if (!this.#asking) return go()
    this.#waiting.push({ go, bytes })
    this.#waitingBytes += bytes
    if (this.#waiting.length > MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) this.member.hold(this)
  }

  end(): void {
    this.#ended = true
    this.#waiting.length = 0
    this.#waitingBytes = 0
    // There may be GOODBYE to read, or another HELLO.
    this.member.release(this)
  }

  #go(message: Message): void {
    const asked = this.#handle(message)
    if (!asked) return
    this.#asking = true
    void asked.then(() => this.#goOn())
  }

  #goOn(): void {
    this.#asking = false
    try {
      while (!this.#asking && !this.#ended) {
        const next = this.#waiting.shift()
        if (!next) break
        this.#waitingBytes -= next.bytes
        next.go()
      }
    } catch (error) {
      this.#thrown(error)
    }
    if (this.#waiting.length <= MAX_WAITING && this.#waitingBytes <= MAX_WAITING_BYTES) this.member.release(this)
  }

  /** @returns a promise where somebody must be asked first */
  #handle(message: Message): Promise<void> | undefined {
    const { member, realm } = this.#options
    switch (message.type) {
      case M.PUBLISH: {
        const { options, topic, request, args, kwargs } = message
        this.#checkPassthru(options, 'publisher', 'PUBLISH')
        const acknowledges = options.acknowledge === true
        return this.#ask(message, 'publish', topic, 'exact', acknowledges, (decision) => {
          const discloses = this.#discloses(decision, options)
          const publication = realm.publish({ topic, options, args, kwargs, publisher: member, discloses })
          if (acknowledges) member.send({ type: M.PUBLISHED, request, publication })
        })
      }
      case M.CALL: {
        const { options, procedure, request } = message
        this.#checkPassthru(options, 'caller', 'CALL')
        if (member.lateCalls.has(request)) return undefined
        // Further parts of a progressive call were allowed with the first.
        if (member.calls.has(request)) {
          realm.dealer.call(member, message, false)
          return undefined
        }
        return this.#ask(message, 'call', procedure, 'exact', true, (decision) =>
          realm.dealer.call(member, message, this.#discloses(decision, options)),
        )
      }
      case M.SUBSCRIBE: {
        const match = matchOf(message.options)
        return this.#ask(message, 'subscribe', message.topic, match, true, () => realm.broker.subscribe(member, message, match as Match))
      }
      case M.REGISTER: {
        const match = matchOf(message.options)
        return this.#ask(message, 'register', message.procedure, match, true, () =>
          realm.dealer.callees.register(member, message, match as Match),
        )
      }
      case M.UNSUBSCRIBE:
        this.#try(message, () => realm.broker.unsubscribe(member, message))
        return undefined
      case M.UNREGISTER:
        this.#try(message, () => realm.dealer.callees.unregister(member, message))
        return undefined
      case M.CANCEL:
        realm.dealer.cancel(member, message)
        return undefined
      default:
        throw new ProtocolViolation(`${M.NAMES[message.type]} is not for a router, or not now`)
    }
  }

  #yield(message: M.Yield): void {
    const { member, realm } = this.#options
    this.#checkPassthru(message.options, 'callee', 'YIELD')
    realm.dealer.yield(member, message)
  }

  #error(message: M.WampError): void {
    const { member, realm } = this.#options
    if (message.of !== M.INVOCATION) throw new ProtocolViolation('ERROR answers an INVOCATION alone')
    realm.dealer.error(member, message)
  }

  /** Checks a request's URI, asks whether it is allowed, and does it then; or answers why not, if it `answers` at all. */
  #ask(
    { type, request, options }: M.Publish | M.Call | M.Subscribe | M.Register,
    action: Action,
    uri: string,
    match: Match | undefined,
    answers: boolean,
    act: (decision: Decision) => void,
  ): Promise<void> | undefined {
    const { member, realm } = this.#options
    const refuse = (failure: Failure) => {
      if (this.#ended) return
      if (type === M.CALL) realm.dealer.refused(member, { request, options })
      this.#refuse(type, request, answers, failure)
    }
    const proceed = (decision: Decision) => {
      if (this.#ended) return
      try {
        if (!decision.allow) throw new Failure(URI.notAuthorized, `you may not ${action} ${uri}`)
        act(decision)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        refuse(error)
      }
    }
    if (match === undefined) {
      refuse(new Failure(URI.optionNotAllowed, `match must be one of ${MATCHES.join(', ')}`))
      return undefined
    }
    if (!isUri(uri, realm.uris, match) || (isReserved(uri) && (action === 'publish' || action === 'register'))) {
      refuse(new Failure(URI.invalidUri, `${JSON.stringify(uri.slice(0, 100))} is no URI for this`))
      return undefined
    }
    const wrong = FLAGS.find((flag) => (options[flag] ?? false) !== true && (options[flag] ?? false) !== false)
    if (wrong !== undefined) {
      refuse(new Failure(URI.invalidArgument, `${wrong} must be true or false`))
      return undefined
    }
    const decision = realm.authorize(member, { action, uri, match, options })
    if (!(decision instanceof Promise)) {
      proceed(decision)
      return undefined
    }
    return decision.then(proceed).catch((error) => {
      if (error instanceof Failure) refuse(error)
      else this.#thrown(error)
    })
  }

  /** @throws ProtocolViolation */
  #try({ type, request }: M.Unsubscribe | M.Unregister, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#refuse(type, request, true, error)
    }
  }

  #refuse(of: Failing, request: number, answers: boolean, { uri, args, kwargs }: Failure): void {
    if (answers) this.#options.member.send({ type: M.ERROR, of, request, details: {}, error: uri, args, kwargs })
  }

  /** What is thrown later than the message came. */
  #thrown(error: unknown): void {
    const { log, violated, member } = this.#options
    if (error instanceof ProtocolViolation) return violated(error)
    log.error({ err: error }, 'a WAMP session failed')
    member.kill(URI.runtimeError)
  }

  /** @throws Failure wamp.error.option_disallowed.disclose_me */
  #discloses({ disclose }: Decision, { disclose_me: asked }: Dict): boolean {
    if (asked === true && disclose === 'never') throw new Failure(URI.optionDisallowedDiscloseMe, 'nobody discloses themselves here')
    return disclose === 'always' || (asked === true && disclose === 'asked')
  }

  /** @throws ProtocolViolation ("Payload Passthru Mode", feature announcement) */
  #checkPassthru(options: Dict, role: string, name: string): void {
    if (isPassthru(options) && !this.#options.member.features.passthru.has(role))
      throw new ProtocolViolation(`${name}: payload passthru without the feature payload_passthru_mode`)
  }
}

/** @returns undefined for what is no way to match */
function matchOf({ match = 'exact' }: Dict): Match | undefined {
  return match === null ? 'exact' : MATCHES.find((known) => known === match)
}
