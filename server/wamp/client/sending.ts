import type { Message } from '../../../shared/wamp/messages.ts'
import * as M from '../../../shared/wamp/messages.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import type { Link } from '../link.ts'
import { ApplicationError, isApplicationError } from './application-error.ts'

/** Characters of a text that ABORT carries, some of which the router may have chosen: even the smallest router takes so many. */
const MAX_ABORT_TEXT_CHARS = 100

/**
 * Sends a message.
 * @throws ApplicationError when it is larger than the router takes; what the serializer throws for values that it cannot carry
 */
export function sendTo(link: Link, message: Message): void {
  if (link.send(message)) return
  throw new ApplicationError(URI.payloadSizeExceeded, [`${M.NAMES[message.type]} is larger than the router takes`])
}

/** Says a last word: whom it cannot reach is left all the same. @returns whether it went out */
export function sendLast(link: Link, message: Message): boolean {
  try {
    sendTo(link, message)
    return true
  } catch {
    return false
  }
}

export const sendAbort = (link: Link, reason: string, text: string): boolean =>
  sendLast(link, { type: M.ABORT, details: { message: cut(text) }, reason })

export const isTooLarge = (error: unknown): error is ApplicationError => isApplicationError(error) && error.uri === URI.payloadSizeExceeded

/** The beginning of a text, without half of a character at its end. */
export const cut = (text: string): string =>
  text.length <= MAX_ABORT_TEXT_CHARS ? text : text.slice(0, MAX_ABORT_TEXT_CHARS).replace(/[\ud800-\udbff]$/, '')
