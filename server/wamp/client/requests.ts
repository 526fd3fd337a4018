import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Dict, Message, WampError } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { MAX_ID } from '../../../shared/wamp/uris.ts'
import { ApplicationError } from './application-error.ts'

/** Requests of a session without an answer yet, calls among them; one more fails at once. */
export const MAX_PENDING_REQUESTS = 10_000

/** Too many requests of a session wait for their answers. */
export class TooManyRequestsError extends Error {
  constructor() {
    super(`${MAX_PENDING_REQUESTS} requests wait for their answers`)
    this.name = 'TooManyRequestsError'
  }
}

/** Answered once, or, a call with progress, several times. */
export interface Pending {
  /** Message that was sent. */
  readonly of: number
  /** @returns whether that was all, so that the request is over */
  answered(answer: Message): boolean
  failed(error: Error): void
}

/** What a session asked its router: request ids count from 1 ("IDs", session scope), and each answer finds who asked. */
export class Requests {
  readonly #send: (message: Message) => void
  readonly #pending = new Map<number, Pending>()
  #last = 0
  #ended: Error | undefined

  /** @param send throws for what cannot be encoded */
  constructor(send: (message: Message) => void) {
    this.#send = send
  }

  /**
   * Sends a request, whose answer is to come if `pending` is given.
   * @returns its id
   * @throws the end's error, TooManyRequestsError, the serializer's for values that it cannot carry
   */
  send(make: (request: number) => Message, pending?: Pending): number {
    if (this.#ended) throw this.#ended
    if (pending && this.#pending.size >= MAX_PENDING_REQUESTS) throw new TooManyRequestsError()
    const request = this.#last === MAX_ID ? 1 : this.#last + 1
    this.#send(make(request))
    // Counted only now: ids have no gaps, whatever could not be encoded.
    this.#last = request
    if (pending) this.#pending.set(request, pending)
    return request
  }

  /**
   * Sends a request with one answer.
   * @param taken makes the result while the answer's turn lasts: what follows it may need it
   */
  ask<T>(of: number, make: (request: number) => Message, taken: (answer: Message) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.send(make, {
        of,
        answered(answer) {
          resolve(taken(answer))
          return true
        },
        failed: reject,
      })
    })
  }

  /** @throws ProtocolViolation when nobody asked */
  answered(of: number, request: number, answer: Message): void {
    const pending = this.#pending.get(request)
    if (pending?.of !== of) throw new ProtocolViolation(`${M.NAMES[answer.type]} answers request ${request}, which was not made`)
    if (pending.answered(answer)) this.#pending.delete(request)
  }

  /** @throws ProtocolViolation when nobody asked */
  failed({ of, request, error, args, kwargs }: WampError): void {
    const pending = this.#pending.get(request)
    if (pending?.of === of) {
      this.#pending.delete(request)
      return pending.failed(new ApplicationError(error, args, kwargs))
    }
    // Some routers say what became of a publication that asked for no acknowledgement, and of a CANCEL.
    if ((of === M.PUBLISH || of === M.CANCEL) && request <= this.#last) return
    throw new ProtocolViolation(`ERROR answers request ${request}, which was not made`)
  }

  /** Fails what is pending, and all that is asked from now on. */
  end(error: Error): void {
    this.#ended = error
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { failed } of pending) failed(error)
  }
}

/** A dictionary of the fields that are there. */
export const defined = (fields: Dict): Dict => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
