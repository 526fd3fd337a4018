import type { FastifyError, FastifyReply } from 'fastify'
import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'

/** An error as `application/problem+json` (RFC 9457). */
export const problemOf = (error: PortholeError) => ({
  type: `urn:porthole:error:${error.code}`,
  title: ERRORS[error.code].title,
  status: error.http,
  code: error.code,
  ...(error.message === ERRORS[error.code].title ? {} : { detail: error.message }),
})

/** Seconds after which it is worth to try again (RFC 9110 §10.2.3), where the error does not know better. */
const RETRY_SECONDS: Partial<Record<ErrorCode, number>> = {
  'request.rate': 60,
  'request.running': 1,
  'camera.offline': 5,
  'share.full': 30,
  'service.unreachable': 5,
  'server.limit': 60,
  'server.closing': 5,
}

export const sendProblem = (reply: FastifyReply, error: PortholeError): FastifyReply => {
  const seconds = RETRY_SECONDS[error.code]
  if (seconds !== undefined) reply.header('retry-after', String(seconds))
  return reply.code(error.http).type('application/problem+json; charset=utf-8').header('cache-control', 'no-store').send(problemOf(error))
}

/** Fastify's own errors, and anything else that was thrown, in words of the one table. */
export function toPortholeError(error: unknown): PortholeError {
  if (error instanceof PortholeError) return error
  const { code, statusCode, validation, message } = error as FastifyError
  if (validation) return new PortholeError('request.invalid', message)
  if (statusCode === 413) return new PortholeError('request.too-large')
  if (statusCode === 415) return new PortholeError('request.media-type')
  // The file server's way to say that a path leaves its folder.
  if (statusCode === 404 || statusCode === 403) return new PortholeError('request.not-found')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new PortholeError('request.invalid', code === 'FST_ERR_CTP_INVALID_JSON_BODY' ? 'body is not JSON' : message)
  return asPortholeError(error)
}
