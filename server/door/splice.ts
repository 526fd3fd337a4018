import type { Duplex } from 'node:stream'

/**
 * Joins two byte streams, both ways: back-pressure and half-close pass through (each must allow half-open), an abrupt end of one
 * ends the other. Node's own buffers are the only ones between: a few of its chunks each way.
 */
export function splice(near: Duplex, far: Duplex): void {
  const end = () => {
    near.destroy()
    far.destroy()
  }
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('error', end)
    // Destroyed before its end: the other side must not take it for one.
    from.on('close', () => {
      if (!from.readableEnded) to.destroy()
    })
    from.pipe(to)
  }
}
