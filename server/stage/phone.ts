import { parseMessage } from '../../shared/protocol/parse.ts'
import { FromPhone, type ToPhone } from '../../shared/protocol/stage.ts'
import type { Clock } from '../base/clock.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import { TokenBucket } from '../base/rate.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { PhoneConnection, Seat } from './seat.ts'
import type { Stage } from './stage.ts'

/** Milliseconds in which a phone that is to be refused may say that it had a seat already. */
export const REFUSE_MS = 1000
/** Milliseconds that a phone may take to join: a name is typed, a camera allowed. */
const JOIN_MS = 10 * 60_000
/** Reactions a second of one phone, twice as many in a burst; more are left out. */
const REACTIONS_PER_SECOND = 2

/** What its address led to. */
export type Knock =
  | { readonly stage: Stage }
  /** `wasNoGuess`: the code was an old one of somebody who has a seat. */
  | { readonly refusal: PortholeError; readonly wasNoGuess: () => void }

export interface PhoneOptions {
  readonly socket: MessageSocket
  readonly knock: Knock
  /** The seat that a secret is of, on any stage. */
  readonly seatBy: (resume: string) => { readonly stage: Stage; readonly seat: Seat } | undefined
  readonly clock: Clock
}

/** One phone's connection: it joins, or takes its seat again, reacts, leaves. */
export class Phone implements PhoneConnection {
  readonly #options: PhoneOptions
  readonly #texts = new TokenBucket()
  readonly #reactions = new TokenBucket(REACTIONS_PER_SECOND)
  #stopWait: () => void
  #stage: Stage | undefined
  #seat: Seat | undefined
  #refusal: PortholeError | undefined

  constructor(options: PhoneOptions) {
    this.#options = options
    const { socket, clock, knock } = options
    socket.onText = (text) => this.#guarded(() => this.#onText(text))
    socket.onBinary = () => this.end(new PortholeError('message.invalid', 'a phone’s socket takes no binary messages'))
    socket.onClose = () => this.#closed()
    if ('stage' in knock) {
      this.#stage = knock.stage
      try {
        knock.stage.checkRoom()
        knock.stage.knocking.add(this)
      } catch (error) {
        this.#refusal = asPortholeError(error)
      }
    } else this.#refusal = knock.refusal
    const { refusal = new PortholeError('request.timeout', 'nobody joined') } = { refusal: this.#refusal }
    this.#stopWait = clock.after(this.#refusal ? REFUSE_MS : JOIN_MS, () => this.end(refusal))
  }

  send(message: ToPhone): void {
    this.#options.socket.sendText(JSON.stringify(message))
  }

  end(error: PortholeError): void {
    this.#options.socket.close(error)
  }

  #onText(text: string): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    if (!this.#texts.take(now)) throw new PortholeError('request.rate')
    const parsed = parseMessage(FromPhone, text)
    if (!parsed.ok) throw new PortholeError(parsed.code, parsed.detail)
    const message = parsed.value
    if (message.type === 'join') return this.#join(message.name, message.resume)
    if (!this.#stage || !this.#seat) throw new PortholeError('message.invalid', 'join must be the first message')
    if (message.type === 'react') {
      if (this.#reactions.take(now)) this.#stage.react(this.#seat, message.reaction)
      return
    }
    this.#stage.leave(this.#seat, 'it left')
  }

  #join(name: string, resume: string | undefined): void {
    if (this.#seat) throw new PortholeError('message.invalid', 'a second join')
    this.#stopWait()
    const known = resume === undefined ? undefined : this.#options.seatBy(resume)
    if (known) {
      const { knock } = this.#options
      if ('wasNoGuess' in knock) knock.wasNoGuess()
      this.#stage?.knocking.delete(this)
      this.#stage = known.stage
      this.#seat = known.seat
      return known.stage.resume(known.seat, this)
    }
    if (this.#refusal) throw this.#refusal
    this.#seat = this.#stage?.join(this, name)
  }

  #guarded(handle: () => void): void {
    try {
      handle()
    } catch (error) {
      if (!(error instanceof PortholeError)) throw error
      this.end(error)
    }
  }

  #closed(): void {
    this.#stopWait()
    this.#stage?.knocking.delete(this)
    if (this.#seat) this.#stage?.lost(this.#seat, this)
  }
}
