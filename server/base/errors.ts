import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'

/** An error that a client may see: a code of the one table, and a detail that names what is wrong. */
export class PortholeError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ?? ERRORS[code].title, options)
    this.name = 'PortholeError'
    this.code = code
  }

  get http(): number {
    return ERRORS[this.code].http
  }

  get close(): number {
    return ERRORS[this.code].close
  }
}

/** Whatever was thrown, as something a client may see. What is not ours is an internal error without its text. */
export const asPortholeError = (error: unknown): PortholeError =>
  error instanceof PortholeError ? error : new PortholeError('server.internal', undefined, { cause: error })

/** What keeps a server from starting, or a command from running: a wrong setting, a wrong data directory. Says which, and the mend. */
export class ConfigError extends Error {}
