import { type Args, CALL, CANCEL, ERROR, type Message, RESULT } from '../../../shared/wamp/messages.ts'
import { isReserved, randomId, URI, type UriCheck } from '../../../shared/wamp/uris.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AuthMethod, Peer } from '../auth/types.ts'
import type { Link } from '../link.ts'
import { ALLOWED, type Ask, type Decision, REFUSED, type Rules, type Wish } from './authorization.ts'
import { Broker, type Publication } from './broker.ts'
import { Dealer } from './dealer.ts'
import { Failure } from './failure.ts'
import { History, type HistoryWish } from './history.ts'
import { featuresOf, Member } from './member.ts'
import { Meta } from './meta-events.ts'
import { provideMeta, WITHOUT_META } from './meta-procedures.ts'
import { type Testament, Testaments } from './testaments.ts'

/** Milliseconds that an authorizer may take. */
const ASK_MS = 5000

export interface RealmOptions {
  readonly name: string
  /** How strictly URIs are checked; `loose` unless told. */
  readonly uris?: UriCheck | undefined
  /** Ways to sign in. */
  readonly methods: readonly AuthMethod[]
  /** Who may what. @param ask asks a procedure of this realm */
  readonly rules: (ask: Ask) => Rules
  /** Topics whose last events are kept. */
  readonly history?: readonly HistoryWish[] | undefined
  readonly callTimeoutMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** What was thrown while the router itself answered a call, as the caller may see it; undefined: it is internal. */
  readonly explain?: ((error: unknown) => Failure | undefined) | undefined
}

const ITSELF: Peer = { address: '', isLoopback: true, visitor: undefined, transport: { type: 'internal' } }

/** Sessions that see each other, and nobody else ("Realms"). */
export class Realm {
  readonly name: string
  readonly uris: UriCheck
  readonly methods: readonly AuthMethod[]
  readonly members = new Map<number, Member>()
  readonly broker: Broker
  readonly dealer: Dealer
  readonly testaments = new Testaments()
  readonly #meta: Meta
  readonly #rules: Rules
  readonly #clock: Clock
  readonly #random: () => number
  readonly #questions = new Map<number, (message: Message) => void>()
  readonly #asker: Member
  #lastQuestion = 0

  constructor({ name, uris = 'loose', methods, rules, history = [], callTimeoutMs, clock, random, log, explain }: RealmOptions) {
    this.name = name
    this.uris = uris
    this.methods = methods
    this.#clock = clock
    this.#random = random
    this.#rules = rules((procedure, args) => this.ask(procedure, args))
    const mayUseMeta = (member: Member) => this.#rules.mayUseMeta(member)
    this.#meta = new Meta((topic, args) => void this.broker.publish({ topic, args, mayHear: mayUseMeta }))
    this.broker = new Broker({
      history: new History(history),
      meta: this.#meta,
      random,
      date: () => clock.date(),
      mayHear: (member, topic) => (isReserved(topic) ? mayUseMeta(member) : this.#rules.mayHear(member, topic)),
    })
    const failed = (error: unknown, procedure: string): Failure => {
      const known = explain?.(error)
      if (!known) log.error({ err: error, realm: name, procedure }, 'a procedure of the router failed')
      return known ?? new Failure(URI.runtimeError, 'the router failed; its log says why')
    }
    const mayAnswer = (member: Member, procedure: string) => this.#rules.mayAnswer(member, procedure)
    this.dealer = new Dealer({ clock, random, meta: this.#meta, callTimeoutMs, mayAnswer, mayEndOthers: mayUseMeta, failed })
    this.#asker = this.#routerItself()
    provideMeta(this)
  }

  /** An identifier that no session of this realm has. */
  freshId(): number {
    for (;;) {
      const id = randomId(this.#random)
      if (!this.members.has(id)) return id
    }
  }

  join(member: Member): void {
    this.members.set(member.id, member)
    member.onLosing = (losing, isLosing) => this.#meta.losing(losing, isLosing)
    this.#meta.joined(member)
  }

  /** At once: nobody is routed to it any more, and what it left behind is published. */
  leave(member: Member): void {
    if (!this.members.delete(member.id)) return
    member.left()
    this.dealer.leave(member)
    this.broker.leave(member)
    this.#execute(member, this.testaments.take(member))
    this.#meta.left(member)
  }

  /**
   * Publishes what a session left, in its order, if it still might: its leave may be what it lost. One after the other, since few questions
   * of one session are open at once.
   */
  #execute(publisher: Member, testaments: Testament[]): void {
    for (let next = testaments.shift(); next; next = testaments.shift()) {
      const { topic, args, kwargs, options } = next
      const publish = ({ allow, disclose }: Decision) => {
        const discloses = disclose === 'always' || (disclose === 'asked' && options.disclose_me === true)
        if (allow) this.broker.publish({ topic, args, kwargs, options, publisher, discloses })
      }
      const decision = this.authorize(publisher, { action: 'publish', uri: topic, match: 'exact', options })
      if (decision instanceof Promise) return void decision.then(publish, () => {}).then(() => this.#execute(publisher, testaments))
      publish(decision)
    }
  }

  /** Whether a session may, and what of it is told to others. */
  authorize(member: Member, wish: Wish): Decision | Promise<Decision> {
    if (!isReserved(wish.uri)) return this.#rules.decide(member, wish)
    if (wish.action === 'register' || wish.action === 'publish') return REFUSED
    return WITHOUT_META.has(wish.uri) || this.#rules.mayUseMeta(member) ? ALLOWED : REFUSED
  }

  /** Publishes for the router. */
  publish(publication: Publication): number {
    return this.broker.publish(publication)
  }

  /** Asks a procedure for the router. @returns its first positional result; rejects when there is none in time */
  ask(procedure: string, args: Args): Promise<unknown> {
    // Whoever answers a pattern is not whom the configuration means.
    if (!this.dealer.callees.registrations.index.get({ uri: procedure, match: 'exact' }))
      return Promise.reject(new Failure(URI.noSuchProcedure))
    const request = ++this.#lastQuestion
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        cancel()
        this.#questions.delete(request)
        settle()
      }
      const cancel = this.#clock.after(ASK_MS, () => {
        done(() => reject(new Failure(URI.timeout)))
        this.dealer.cancel(this.#asker, { type: CANCEL, request, options: { mode: 'killnowait' } })
      })
      this.#questions.set(request, (message) => {
        if (message.type === RESULT) done(() => resolve(message.args?.[0]))
        else if (message.type === ERROR) done(() => reject(new Failure(message.error)))
      })
      try {
        this.dealer.call(this.#asker, { type: CALL, request, options: {}, procedure, args }, false)
      } catch (error) {
        done(() => reject(error))
      }
    })
  }

  /** Ends all sessions. */
  close(reason: string = URI.systemShutdown): void {
    for (const member of [...this.members.values()]) member.kill(reason)
    this.dealer.close()
  }

  /** A member that is in no list: the router when it calls. */
  #routerItself(): Member {
    const link: Link = {
      onMessage: () => {},
      onViolation: () => {},
      onClose: () => {},
      backlog: 0,
      send: (message) => {
        if (message.type === RESULT || message.type === ERROR) this.#questions.get(message.request)?.(message)
        return true
      },
      close: () => {},
    }
    const principal = { authid: 'router', authrole: 'router', authmethod: 'internal', authprovider: 'internal' }
    return new Member({ id: 0, link, principal, features: featuresOf({}), peer: ITSELF, end: () => {} })
  }
}
