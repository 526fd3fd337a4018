import { expect } from 'vitest'
import type { Dict } from '../../shared/wamp/messages.ts'
import * as M from '../../shared/wamp/messages.ts'
import type { Tuple, Wire } from './wamp-wires.ts'

export { localWire, rawSocketWire, type Tuple, type Wire, webSocketWire } from './wamp-wires.ts'

/** Milliseconds that a test waits for what should come at once. */
const DEADLINE_MS = 5000

/** What a whole client announces. */
export const ALL_ROLES = {
  caller: { features: { payload_passthru_mode: true, progressive_call_results: true, progressive_call_invocations: true } },
  callee: {
    features: {
      payload_passthru_mode: true,
      progressive_call_results: true,
      progressive_call_invocations: true,
      call_canceling: true,
      call_timeout: true,
      registration_revocation: true,
    },
  },
  publisher: { features: { payload_passthru_mode: true } },
  subscriber: { features: { payload_passthru_mode: true, subscription_revocation: true } },
}
/** What the least client announces. */
export const BARE_ROLES = { caller: {}, callee: {}, publisher: {}, subscriber: {} }

export interface JoinWish {
  readonly realm?: string
  /** Signs in by a ticket; without, as who is signed in already, or as nobody. */
  readonly authid?: string
  /** Unless told, the authid itself. */
  readonly ticket?: string
  readonly roles?: Dict
}

/** The smallest client: says tuples, and hears those that a test asks for. */
export class TestPeer {
  session = 0
  welcome: Dict = {}
  isClosed = false
  /** Everything that came, in its order. */
  readonly heard: Tuple[] = []
  readonly #wire: Wire
  readonly #unheard: Tuple[] = []
  readonly #waiting = new Set<() => void>()
  #lastRequest = 0
  #serve: ((invocation: Tuple) => void) | undefined

  constructor(wire: Wire) {
    this.#wire = wire
    wire.onTuple = (tuple) => {
      this.heard.push(tuple)
      if (tuple[0] === M.INVOCATION && this.#serve) return this.#serve(tuple)
      this.#unheard.push(tuple)
      this.#wake()
    }
    wire.onClose = () => {
      this.isClosed = true
      this.#wake()
    }
  }

  send(...tuple: Tuple): void {
    this.#wire.send(tuple)
  }

  sendRaw(data: string | Uint8Array): void {
    this.#wire.sendRaw?.(data)
  }

  nextRequest(): number {
    return ++this.#lastRequest
  }

  /** The first message that nobody asked for yet, of a type. */
  async hear(type: number, fits: (tuple: Tuple) => boolean = () => true): Promise<Tuple> {
    const found = () => this.#unheard.findIndex((tuple) => tuple[0] === type && fits(tuple))
    await this.#until(() => found() >= 0, `no ${M.NAMES[type as M.MessageType]} came`)
    return this.#unheard.splice(found(), 1)[0] as Tuple
  }

  /** Answers each invocation from now on. @param answer gives the positional results */
  serve(answer: (invocation: Tuple) => Tuple): void {
    this.#serve = (invocation) => this.send(M.YIELD, invocation[1], {}, answer(invocation))
  }

  closed(): Promise<void> {
    return this.#until(() => this.isClosed, 'it was not closed')
  }

  /** Sends a request, which may be answered with ERROR. @returns the answer */
  async ask(type: number, options: Dict | number, ...more: Tuple): Promise<Tuple> {
    const request = this.nextRequest()
    this.send(type, request, options, ...more)
    return this.#answer(type, request)
  }

  /** @returns what is behind RESULT's details @throws the ERROR */
  async call(procedure: string, args?: Tuple, kwargs?: Dict, options: Dict = {}): Promise<Tuple> {
    const answer = await this.ask(M.CALL, options, procedure, ...payloadOf(args, kwargs))
    if (answer[0] === M.ERROR) throw new Error(`${String(answer[4])} ${JSON.stringify(answer[5])}`)
    return answer.slice(3)
  }

  /** Its first positional result. */
  async result(procedure: string, ...args: Tuple): Promise<unknown> {
    const [results] = (await this.call(procedure, args)) as [Tuple]
    return results[0]
  }

  async subscribe(topic: string, options: Dict = {}): Promise<number> {
    return granted(await this.ask(M.SUBSCRIBE, options, topic))
  }

  async register(procedure: string, options: Dict = {}): Promise<number> {
    return granted(await this.ask(M.REGISTER, options, procedure))
  }

  /** @returns the publication */
  async publish(topic: string, args?: Tuple, kwargs?: Dict, options: Dict = {}): Promise<number> {
    return granted(await this.ask(M.PUBLISH, { acknowledge: true, ...options }, topic, ...payloadOf(args, kwargs)))
  }

  /** Everything that the router had sent has come. */
  async settled(): Promise<void> {
    // Whatever one may: this is answered.
    const answer = await this.ask(M.UNSUBSCRIBE, 2 ** 40)
    expect(answer[4]).toBe('wamp.error.no_such_subscription')
  }

  /** What came of a type until now and nobody asked for. */
  async rest(type: number): Promise<Tuple[]> {
    await this.settled()
    const all = this.#unheard.splice(0)
    this.#unheard.push(...all.filter((tuple) => tuple[0] !== type))
    return all.filter((tuple) => tuple[0] === type)
  }

  async join({ realm = REALM, authid, ticket, roles = ALL_ROLES }: JoinWish = {}): Promise<this> {
    const auth = authid === undefined ? {} : { authmethods: ['ticket'], authid }
    this.send(M.HELLO, realm, { roles, ...auth })
    if (authid !== undefined) {
      await this.hear(M.CHALLENGE)
      this.send(M.AUTHENTICATE, ticket ?? authid, {})
    }
    const [, session, details] = await this.hear(M.WELCOME)
    this.session = session as number
    this.welcome = details as Dict
    return this
  }

  /** Goes without a word. */
  cut(): void {
    this.#wire.close()
  }

  #answer(type: number, request: number): Promise<Tuple> {
    const isAnswer = (tuple: Tuple) =>
      tuple[0] === M.ERROR
        ? tuple[1] === type && tuple[2] === request
        : tuple[0] === type + (type === M.CALL ? 2 : 1) && tuple[1] === request
    return this.#until(() => this.#unheard.some(isAnswer), `no answer to ${M.NAMES[type as M.MessageType]} ${request}`).then(
      () =>
        this.#unheard.splice(
          this.#unheard.findIndex((tuple) => isAnswer(tuple)),
          1,
        )[0] as Tuple,
    )
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  async #until(holds: () => boolean, otherwise: string): Promise<void> {
    const end = performance.now() + DEADLINE_MS
    while (!holds()) {
      const left = end - performance.now()
      if (left <= 0) throw new Error(`${otherwise}; closed: ${this.isClosed}; heard: ${said(this.heard.slice(-8))}`)
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, left)
        this.#waiting.add(resolve)
      })
      clearTimeout(timer)
    }
  }
}

/** The realm that test peers join unless told. */
export const REALM = 'com.example.open'

const said = (tuples: readonly Tuple[]) => JSON.stringify(tuples, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))

const payloadOf = (args?: Tuple, kwargs?: Dict): Tuple => (kwargs ? [args ?? [], kwargs] : args ? [args] : [])

function granted(answer: Tuple): number {
  if (answer[0] === M.ERROR) throw new Error(`${String(answer[4])} ${said([answer])}`)
  return answer[2] as number
}

let made = 0
/** A URI that no other test has. */
export const fresh = (name: string): string => `com.example.${name}.n${++made}`
