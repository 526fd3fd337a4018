import type { Procedure } from '../contract/define.ts'
import { type InputOf, type OutputOf, type ProcedureName, procedures } from '../contract/index.ts'
import { requestOf } from '../contract/request.ts'
import { ERRORS, type ErrorCode, isErrorCode } from '../protocol/errors.ts'

/** The server said no: one code of the error table. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string = ERRORS[code].title) {
    super(message)
    this.code = code
  }
}

/** No answer came from the server, or none that is one of its own. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  /** HTTP status of an answer that was none of the server's own. */
  readonly status: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options)
    this.status = options.status
  }
}

/** What a call says beside its input. */
export interface CallWords {
  readonly signal?: AbortSignal
  /** ETag of what the change is meant for: of anything else it is refused with `request.changed`. */
  readonly ifMatch?: string
  /** A word of one's own for one create: who asks again with it is answered the same, for a day. */
  readonly idempotencyKey?: string
}

/** Asks the server for one procedure of the contract. Rejects with ApiError or NetworkError, nothing else. */
export type Call = <N extends ProcedureName>(name: N, input: InputOf<N>, words?: CallWords) => Promise<OutputOf<N>>

export interface CallOptions {
  readonly fetch: typeof fetch
  /** What addresses begin with: an origin, a path; asked at each call. */
  readonly base?: () => string
  /** Of every request: who asks. */
  readonly headers?: Readonly<Record<string, string>>
  /** Told of every refusal, before the caller is. */
  readonly onRefused?: (code: ErrorCode) => void
}

/** Asks for one procedure; what is refused is thrown. */
export type Ask = <N extends ProcedureName>(name: N, input: InputOf<N>, words?: CallWords, accept?: string) => Promise<Response>

export function createAsk({ fetch, base = () => '', headers = {}, onRefused }: CallOptions): Ask {
  return async (name, input, { signal, ifMatch, idempotencyKey } = {}, accept = 'application/json') => {
    const definition: Procedure = procedures[name]
    const { url, body } = requestOf(definition, input)
    let response: Response
    try {
      response = await fetch(base() + url, {
        method: definition.method,
        headers: {
          accept,
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      })
    } catch (cause) {
      throw new NetworkError('the server cannot be reached', { cause })
    }
    if (response.ok) return response
    const error = await refusalOf(response)
    if (error instanceof ApiError) onRefused?.(error.code)
    throw error
  }
}

export function createCall(options: CallOptions): Call {
  const ask = createAsk(options)
  return async (name, input, words) => answerOf(await ask(name, input, words))
}

/** What was answered. @throws NetworkError */
export async function answerOf<T>(response: Response): Promise<T> {
  if (response.status === 204) return null as T
  try {
    return (await response.json()) as T
  } catch (cause) {
    throw new NetworkError('the answer was cut off', { cause })
  }
}

/** The error of an `application/problem+json` answer (RFC 9457); a proxy's page is no answer of the server's. */
export async function refusalOf(response: Response): Promise<ApiError | NetworkError> {
  return errorOf(await response.json().catch(() => null)) ?? new NetworkError(`HTTP ${response.status}`, { status: response.status })
}

/** The error that a problem is; undefined: it is none of the server's. */
export function errorOf(problem: unknown): ApiError | undefined {
  const { code, title, detail } = (problem ?? {}) as Record<string, unknown>
  return typeof code === 'string' && isErrorCode(code) ? new ApiError(code, String(detail ?? title ?? ERRORS[code].title)) : undefined
}
