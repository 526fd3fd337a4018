import type { Procedure } from '../../shared/contract/define.ts'
import { type InputOf, type OutputOf, type ProcedureName, procedures } from '../../shared/contract/index.ts'
import { requestOf } from '../../shared/contract/request.ts'
import { ERRORS, type ErrorCode, isErrorCode } from '../../shared/protocol/errors.ts'
import { basePath } from '../transport/base.ts'

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
}

/** Says that a page asks: a refusal then brings no dialogue of the browser's, over http on a LAN too. */
const FROM_PAGE = { accept: 'application/json', 'x-requested-with': 'porthole' }

/** Asks the server for one procedure of the contract. Rejects with ApiError or NetworkError, nothing else. */
export type Call = <N extends ProcedureName>(name: N, input: InputOf<N>) => Promise<OutputOf<N>>

export interface CallOptions {
  readonly fetch: typeof fetch
  /** Told of every refusal, before the caller is. */
  readonly onRefused?: (code: ErrorCode) => void
}

export function createCall({ fetch, onRefused }: CallOptions): Call {
  return async <N extends ProcedureName>(name: N, input: InputOf<N>) => {
    const definition: Procedure = procedures[name]
    const { url, body } = requestOf(definition, input)
    let response: Response
    try {
      response = await fetch(basePath() + url, {
        method: definition.method,
        headers: { ...FROM_PAGE, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
      })
    } catch (cause) {
      throw new NetworkError('the server cannot be reached', { cause })
    }
    if (!response.ok) {
      const error = await refusal(response)
      if (error instanceof ApiError) onRefused?.(error.code)
      throw error
    }
    if (response.status === 204) return null as OutputOf<N>
    try {
      return (await response.json()) as OutputOf<N>
    } catch (cause) {
      throw new NetworkError('the answer was cut off', { cause })
    }
  }
}

/** The error of an `application/problem+json` answer (RFC 9457); a proxy's page is no answer of the server's. */
async function refusal(response: Response): Promise<ApiError | NetworkError> {
  try {
    const { code, title, detail } = (await response.json()) as Record<string, unknown>
    if (typeof code === 'string' && isErrorCode(code)) return new ApiError(code, String(detail ?? title ?? ERRORS[code].title))
  } catch {
    // Not JSON: said below.
  }
  return new NetworkError(`HTTP ${response.status}`)
}
