/** What options and details are: a message's dictionary, of which each side knows some fields. */
export type Dict = Readonly<Record<string, unknown>>
export type Args = readonly unknown[]

/** Codes of the messages (WAMP specification, "Message Codes and Direction"). */
export const HELLO = 1
export const WELCOME = 2
export const ABORT = 3
export const CHALLENGE = 4
export const AUTHENTICATE = 5
export const GOODBYE = 6
export const ERROR = 8
export const PUBLISH = 16
export const PUBLISHED = 17
export const SUBSCRIBE = 32
export const SUBSCRIBED = 33
export const UNSUBSCRIBE = 34
export const UNSUBSCRIBED = 35
export const EVENT = 36
export const CALL = 48
export const CANCEL = 49
export const RESULT = 50
export const REGISTER = 64
export const REGISTERED = 65
export const UNREGISTER = 66
export const UNREGISTERED = 67
export const INVOCATION = 68
export const INTERRUPT = 69
export const YIELD = 70

/** What an application sends; absent parts are omitted, never null ("Messages", "Application payload"). */
export interface Payload {
  readonly args?: Args | undefined
  readonly kwargs?: Dict | undefined
}

/** `[HELLO, Realm|uri, Details|dict]` ("Session Establishment", HELLO) */
export interface Hello {
  readonly type: typeof HELLO
  readonly realm: string
  readonly details: Dict
}

/** `[WELCOME, Session|id, Details|dict]` ("Session Establishment", WELCOME) */
export interface Welcome {
  readonly type: typeof WELCOME
  readonly session: number
  readonly details: Dict
}

/** `[ABORT, Details|dict, Reason|uri]`, `[..., Arguments|list, ArgumentsKw|dict]` ("Session Establishment", ABORT) */
export interface Abort extends Payload {
  readonly type: typeof ABORT
  readonly details: Dict
  readonly reason: string
}

/** `[CHALLENGE, AuthMethod|string, Extra|dict]` ("Authentication Methods") */
export interface Challenge {
  readonly type: typeof CHALLENGE
  readonly method: string
  readonly extra: Dict
}

/** `[AUTHENTICATE, Signature|string, Extra|dict]` ("Authentication Methods") */
export interface Authenticate {
  readonly type: typeof AUTHENTICATE
  readonly signature: string
  readonly extra: Dict
}

/** `[GOODBYE, Details|dict, Reason|uri]` ("Session Closing") */
export interface Goodbye extends Payload {
  readonly type: typeof GOODBYE
  readonly details: Dict
  readonly reason: string
}

/** Messages that ERROR answers. */
export type Failing =
  | typeof PUBLISH
  | typeof SUBSCRIBE
  | typeof UNSUBSCRIBE
  | typeof CALL
  | typeof REGISTER
  | typeof UNREGISTER
  | typeof INVOCATION
  | typeof CANCEL

/**
 * `[ERROR, REQUEST.Type|int, REQUEST.Request|id, Details|dict, Error|uri]`, `[..., Arguments|list]`, `[..., ArgumentsKw|dict]`
 * (sections "… ERROR" of each request)
 */
export interface WampError extends Payload {
  readonly type: typeof ERROR
  readonly of: number
  readonly request: number
  readonly details: Dict
  readonly error: string
}

/** `[PUBLISH, Request|id, Options|dict, Topic|uri]`, `[..., Arguments|list]`, `[..., ArgumentsKw|dict]` ("Publishing and Events", PUBLISH) */
export interface Publish extends Payload {
  readonly type: typeof PUBLISH
  readonly request: number
  readonly options: Dict
  readonly topic: string
}

/** `[PUBLISHED, PUBLISH.Request|id, Publication|id]` ("Publishing and Events", PUBLISHED) */
export interface Published {
  readonly type: typeof PUBLISHED
  readonly request: number
  readonly publication: number
}

/** `[SUBSCRIBE, Request|id, Options|dict, Topic|uri]` ("Subscribing and Unsubscribing", SUBSCRIBE) */
export interface Subscribe {
  readonly type: typeof SUBSCRIBE
  readonly request: number
  readonly options: Dict
  readonly topic: string
}

/** `[SUBSCRIBED, SUBSCRIBE.Request|id, Subscription|id]` ("Subscribing and Unsubscribing", SUBSCRIBED) */
export interface Subscribed {
  readonly type: typeof SUBSCRIBED
  readonly request: number
  readonly subscription: number
}

/** `[UNSUBSCRIBE, Request|id, SUBSCRIBED.Subscription|id]` ("Subscribing and Unsubscribing", UNSUBSCRIBE) */
export interface Unsubscribe {
  readonly type: typeof UNSUBSCRIBE
  readonly request: number
  readonly subscription: number
}

/**
 * `[UNSUBSCRIBED, UNSUBSCRIBE.Request|id]` ("Subscribing and Unsubscribing", UNSUBSCRIBED); with request 0 and `Details|dict` behind it the
 * router's own word that the subscription is gone ("Subscription Revocation").
 */
export interface Unsubscribed {
  readonly type: typeof UNSUBSCRIBED
  readonly request: number
  readonly details?: Dict | undefined
}

