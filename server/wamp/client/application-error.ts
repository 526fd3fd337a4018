import type { Args, Dict, Payload } from '../../../shared/wamp/messages.ts'
import { isUri, URI } from '../../../shared/wamp/uris.ts'

/** Characters of a text that ERROR carries for an exception that is no ApplicationError. */
export const MAX_ERROR_TEXT_CHARS = 1000

/**
 * An error of an application, as ERROR carries it: thrown by a handler it reaches the caller, and a call that fails is rejected with it
 * ("Calling and Invocations", ERROR). The router's own errors (`wamp.error.no_such_procedure`) come as it too.
 */
export class ApplicationError extends Error {
  readonly uri: string
  readonly args: Args
  readonly kwargs: Dict

  constructor(uri: string, args: Args = [], kwargs: Dict = {}, options?: ErrorOptions) {
    super(typeof args[0] === 'string' ? `${uri}: ${args[0]}` : uri, options)
    this.name = 'ApplicationError'
    this.uri = uri
    this.args = args
    this.kwargs = kwargs
  }
}

/** What ERROR says of something that a handler threw: of what is no ApplicationError its message, never its stack. */
export function errorPayload(thrown: unknown): { readonly error: string } & Payload {
  if (isApplicationError(thrown)) {
    const { uri, args, kwargs } = thrown
    return { error: uri, ...nonEmpty(Array.isArray(args) ? args : [], kwargs ?? {}) }
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return { error: URI.runtimeError, args: [text.slice(0, MAX_ERROR_TEXT_CHARS)] }
}

/** By its looks: a component may have loaded this module from another installation than the one that runs it. */
export const isApplicationError = (thrown: unknown): thrown is ApplicationError =>
  thrown instanceof Error && 'uri' in thrown && typeof thrown.uri === 'string' && isUri(thrown.uri, 'loose')

/** A payload without its empty parts. */
export const nonEmpty = (args: Args, kwargs: Dict): Payload => ({
  ...(args.length > 0 && { args }),
  ...(Object.keys(kwargs).length > 0 && { kwargs }),
})
