import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Pour } from './pour.ts'

/** Milliseconds of silence after which TCP asks whether the other end is still there: one that is gone without a word would be held for ever. */
export const KEEP_ALIVE_MS = 60_000

/** Where an upstream listens. */
export type Target =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** TCP, and TLS to it with the host's certificate verified. */
  | { readonly kind: 'tls'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** A socket to the target, half-open allowed; connecting. @param pour takes what it sends (not of TLS) */
export function dial(target: Target, pour?: Pour): Socket {
  if (target.kind === 'tls')
    return connectTls({ host: target.host, port: target.port, servername: target.host, allowHalfOpen: true } as ConnectionOptions)
  const where: NetConnectOpts = target.kind === 'unix' ? { path: target.path } : { host: target.host, port: target.port }
  return connect({
    ...where,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    ...(pour && { onread: pour.onread }),
  } as NetConnectOpts)
}