/**
 * `[EVENT, SUBSCRIBED.Subscription|id, PUBLISHED.Publication|id, Details|dict]`, `[..., PUBLISH.Arguments|list]`,
 * `[..., PUBLISH.ArgumentsKw|dict]` ("Publishing and Events", EVENT)
 */
export interface Event extends Payload {
  readonly type: typeof EVENT
  readonly subscription: number
  readonly publication: number
  readonly details: Dict
}

/** `[CALL, Request|id, Options|dict, Procedure|uri]`, `[..., Arguments|list]`, `[..., ArgumentsKw|dict]` ("Calling and Invocations", CALL) */
export interface Call extends Payload {
  readonly type: typeof CALL
  readonly request: number
  readonly options: Dict
  readonly procedure: string
}

/** `[CANCEL, CALL.Request|id, Options|dict]` ("Call Canceling") */
export interface Cancel {
  readonly type: typeof CANCEL
  readonly request: number
  readonly options: Dict
}

/** `[RESULT, CALL.Request|id, Details|dict]`, `[..., YIELD.Arguments|list]`, `[..., YIELD.ArgumentsKw|dict]` ("Calling and Invocations", RESULT) */
export interface Result extends Payload {
  readonly type: typeof RESULT
  readonly request: number
  readonly details: Dict
}

/** `[REGISTER, Request|id, Options|dict, Procedure|uri]` ("Registering and Unregistering", REGISTER) */
export interface Register {
  readonly type: typeof REGISTER
  readonly request: number
  readonly options: Dict
  readonly procedure: string
}

/** `[REGISTERED, REGISTER.Request|id, Registration|id]` ("Registering and Unregistering", REGISTERED) */
export interface Registered {
  readonly type: typeof REGISTERED
  readonly request: number
  readonly registration: number
}

/** `[UNREGISTER, Request|id, REGISTERED.Registration|id]` ("Registering and Unregistering", UNREGISTER) */
export interface Unregister {
  readonly type: typeof UNREGISTER
  readonly request: number
  readonly registration: number
}

/**
 * `[UNREGISTERED, UNREGISTER.Request|id]` ("Registering and Unregistering", UNREGISTERED); with request 0 and `Details|dict` behind it the
 * router's own word that the registration is gone ("Registration Revocation").
 */
export interface Unregistered {
  readonly type: typeof UNREGISTERED
  readonly request: number
  readonly details?: Dict | undefined
}

/**
 * `[INVOCATION, Request|id, REGISTERED.Registration|id, Details|dict]`, `[..., CALL.Arguments|list]`, `[..., CALL.ArgumentsKw|dict]`
 * ("Calling and Invocations", INVOCATION)
 */
export interface Invocation extends Payload {
  readonly type: typeof INVOCATION
  readonly request: number
  readonly registration: number
  readonly details: Dict
}

/** `[INTERRUPT, INVOCATION.Request|id, Options|dict]` ("Call Canceling") */
export interface Interrupt {
  readonly type: typeof INTERRUPT
  readonly request: number
  readonly options: Dict
}

/** `[YIELD, INVOCATION.Request|id, Options|dict]`, `[..., Arguments|list]`, `[..., ArgumentsKw|dict]` ("Calling and Invocations", YIELD) */
export interface Yield extends Payload {
  readonly type: typeof YIELD
  readonly request: number
  readonly options: Dict
}

export type Message =
  | Hello
  | Welcome
  | Abort
  | Challenge
  | Authenticate
  | Goodbye
  | WampError
  | Publish
  | Published
  | Subscribe
  | Subscribed
  | Unsubscribe
  | Unsubscribed
  | Event
  | Call
  | Cancel
  | Result
  | Register
  | Registered
  | Unregister
  | Unregistered
  | Invocation
  | Interrupt
  | Yield

export type MessageType = Message['type']

/** Names as the specification writes them, by code. */
export const NAMES: Readonly<Record<MessageType, string>> = {
  [HELLO]: 'HELLO',
  [WELCOME]: 'WELCOME',
  [ABORT]: 'ABORT',
  [CHALLENGE]: 'CHALLENGE',
  [AUTHENTICATE]: 'AUTHENTICATE',
  [GOODBYE]: 'GOODBYE',
  [ERROR]: 'ERROR',
  [PUBLISH]: 'PUBLISH',
  [PUBLISHED]: 'PUBLISHED',
  [SUBSCRIBE]: 'SUBSCRIBE',
  [SUBSCRIBED]: 'SUBSCRIBED',
  [UNSUBSCRIBE]: 'UNSUBSCRIBE',
  [UNSUBSCRIBED]: 'UNSUBSCRIBED',
  [EVENT]: 'EVENT',
  [CALL]: 'CALL',
  [CANCEL]: 'CANCEL',
  [RESULT]: 'RESULT',
  [REGISTER]: 'REGISTER',
  [REGISTERED]: 'REGISTERED',
  [UNREGISTER]: 'UNREGISTER',
  [UNREGISTERED]: 'UNREGISTERED',
  [INVOCATION]: 'INVOCATION',
  [INTERRUPT]: 'INTERRUPT',
  [YIELD]: 'YIELD',
}
