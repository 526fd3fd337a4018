import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Decoder, Encoder } from '@msgpack/msgpack'
import * as cborg from 'cborg'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { decodeMessage } from '../../shared/wamp/decode.ts'
import { encodeMessage } from '../../shared/wamp/encode.ts'
import type { Message } from '../../shared/wamp/messages.ts'
import type { SerializerName } from '../../shared/wamp/serializer.ts'
import type { Link } from '../wamp/link.ts'

export type Tuple = readonly unknown[]

/** A connection that carries tuples, as its transport has them. */
export interface Wire {
  onTuple: (tuple: Tuple) => void
  onClose: () => void
  send(tuple: Tuple): void
  /** Bytes, or a text, that need be no message; undefined within this process. */
  readonly sendRaw?: (data: string | Uint8Array) => void
  close(): void
}

/** Decoders of the libraries, without this project's own part. */
const CODECS: Record<SerializerName, { encode(tuple: Tuple): string | Uint8Array; decode(data: Buffer): Tuple }> = {
  json: { encode: (tuple) => JSON.stringify(tuple), decode: (data) => JSON.parse(String(data)) as Tuple },
  msgpack: {
    encode: (tuple) => new Encoder({ useBigInt64: false }).encode(tuple),
    decode: (data) => new Decoder().decode(data) as Tuple,
  },
  cbor: { encode: (tuple) => cborg.encode(tuple), decode: (data) => cborg.decode(data) as Tuple },
}

export function localWire(link: Link): Wire {
  const wire: Wire = {
    onTuple: () => {},
    onClose: () => {},
    send: (tuple) => link.send(decodeMessage(tuple)),
    close: () => link.close(),
  }
  link.onMessage = (message: Message) => wire.onTuple(encodeMessage(message))
  link.onClose = () => wire.onClose()
  return wire
}

export async function webSocketWire(url: string, serializer: SerializerName, headers: Record<string, string> = {}): Promise<Wire> {
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, `wamp.2.${serializer}`, { headers, perMessageDeflate: false })
  const codec = CODECS[serializer]
  const wire: Wire = {
    onTuple: () => {},
    onClose: () => {},
    send: (tuple) => ws.send(codec.encode(tuple)),
    sendRaw: (data) => ws.send(data),
    close: () => ws.terminate(),
  }
  ws.on('message', (data: Buffer) => wire.onTuple(decoded(codec, data)))
  ws.on('close', () => wire.onClose())
  ws.on('error', () => {})
  await once(ws, 'open')
  return wire
}

/** What a library cannot read is heard as such. */
function decoded(codec: (typeof CODECS)[SerializerName], data: Buffer): Tuple {
  try {
    return codec.decode(data)
  } catch (error) {
    return ['unreadable', (error as Error).message, data.toString('hex')]
  }
}

const SERIALIZER_NUMBERS: Record<SerializerName, number> = { json: 1, msgpack: 2, cbor: 3 }

/** @param power of two that this client takes, less nine */
export async function rawSocketWire(
  to: number | Socket,
  serializer: SerializerName,
  power = 15,
): Promise<Wire & { readonly socket: Socket }> {
  const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : to
  const codec = CODECS[serializer]
  const frame = (data: string | Uint8Array) => {
    const payload = Buffer.from(data as string)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(payload.length)
    return Buffer.concat([head, payload])
  }
  const wire = {
    onTuple: (_: Tuple) => {},
    onClose: () => {},
    send: (tuple: Tuple) => void socket.write(frame(codec.encode(tuple))),
    sendRaw: (data: string | Uint8Array) => void socket.write(frame(data)),
    close: () => void socket.destroy(),
    socket,
  }
  socket.on('error', () => {})
  socket.on('close', () => wire.onClose())
  socket.write(Buffer.of(0x7f, (power << 4) | SERIALIZER_NUMBERS[serializer], 0, 0))
  let held = Buffer.alloc(0)
  const answered = new Promise<void>((resolve, reject) => {
    let isOpen = false
    socket.on('close', () => reject(new Error(`RawSocket was closed: ${held.toString('hex')}`)))
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      if (!isOpen && held.length >= 4) {
        expect(held[0]).toBe(0x7f)
        held = held.subarray(4)
        isOpen = true
        resolve()
      }
      while (isOpen && held.length >= 4 && held.length >= 4 + held.readUIntBE(1, 3)) {
        const end = 4 + held.readUIntBE(1, 3)
        const [type, payload] = [held[0], held.subarray(4, end)]
        held = held.subarray(end)
        if (type === 0) wire.onTuple(decoded(codec, payload))
      }
    })
  })
  await answered
  return wire
}
