import { STATUS_CODES } from 'node:http'
import { asPortholeError } from '../../base/errors.ts'
import type { ProtocolHost } from './mounted.ts'
import { checkHeaders, type HeaderFields } from './server-options.ts'

/** What `onConnect` throws to refuse a client with an HTTP answer. */
export class ConnectionDeny extends Error {
  readonly status: number
  readonly headers: HeaderFields

  /**
   * @param status 400 to 599
   * @param reason told to the client
   * @throws RangeError, TypeError for a status or headers that cannot be
   */
  constructor(status: number, reason = '', headers: HeaderFields = {}) {
    super(reason)
    this.name = 'ConnectionDeny'
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) throw new RangeError(`status is ${status}; say 400 to 599`)
    checkHeaders(headers)
    this.status = status
    this.headers = headers
  }
}

/** An HTTP answer instead of a WebSocket. */
export interface Refusal {
  readonly status: number
  readonly body: string
  readonly headers: Record<string, string>
}

/** What was thrown as an answer in application/problem+json (RFC 9457). What is not meant for the client is told to nobody but the log. */
export function refusalOf(thrown: unknown, host: ProtocolHost): Refusal {
  const headers = { 'Content-Type': 'application/problem+json; charset=utf-8', 'Cache-Control': 'no-store' }
  if (thrown instanceof ConnectionDeny) {
    const { status, message } = thrown
    const problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Refused', status, ...(message !== '' && { detail: message }) }
    const own = Object.entries(thrown.headers).map(([name, value]) => [name, [value].flat().join(', ')])
    return { status, body: JSON.stringify(problem), headers: { ...headers, ...Object.fromEntries(own) } }
  }
  const error = asPortholeError(thrown)
  if (error.code === 'server.internal') host.log.error({ err: thrown, mount: host.name }, 'mounted module failed')
  return { status: error.http, body: JSON.stringify(host.problem(error)), headers }
}
