import type { PortholeError } from '../base/errors.ts'
import type { MessageSocket } from '../base/socket.ts'

/** A message socket in memory: keeps what it was told to send; the test plays the peer. */
export class FakeSocket implements MessageSocket {
  onText: (text: string) => void = () => {}
  onBinary: (bytes: Buffer) => void = () => {}
  onClose: () => void = () => {}
  readonly peer = 'test'
  backlog = 0
  readonly texts: Record<string, unknown>[] = []
  readonly binaries: Uint8Array[] = []
  /** Payloads of whole WebSocket messages. */
  readonly wires: Buffer[] = []
  closed: PortholeError | 'closed' | undefined

  sendText(text: string): void {
    this.texts.push(JSON.parse(text))
  }

  sendBinary(bytes: Uint8Array): void {
    this.binaries.push(bytes)
  }

  readonly wireSink = {
    write: (wire: Buffer) => {
      const short = (wire[1] as number) & 0x7f
      this.wires.push(wire.subarray(short < 126 ? 2 : short === 126 ? 4 : 10))
    },
  }

  close(error?: PortholeError): void {
    if (this.closed) return
    this.closed = error ?? 'closed'
    this.onClose()
  }

  /** The peer says something. */
  say(message: object): void {
    this.onText(JSON.stringify(message))
  }

  /** Messages of one type that were sent. */
  of(type: string): Record<string, unknown>[] {
    return this.texts.filter((message) => message.type === type)
  }
}
