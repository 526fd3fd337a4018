import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/**
 * Joins two byte streams, both ways: back-pressure and half-close pass through (each must allow half-open), an abrupt end of one
 * is one of the other. Node's own buffers are the only ones between: a few of its chunks each way.
 */
export function splice(near: Duplex, far: Duplex): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', () => abort(to))
    // Gone before its end: the other side must not take that for one.
    from.on('close', () => {
      if (!from.readableEnded) abort(to)
    })
    from.pipe(to)
  }
}

/** Ends a stream so that its peer sees no orderly end, where it can be told (TCP's RST). */
function abort(stream: Duplex): void {
  const remote = stream instanceof Socket && !(stream instanceof TLSSocket) && stream.remoteFamily !== undefined
  if (remote && !stream.destroyed) stream.resetAndDestroy()
  else stream.destroy()
}
