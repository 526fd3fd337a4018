import type { Duplex } from 'node:stream'
import { dial, type Target } from '../base/dial.ts'
import type { Log } from '../base/log.ts'
import { Pour, reread } from '../base/pour.ts'
import { splice } from '../base/splice.ts'
import { encodeProxyHeader, type ProxyAddresses } from '../wire/proxy-header.ts'
import { addressesOf, type Service } from './connection.ts'

/** Milliseconds that an upstream may take to accept. */
const CONNECT_MS = 5000

export interface UpstreamOptions {
  readonly name: string
  readonly target: Target
  /** Version of the PROXY header that the upstream is sent first. */
  readonly proxy?: 1 | 2 | undefined
  readonly log: Log
}

/** A service in another process: the connection is spliced to it, byte for byte. */
export const upstream =
  (options: UpstreamOptions): Service =>
  (near) =>
    join(near, addressesOf(near), options, () => near.destroy())

/**
 * Splices a byte stream to an upstream that is dialled for it.
 * @param addresses whom a PROXY header shall name
 * @param onFailed the upstream was not reached; the stream is the caller's to end
 */
export function join(near: Duplex, addresses: ProxyAddresses | undefined, options: UpstreamOptions, onFailed: () => void): void {
  const { name, target, proxy, log } = options
  // The stream is paused until the upstream is there: what the client sends meanwhile waits in the kernel.
  near.pause()
  const down = target.kind === 'tls' ? undefined : new Pour()
  const far = dial(target, down)
  const failed = (why: string) => {
    log.warn({ service: name, why }, 'upstream not reached')
    near.off('close', gone)
    near.off('error', gone)
    far.destroy()
    onFailed()
  }
  const onError = (error: NodeJS.ErrnoException) => failed(error.code ?? error.message)
  const gone = () => far.destroy()
  const timer = setTimeout(() => failed(`no connection within ${CONNECT_MS} ms`), CONNECT_MS)
  near.once('close', gone)
  near.on('error', gone)
  far.once('error', onError)
  far.once('close', () => clearTimeout(timer))
  far.once(target.kind === 'tls' ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer)
    far.off('error', onError)
    near.off('close', gone)
    near.off('error', gone)
    if (near.destroyed) return far.destroy()
    if (proxy) far.write(encodeProxyHeader(proxy, addresses))
    const again = reread(near)
    splice(again?.socket ?? near, far, { up: again?.pour, down })
    return undefined
  })
}
