import type { Dict, Message } from './messages.ts'
import * as M from './messages.ts'
import { MAX_ID, URI } from './uris.ts'

/** What a peer sent is no message of the protocol; the session ends with ABORT and this URI ("Protocol Violations"). */
export class ProtocolViolation extends Error {
  readonly uri: string

  constructor(detail: string, uri: string = URI.protocolViolation) {
    super(detail)
    this.name = 'ProtocolViolation'
    this.uri = uri
  }
}

const fail = (name: string, what: string): never => {
  throw new ProtocolViolation(`${name}: ${what}`)
}

export const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/**
 * The message of a wire tuple, as a serializer decoded it. Fields that this side does not know pass; tuples longer than their message do not.
 * @throws ProtocolViolation
 */
export function decodeMessage(tuple: unknown): Message {
  if (!Array.isArray(tuple)) throw new ProtocolViolation('a message is a list')
  const type: unknown = tuple[0]
  switch (type) {
    case M.HELLO:
      sized(tuple, 'HELLO', 3, 3)
      return { type, realm: text(tuple, 1, 'HELLO', 'Realm'), details: dict(tuple, 2, 'HELLO', 'Details') }
    case M.WELCOME:
      sized(tuple, 'WELCOME', 3, 3)
      return { type, session: id(tuple, 1, 'WELCOME', 'Session'), details: dict(tuple, 2, 'WELCOME', 'Details') }
    case M.ABORT:
    case M.GOODBYE: {
      const name = M.NAMES[type]
      sized(tuple, name, 3, 5)
      return {
        type,
        details: dict(tuple, 1, name, 'Details'),
        reason: text(tuple, 2, name, 'Reason'),
        ...payload(tuple, 3, name),
      } as Message
    }
    case M.CHALLENGE:
      sized(tuple, 'CHALLENGE', 3, 3)
      return { type, method: text(tuple, 1, 'CHALLENGE', 'AuthMethod'), extra: dict(tuple, 2, 'CHALLENGE', 'Extra') }
    case M.AUTHENTICATE:
      sized(tuple, 'AUTHENTICATE', 3, 3)
      return { type, signature: text(tuple, 1, 'AUTHENTICATE', 'Signature'), extra: dict(tuple, 2, 'AUTHENTICATE', 'Extra') }
    case M.ERROR:
      sized(tuple, 'ERROR', 5, 7)
      return {
        type,
        of: id(tuple, 1, 'ERROR', 'REQUEST.Type'),
        request: id(tuple, 2, 'ERROR', 'REQUEST.Request'),
        details: dict(tuple, 3, 'ERROR', 'Details'),
        error: text(tuple, 4, 'ERROR', 'Error'),
        args: args(tuple, 5, 'ERROR'),
        kwargs: kwargs(tuple, 6, 'ERROR'),
      }
    case M.PUBLISH:
      sized(tuple, 'PUBLISH', 4, 6)
      return {
        type,
        request: id(tuple, 1, 'PUBLISH', 'Request'),
        options: dict(tuple, 2, 'PUBLISH', 'Options'),
        topic: text(tuple, 3, 'PUBLISH', 'Topic'),
        args: args(tuple, 4, 'PUBLISH'),
        kwargs: kwargs(tuple, 5, 'PUBLISH'),
      }
    case M.PUBLISHED:
      sized(tuple, 'PUBLISHED', 3, 3)
      return { type, request: id(tuple, 1, 'PUBLISHED', 'Request'), publication: id(tuple, 2, 'PUBLISHED', 'Publication') }
    case M.SUBSCRIBE:
      sized(tuple, 'SUBSCRIBE', 4, 4)
      return {
        type,
        request: id(tuple, 1, 'SUBSCRIBE', 'Request'),
        options: dict(tuple, 2, 'SUBSCRIBE', 'Options'),
        topic: text(tuple, 3, 'SUBSCRIBE', 'Topic'),
      }
    case M.SUBSCRIBED:
      sized(tuple, 'SUBSCRIBED', 3, 3)
      return { type, request: id(tuple, 1, 'SUBSCRIBED', 'Request'), subscription: id(tuple, 2, 'SUBSCRIBED', 'Subscription') }
    case M.UNSUBSCRIBE:
      sized(tuple, 'UNSUBSCRIBE', 3, 3)
      return { type, request: id(tuple, 1, 'UNSUBSCRIBE', 'Request'), subscription: id(tuple, 2, 'UNSUBSCRIBE', 'Subscription') }
    case M.UNSUBSCRIBED:
    case M.UNREGISTERED: {
      const name = M.NAMES[type]
      sized(tuple, name, 2, 3)
      const request = id(tuple, 1, name, 'Request', 0)
      return { type, request, ...(tuple.length > 2 && { details: dict(tuple, 2, name, 'Details') }) } as Message
    }
    case M.EVENT:
      sized(tuple, 'EVENT', 4, 6)
      return {
        type,
        subscription: id(tuple, 1, 'EVENT', 'Subscription'),
        publication: id(tuple, 2, 'EVENT', 'Publication'),
        details: dict(tuple, 3, 'EVENT', 'Details'),
        args: args(tuple, 4, 'EVENT'),
        kwargs: kwargs(tuple, 5, 'EVENT'),
      }
    case M.CALL:
      sized(tuple, 'CALL', 4, 6)
      return {
        type,
        request: id(tuple, 1, 'CALL', 'Request'),
        options: dict(tuple, 2, 'CALL', 'Options'),
        procedure: text(tuple, 3, 'CALL', 'Procedure'),
        args: args(tuple, 4, 'CALL'),
        kwargs: kwargs(tuple, 5, 'CALL'),
      }
    case M.CANCEL:
      sized(tuple, 'CANCEL', 3, 3)
      return { type, request: id(tuple, 1, 'CANCEL', 'Request'), options: dict(tuple, 2, 'CANCEL', 'Options') }
    case M.RESULT:
      sized(tuple, 'RESULT', 3, 5)
      return {
        type,
        request: id(tuple, 1, 'RESULT', 'Request'),
        details: dict(tuple, 2, 'RESULT', 'Details'),
        args: args(tuple, 3, 'RESULT'),
        kwargs: kwargs(tuple, 4, 'RESULT'),
      }
    case M.REGISTER:
      sized(tuple, 'REGISTER', 4, 4)
      return {
        type,
        request: id(tuple, 1, 'REGISTER', 'Request'),
        options: dict(tuple, 2, 'REGISTER', 'Options'),
        procedure: text(tuple, 3, 'REGISTER', 'Procedure'),
      }
    case M.REGISTERED:
      sized(tuple, 'REGISTERED', 3, 3)
      return { type, request: id(tuple, 1, 'REGISTERED', 'Request'), registration: id(tuple, 2, 'REGISTERED', 'Registration') }
    case M.UNREGISTER:
      sized(tuple, 'UNREGISTER', 3, 3)
      return { type, request: id(tuple, 1, 'UNREGISTER', 'Request'), registration: id(tuple, 2, 'UNREGISTER', 'Registration') }
    case M.INVOCATION:
      sized(tuple, 'INVOCATION', 4, 6)
      return {
        type,
        request: id(tuple, 1, 'INVOCATION', 'Request'),
        registration: id(tuple, 2, 'INVOCATION', 'Registration'),
        details: dict(tuple, 3, 'INVOCATION', 'Details'),
        args: args(tuple, 4, 'INVOCATION'),
        kwargs: kwargs(tuple, 5, 'INVOCATION'),
      }
    case M.INTERRUPT:
      sized(tuple, 'INTERRUPT', 3, 3)
      return { type, request: id(tuple, 1, 'INTERRUPT', 'Request'), options: dict(tuple, 2, 'INTERRUPT', 'Options') }
    case M.YIELD:
      sized(tuple, 'YIELD', 3, 5)
      return {
        type,
        request: id(tuple, 1, 'YIELD', 'Request'),
        options: dict(tuple, 2, 'YIELD', 'Options'),
        args: args(tuple, 3, 'YIELD'),
        kwargs: kwargs(tuple, 4, 'YIELD'),
      }
    default:
      throw new ProtocolViolation(`there is no message of type ${typeof type === 'number' ? type : typeof type}`)
  }
}

