import { API_PREFIX, type Procedure, pathParameters } from '../../shared/contract/define.ts'
import { type InputOf, type OutputOf, type ProcedureName, procedures } from '../../shared/contract/index.ts'
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
    const { url, body } = requestOf(definition, input as Record<string, unknown>)
    let response: Response
    try {
      response = await fetch(url, {
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

/** Where the fields of an input travel: in the path what it names, in the body or the query the rest. */
export function requestOf(definition: Procedure, input: Record<string, unknown>): { url: string; body: string | undefined } {
  const inPath = pathParameters(definition.path)
  const path = inPath.reduce((path, name) => path.replace(`:${name}`, encodeURIComponent(String(input[name]))), definition.path)
  const rest = Object.entries(input).filter(([name, value]) => value !== undefined && !inPath.includes(name))
  const { method } = definition
  if (method === 'POST' || method === 'PUT' || method === 'PATCH')
    return { url: basePath() + API_PREFIX + path, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)])).toString()
  return { url: basePath() + API_PREFIX + path + (query && `?${query}`), body: undefined }
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
