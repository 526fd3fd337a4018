import { ERRORS, type ErrorCode } from '../../../shared/protocol/errors.ts'
import { URI } from '../../../shared/wamp/uris.ts'
import { asPortholeError, PortholeError } from '../../base/errors.ts'
import { type Answer, Denied, type Step } from './types.ts'

/** Characters of an authid; and of a signature or a ticket: what is longer is none, and is not looked at. */
export const MAX_AUTHID_CHARS = 256
const MAX_SIGNATURE_CHARS = 4096

const URIS: Partial<Readonly<Record<ErrorCode, string>>> = {
  'auth.role': URI.notAuthorized,
}

/**
 * Whatever signing in threw, as ABORT says it ("Predefined URIs"; the sentence is the error table's):
 * - what is wrong, unknown or taken back (HTTP 401): `wamp.error.authentication_denied`
 * - who it is has no business here (`auth.role`): `wamp.error.not_authorized`
 * - all else (`request.rate`, `server.limit`, a failure of ours): `wamp.error.authentication_failed`, and trying later may help
 *
 * Of `auth.wrong` the sentence is the error's own: it may say that the password has to be shown once. What failed here is its `cause`, for
 * the log.
 */
export function deniedOf(error: unknown): Denied {
  if (error instanceof Denied) return error
  const { code, http, message } = asPortholeError(error)
  const uri = URIS[code] ?? (http === 401 ? URI.authenticationDenied : URI.authenticationFailed)
  const denied = new Denied(code === 'auth.wrong' ? message : ERRORS[code].title, uri)
  if (code === 'server.internal') denied.cause = error
  return denied
}

/** The same words for who is unknown and who is wrong. */
export const wrong = (): PortholeError => new PortholeError('auth.wrong')

/**
 * For methods that need to know who it is first.
 * @throws Denied
 */
export function requireAuthid(authid: string | undefined): string {
  if (authid === undefined || authid === '') throw new Denied('HELLO has no authid.', URI.authenticationRequired)
  if (authid.length > MAX_AUTHID_CHARS) throw new Denied(`The authid has more than ${MAX_AUTHID_CHARS} characters.`)
  return authid
}

/** A challenge that can be answered once; whatever goes wrong with the answer is Denied. */
export function ask(challenge: Record<string, unknown>, answer: Answer): Step {
  let isAnswered = false
  return {
    challenge,
    async answer(signature, extra) {
      if (isAnswered) throw new Denied('The challenge was answered before.')
      isAnswered = true
      return orDenied(async () => {
        if (signature.length > MAX_SIGNATURE_CHARS) throw wrong()
        return answer(signature, extra)
      })
    },
  }
}

/** @throws Denied, and nothing else */
export async function orDenied<T>(task: () => T | Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    throw deniedOf(error)
  }
}
