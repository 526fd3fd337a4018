import type { Duplex } from 'node:stream'
import { ProtocolViolation } from '../../../shared/wamp/decode.ts'
import type { Message } from '../../../shared/wamp/messages.ts'
import { SERIALIZERS, type Serializer } from '../../../shared/wamp/serializer.ts'
import { type Clock, every } from '../../base/clock.ts'
import { Outgoing } from '../../base/outgoing.ts'
import { type Link, received, type Shared } from '../link.ts'
import { Frames, type Handshake, HEAD_BYTES, head, MESSAGE, PING, PONG } from './rawsocket.ts'

/** Milliseconds between pings, and pings in a row that may go unanswered. */
const PING_MS = 30_000
const MAX_MISSED_PINGS = 3
/** Bytes that may wait for the other end before pings of it wait too. */
const MAX_PONG_BACKLOG_BYTES = 64 * 1024
/** Milliseconds that the other end has to close. */
const CLOSE_MS = 1000

export interface RawSocketOptions {
  readonly socket: Duplex
  /** What the other end said: how it wants its messages. */
  readonly theirs: Handshake
  /** Bytes of a message that are taken from it. */
  readonly maxBytes: number
  readonly clock: Clock
}

/** A byte stream after its handshake as a link ("RawSocket Transport"), of either side. */
export class RawSocketLink implements Link {
  onMessage: (message: Message, bytes: number) => void = () => {}
  onViolation: (violation: ProtocolViolation) => void = () => {}
  onClose: () => void = () => {}
  maxBytes = Number.POSITIVE_INFINITY
  readonly #options: RawSocketOptions
  readonly #serializer: Serializer
  readonly #outgoing: Outgoing
  readonly #frames: Frames
  readonly #stopPings: () => void
  #missed = 0
  /** The ping that is answered once the other end reads. */
  #owed: Buffer | undefined
  #closing = false
  #silent = false

  constructor(options: RawSocketOptions) {
    const { socket, theirs, maxBytes, clock } = options
    this.#options = options
    this.#serializer = SERIALIZERS[theirs.serializer]
    this.#outgoing = new Outgoing(socket)
    this.#frames = new Frames(maxBytes)
    this.#stopPings = every(clock, PING_MS, () => this.#ping())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => socket.end())
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#stopPings()
      this.#closing = true
      this.onClose()
    })
  }

  get backlog(): number {
    return this.#outgoing.backlog
  }

  send(message: Message, shared?: Shared): boolean {
    if (this.#closing) return true
    const key = `raw ${this.#serializer.name}`
    let wire = shared?.get(key)
    if (!wire) {
      const payload = this.#serializer.encode(message)
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
      wire = Buffer.concat([head(MESSAGE, Math.min(bytes.length, 2 ** 24)), bytes])
      shared?.set(key, wire)
    }
    if (wire.length - HEAD_BYTES > this.#options.theirs.maxBytes) return false
    this.#outgoing.write(wire)
    return true
  }

  pause(): void {
    this.#options.socket.pause()
  }

  resume(): void {
    this.#options.socket.resume()
  }

  close(): void {
    if (this.#closing) return
    this.#closing = true
    const { socket, clock } = this.#options
    this.#outgoing.flush()
    socket.end()
    socket.resume()
    clock.after(CLOSE_MS, () => socket.destroy())
  }

  #read(chunk: Buffer): void {
    if (this.#closing || this.#silent) return
    this.#missed = 0
    for (const framed of this.#frames.push(chunk)) {
      if (framed.type === MESSAGE) this.#message(framed.payload)
      else if (framed.type === PING) this.#pong(framed.payload)
      else if (framed.type === 'error') this.#violated(new ProtocolViolation(framed.detail))
      if (this.#closing || this.#silent) return
    }
  }

  #message(payload: Buffer): void {
    const message = received(this.#serializer, payload, this.maxBytes)
    if (message instanceof ProtocolViolation) return this.#violated(message)
    this.onMessage(message, payload.length)
  }

  /** One at a time to who does not read: the newest says all that the others would. */
  #pong(payload: Buffer): void {
    if (this.#outgoing.backlog <= MAX_PONG_BACKLOG_BYTES) {
      this.#outgoing.write(Buffer.concat([head(PONG, payload.length), payload]))
      return
    }
    if (this.#owed === undefined)
      this.#options.socket.once('drain', () => {
        const owed = this.#owed
        this.#owed = undefined
        if (owed && !this.#closing) this.#pong(owed)
      })
    this.#owed = Buffer.from(payload)
  }

  #violated(violation: ProtocolViolation): void {
    this.#silent = true
    this.onViolation(violation)
  }

  #ping(): void {
    if (this.#missed++ >= MAX_MISSED_PINGS) this.#options.socket.destroy()
    else this.#outgoing.write(head(PING, 0))
  }
}
