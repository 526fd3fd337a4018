import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Pour } from './pour.ts'

/** How one direction of a splice goes: by Node's pipe, or by a `Pour` that the socket was made with. */
export interface Pours {
  readonly up?: Pour | undefined
  readonly down?: Pour | undefined
}

/**
 * Joins two byte streams, both ways: back-pressure and half-close pass through (each must allow half-open), an abrupt end of one
 * is one of the other. A few chunks of Node's, or the buffer of a `Pour`, are all that stands between.
 */
export function splice(near: Duplex, far: Duplex, { up, down }: Pours = {}): void {
  for (const [from, to, pour] of [
    [near, far, up],
    [far, near, down],
  ] as const) {
    from.on('error', () => abort(to))
    // Gone before its end: the other side must not take that for one.
    from.on('close', () => {
      if (!from.readableEnded) abort(to)
    })
    if (pour) pour.start(from as Socket, to)
    else from.pipe(to)
  }
}

/** Ends a stream so that its peer sees no orderly end, where it can be told (TCP's RST). */
function abort(stream: Duplex): void {
  const remote = stream instanceof Socket && !(stream instanceof TLSSocket) && stream.remoteFamily !== undefined
  if (remote && !stream.destroyed) stream.resetAndDestroy()
  else if (!stream.destroyed) stream.destroy(new Error('the other side broke off'))
}