function sized(tuple: readonly unknown[], name: string, least: number, most: number): void {
  if (tuple.length < least || tuple.length > most)
    fail(name, `has ${tuple.length} elements, not ${least === most ? least : `${least} to ${most}`}`)
}

function id(tuple: readonly unknown[], at: number, name: string, field: string, least = 1): number {
  const value = tuple[at]
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= MAX_ID) return value
  // CBOR has integers beyond what a double holds; 2^53 itself comes as one.
  if (typeof value === 'bigint' && value >= BigInt(least) && value <= BigInt(MAX_ID)) return Number(value)
  return fail(name, `${field} is no identifier from ${least} to 2^53`)
}

function text(tuple: readonly unknown[], at: number, name: string, field: string): string {
  const value = tuple[at]
  return typeof value === 'string' ? value : fail(name, `${field} is no string`)
}

function dict(tuple: readonly unknown[], at: number, name: string, field: string): Dict {
  const value = tuple[at]
  return isDict(value) ? value : fail(name, `${field} is no dictionary`)
}

/** Some clients write null where they should write nothing: it is taken for nothing. */
function args(tuple: readonly unknown[], at: number, name: string): M.Args | undefined {
  const value = tuple[at]
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? value : fail(name, 'Arguments is no list')
}

function kwargs(tuple: readonly unknown[], at: number, name: string): Dict | undefined {
  const value = tuple[at]
  if (value === undefined || value === null) return undefined
  return isDict(value) ? value : fail(name, 'ArgumentsKw is no dictionary')
}

function payload(tuple: readonly unknown[], at: number, name: string): M.Payload {
  if (tuple.length <= at) return {}
  return { args: args(tuple, at, name), kwargs: kwargs(tuple, at + 1, name) }
}
