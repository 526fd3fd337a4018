import type { Readable } from 'node:stream'
import type { Clock } from './clock.ts'
import { PortholeError } from './errors.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** Milliseconds for the whole body. */
  readonly maxMs: number
  readonly clock: Clock
}

/**
 * A request's body as its packets arrive; the next one is read when this one was taken, so a slow taker slows the sender.
 * @throws PortholeError request.too-large, request.timeout, request.invalid when the sender goes away in the middle
 */
export async function* bodyChunks(body: Readable, { maxBytes, maxMs, clock }: BodyLimits): AsyncGenerator<Buffer, void, void> {
  let bytes = 0
  let failure: PortholeError | undefined
  const cancel = clock.after(maxMs, () => {
    failure = new PortholeError('request.timeout')
    body.destroy(failure)
  })
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new PortholeError('request.too-large', `the body has more than ${maxBytes} bytes`)
      yield chunk
    }
  } catch (error) {
    if (error instanceof PortholeError) throw error
    throw failure ?? new PortholeError('request.invalid', 'the body ended too early')
  } finally {
    cancel()
  }
}
