import { PortholeError } from '../base/errors.ts'
import type { MessageSocket } from '../base/socket.ts'

/** Bytes that may wait for a client that sends and does not read. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024

/** `/ws`: every message comes back as it came, text as text and binary as binary. */
export function echo(socket: MessageSocket): void {
  const bounded = (send: () => void) => {
    if (socket.backlog > MAX_BACKLOG_BYTES) socket.close(new PortholeError('server.limit', 'echoes were not read in time'))
    else send()
  }
  socket.onText = (text) => bounded(() => socket.sendText(text))
  socket.onBinary = (bytes) => bounded(() => socket.sendBinary(bytes))
}
