import { type DestinationStream, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type Log = Logger

export interface LogOptions {
  /** Least severe level that is written. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Where lines go; standard error by default, made readable when it is a terminal. */
  readonly destination?: DestinationStream
}

export function createLog(options: LogOptions): Log {
  const settings = { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  if (options.destination) return pino(settings, options.destination)
  if (process.stderr.isTTY)
    return pino(
      settings,
      pretty({ destination: 2, sync: true, colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', singleLine: true }),
    )
  return pino(settings, pino.destination({ dest: 2, sync: true }))
}

/** Paths whose next segment is a secret. */
const SECRET_PATHS = /^(\/(?:ws\/)?(?:share|embed|join)\/)[^/?#]+/

/** A request's address as the log may show it: no query (it may carry tokens), no secret segment. */
export const loggablePath = (url: string): string => (url.split(/[?#]/, 1)[0] ?? '').replace(SECRET_PATHS, '$1***').slice(0, 200)
