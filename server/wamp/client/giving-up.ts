import { URI } from '../../../shared/wamp/uris.ts'
import { OpenError } from '../websocket/open.ts'
import { JoinError, type Leaving } from './session-errors.ts'

/** A component that ends without having been told to. */
export class GaveUpError extends Error {
  /** Whether trying again soon would bring the same. */
  readonly isRefusal: boolean

  constructor(message: string, { cause, isRefusal = false }: { cause?: unknown; isRefusal?: boolean } = {}) {
    super(message, { cause })
    this.name = 'GaveUpError'
    this.isRefusal = isRefusal
  }
}

/** Answers to HELLO that come again until somebody changes something. */
const REFUSALS: ReadonlySet<string> = new Set([
  URI.noSuchRealm,
  URI.noSuchRole,
  URI.noSuchPrincipal,
  URI.notAuthorized,
  URI.authorizationFailed,
  URI.authenticationDenied,
  URI.authenticationFailed,
  URI.authenticationRequired,
  URI.noMatchingAuthMethod,
  URI.invalidUri,
  URI.protocolViolation,
  URI.payloadSizeExceeded,
])
/** Statuses of HTTP that say "later" in the range of those that say "not so" (RFC 9110 §15.5, RFC 6585 §4, RFC 8470 §5.2). */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])

/** Whether an attempt failed by what router, server or component say, not by the way to them. */
export function isRefusal(error: Error): boolean {
  if (error instanceof JoinError) return REFUSALS.has(error.uri)
  if (error instanceof GaveUpError) return error.isRefusal
  if (error instanceof OpenError) return error.status !== undefined && error.status >= 400 && error.status < 500 && !LATER.has(error.status)
  // What cannot be a URL or header.
  return error instanceof TypeError || error instanceof SyntaxError
}

/** Why a session ended, in a line. */
export const nameOf = ({ reason, message }: Leaving): string => (message === undefined ? reason : `${reason}: ${message}`)

export function textOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, code } = error as NodeJS.ErrnoException
  // Attempts at several addresses fail with one error of no text.
  return message || code || error.name
}
