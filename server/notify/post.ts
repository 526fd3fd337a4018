import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { bareHost } from '../base/address.ts'
import { version } from '../base/version.ts'
import type { AddressGuard } from './guard.ts'

/** Milliseconds for the whole of it. */
const POST_MS = 10_000
/** Bytes of an answer that are read: nothing is made of them. */
const MAX_ANSWER_BYTES = 16 * 1024

export interface Posted {
  readonly status: number
  /** What the answer says of when to come again: seconds. */
  readonly retryAfter: number | undefined
}

/**
 * Posts a body, to an address that the guard allows. Redirects are not followed: what they lead to was not asked for.
 * @throws Error that says why there is no answer
 */
export function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  guard: AddressGuard,
  signal: AbortSignal,
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    guard.check(bareHost(url))
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent: false,
      lookup: guard.lookup as never,
      signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': `Porthole/${version()}`,
      },
    })
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response
      const after = answered['retry-after'] ?? ''
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) response.destroy()
      })
      // Complete or not: the status was said.
      response.on('error', () => {})
      response.once('close', () => resolve({ status, retryAfter: /^\d{1,6}$/.test(after) ? Number(after) : undefined }))
    })
    // 101 is no answer to a post: Node closes without another word when nobody listens for it.
    request.once('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 101, retryAfter: undefined })
    })
    request.once('close', () => reject(new Error('no answer')))
    request.once('error', (error) =>
      reject(signal.aborted || error.name !== 'AbortError' ? error : new Error(`no answer within ${POST_MS / 1000} s`)),
    )
    request.end(body)
  })
}
