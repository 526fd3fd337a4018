import type { Message, Payload } from './messages.ts'
import * as M from './messages.ts'

/** The wire tuple of a message, for a serializer. What is absent is left out. */
export function encodeMessage(message: Message): unknown[] {
  switch (message.type) {
    case M.HELLO:
      return [M.HELLO, message.realm, message.details]
    case M.WELCOME:
      return [M.WELCOME, message.session, message.details]
    case M.ABORT:
    case M.GOODBYE:
      return withPayload([message.type, message.details, message.reason], message)
    case M.CHALLENGE:
      return [M.CHALLENGE, message.method, message.extra]
    case M.AUTHENTICATE:
      return [M.AUTHENTICATE, message.signature, message.extra]
    case M.ERROR:
      return withPayload([M.ERROR, message.of, message.request, message.details, message.error], message)
    case M.PUBLISH:
      return withPayload([M.PUBLISH, message.request, message.options, message.topic], message)
    case M.PUBLISHED:
      return [M.PUBLISHED, message.request, message.publication]
    case M.SUBSCRIBE:
      return [M.SUBSCRIBE, message.request, message.options, message.topic]
    case M.SUBSCRIBED:
      return [M.SUBSCRIBED, message.request, message.subscription]
    case M.UNSUBSCRIBE:
      return [M.UNSUBSCRIBE, message.request, message.subscription]
    case M.UNSUBSCRIBED:
    case M.UNREGISTERED:
      return message.details === undefined ? [message.type, message.request] : [message.type, message.request, message.details]
    case M.EVENT:
      return withPayload([M.EVENT, message.subscription, message.publication, message.details], message)
    case M.CALL:
      return withPayload([M.CALL, message.request, message.options, message.procedure], message)
    case M.CANCEL:
      return [M.CANCEL, message.request, message.options]
    case M.RESULT:
      return withPayload([M.RESULT, message.request, message.details], message)
    case M.REGISTER:
      return [M.REGISTER, message.request, message.options, message.procedure]
    case M.REGISTERED:
      return [M.REGISTERED, message.request, message.registration]
    case M.UNREGISTER:
      return [M.UNREGISTER, message.request, message.registration]
    case M.INVOCATION:
      return withPayload([M.INVOCATION, message.request, message.registration, message.details], message)
    case M.INTERRUPT:
      return [M.INTERRUPT, message.request, message.options]
    case M.YIELD:
      return withPayload([M.YIELD, message.request, message.options], message)
  }
}

function withPayload(tuple: unknown[], { args, kwargs }: Payload): unknown[] {
  if (kwargs !== undefined) tuple.push(args ?? [], kwargs)
  else if (args !== undefined) tuple.push(args)
  return tuple
}
