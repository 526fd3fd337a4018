import type { Duplex } from 'node:stream'
import type { SerializerName } from '../../../shared/wamp/serializer.ts'
import type { Clock } from '../../base/clock.ts'
import type { Link } from '../link.ts'
import { HEAD_BYTES, handshake, parseHandshake, type Refusal, refusal } from './rawsocket.ts'
import { RawSocketLink } from './rawsocket-link.ts'
import { MAX_SENT_BYTES } from './websocket-link.ts'

/** Bytes of one message from a client: as much as WebSockets take, by the power of two. */
export const MAX_MESSAGE_BYTES = 2 ** 21
/** Bytes of a message that a client must take: WELCOME is not much smaller. */
export const LEAST_MESSAGE_BYTES = 4096
/** Milliseconds for the four bytes of the handshake. */
const HANDSHAKE_MS = 3000

/** The router's half of RawSocket's handshake; whoever is refused is told why, and cut. */
export function acceptRawSocket(socket: Duplex, clock: Clock, accept: (link: Link, serializer: SerializerName) => void): void {
  let held = Buffer.alloc(0)
  const cancel = clock.after(HANDSHAKE_MS, () => socket.destroy())
  socket.on('error', () => {})
  socket.once('close', cancel)
  const read = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length < HEAD_BYTES) return
    cancel()
    socket.off('data', read)
    socket.pause()
    const theirs = parseHandshake(held.subarray(0, HEAD_BYTES))
    const why = 'refusal' in theirs ? theirs.refusal : theirs.maxBytes < LEAST_MESSAGE_BYTES ? 'length' : undefined
    if (why === 'magic') return void socket.destroy()
    if ('refusal' in theirs || why) {
      socket.end(refusal(why as Refusal))
      socket.resume()
      return void clock.after(HANDSHAKE_MS, () => socket.destroy())
    }
    if (held.length > HEAD_BYTES) socket.unshift(held.subarray(HEAD_BYTES))
    socket.write(handshake(theirs.serializer, MAX_MESSAGE_BYTES))
    // A client takes up to 16 MiB, and one such message would wait for it until the next ends it.
    const bounded = { ...theirs, maxBytes: Math.min(theirs.maxBytes, MAX_SENT_BYTES) }
    accept(new RawSocketLink({ socket, theirs: bounded, maxBytes: MAX_MESSAGE_BYTES, clock }), theirs.serializer)
    socket.resume()
  }
  socket.on('data', read)
  // Whoever looked at it before had paused it.
  socket.resume()
}
