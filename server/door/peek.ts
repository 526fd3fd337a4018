import type { Socket } from 'node:net'
import type { Deadlines } from './deadlines.ts'

/** Times that a connection's first bytes are looked at: one byte a packet costs a look each. */
const MAX_LOOKS = 1024

/** What was made of the bytes so far. */
export interface Look {
  /** Wait for more. */
  readonly more?: boolean
  /** Bytes at the start that are used up. */
  readonly used?: number
  /** What takes the socket over; without it the connection is closed. */
  readonly take?: (socket: Socket) => void
  /** It listens for data before it returns: its bytes go straight to it, and the socket flows on. */
  readonly eager?: boolean
}

export interface PeekOptions {
  readonly deadlines: Deadlines
  /** Milliseconds from now, whatever comes, until the last look. */
  readonly deadlineMs: number
  /** Asked at each packet. @param final at the deadline or the last look: `more` closes */
  readonly look: (bytes: Buffer, final: boolean) => Look
  /** Who takes a socket that has said nothing for so long. */
  readonly silent?: { readonly afterMs: number; readonly take: (socket: Socket) => void } | undefined
  /** Called once when the door is done with the socket: it was taken, closed by us, or went away. */
  readonly onSettled: () => void
}

const NOTHING = Buffer.alloc(0)

/**
 * Reads the first bytes of a socket until somebody takes it, and gives them back to it (unshifted). The socket may be anything
 * with net.Socket's interface. @returns ends it now
 */
export function peek(socket: Socket, { deadlines, deadlineMs, look, silent, onSettled }: PeekOptions): () => void {
  let held: Buffer = NOTHING
  let looks = 0
  let settled = false
  const settle = () => {
    settled = true
    cancel()
    cancelSilent()
    socket.off('data', onData)
    socket.off('end', close)
    socket.off('close', close)
    onSettled()
  }
  const close = () => {
    if (settled) return
    settle()
    // FIN first: what the other side still says meets a closed socket.
    socket.end(() => socket.destroy())
  }
  const ask = (final: boolean) => {
    const { more, used = 0, take, eager = false } = look(held, final)
    if (used > 0) held = held.subarray(used)
    if (more && !final) return
    if (!take) return close()
    hand(take, eager)
  }
  const hand = (take: (socket: Socket) => void, eager: boolean) => {
    settle()
    if (!eager) {
      socket.pause()
      if (held.length > 0) socket.unshift(held)
    }
    take(socket)
    // In a stream that flows this is delivered at once, with no turn of the event loop between.
    if (eager) socket.unshift(held)
  }
  const onData = (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    ask(++looks >= MAX_LOOKS)
  }
  const cancel = deadlines.after(deadlineMs, () => ask(true))
  const cancelSilent = silent ? deadlines.after(silent.afterMs, () => held.length === 0 && hand(silent.take, false)) : () => {}
  // After its end nothing can be given back to a socket, and a client that left before it was understood wants no answer.
  socket.on('end', close)
  socket.on('close', close)
  socket.on('data', onData)
  // It was, when a header was read off it before.
  if (socket.isPaused()) socket.resume()
  return close
}
