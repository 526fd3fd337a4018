import type { Duplex } from 'node:stream'
import { type Message, NAMES } from '../../../shared/wamp/messages.ts'
import type { SerializerName } from '../../../shared/wamp/serializer.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Link } from '../link.ts'
import { HEAD_BYTES, handshake, parseHandshake, refusal } from './rawsocket.ts'
import { RawSocketLink } from './rawsocket-link.ts'

/** Bytes of one message from a client: as much as WebSockets take, by the power of two. */
export const MAX_MESSAGE_BYTES = 2 ** 21
/** Milliseconds for the four bytes of the handshake. */
const HANDSHAKE_MS = 3000

/** The router's half of RawSocket's handshake; whoever is refused is told why, and cut. */
export function acceptRawSocket(
  socket: Duplex,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  accept: (link: Link, serializer: SerializerName) => void,
): void {
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
    if ('refusal' in theirs) {
      if (theirs.refusal === 'magic') return void socket.destroy()
      socket.end(refusal(theirs.refusal))
      socket.resume()
      return void clock.after(HANDSHAKE_MS, () => socket.destroy())
    }
    if (held.length > HEAD_BYTES) socket.unshift(held.subarray(HEAD_BYTES))
    const onTooLarge = (message: Message) =>
      log.warn({ message: NAMES[message.type], bytes: theirs.maxBytes }, 'a message is larger than its RawSocket client takes')
    socket.write(handshake(theirs.serializer, MAX_MESSAGE_BYTES))
    accept(new RawSocketLink({ socket, theirs, maxBytes: MAX_MESSAGE_BYTES, clock, onTooLarge }), theirs.serializer)
    socket.resume()
  }
  socket.on('data', read)
  // Whoever looked at it before had paused it.
  socket.resume()
}
