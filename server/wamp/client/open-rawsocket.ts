import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Message } from '../../../shared/wamp/messages.ts'
import type { SerializerName } from '../../../shared/wamp/serializer.ts'
import { bareHost } from '../../base/address.ts'
import type { Clock } from '../../base/clock.ts'
import { dial } from '../../base/dial.ts'
import type { Link } from '../link.ts'
import { type Handshake, HEAD_BYTES, handshake, parseHandshake } from '../transport/rawsocket.ts'
import { type RawSocketOptions as LinkOptions, RawSocketLink } from '../transport/rawsocket-link.ts'
import { OPEN_MAX_MESSAGE_BYTES, OpenError, openInTime, secured, type TlsOptions } from '../websocket/open.ts'
import { connectProxy, type ProxyOptions } from '../websocket/proxy.ts'
import { MAX_BACKLOG_BYTES } from './websocket-link.ts'

export interface RawSocketOptions {
  /** `rs://host:port`, or `rss://host:port` over TLS. */
  readonly url: URL
  /** A handshake offers one: they are tried in this order. */
  readonly serializers: readonly SerializerName[]
  readonly proxy?: ProxyOptions
  readonly tls?: TlsOptions
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly clock: Clock
}

/** A router speaks the transport, and not this serializer. */
class OtherSerializer extends OpenError {}

/** Drops the connection to a router that does not read what it is sent: it may ask for much, and all of it would wait here. */
class ClientLink extends RawSocketLink {
  readonly #socket: Duplex

  constructor(options: LinkOptions) {
    super(options)
    this.#socket = options.socket
  }

  override send(message: Message): boolean {
    const isSent = super.send(message)
    if (this.backlog > MAX_BACKLOG_BYTES) this.#socket.destroy()
    return isSent
  }
}

/**
 * A connection by the RawSocket transport ("RawSocket Transport").
 * @throws OpenError; the signal's reason when it aborts
 */
export async function openRawSocket(options: RawSocketOptions): Promise<Link> {
  return openInTime(options, async (ends) => {
    let failure: Error = new TypeError('say at least one serializer')
    for (const serializer of options.serializers) {
      try {
        return await open(options, serializer, ends)
      } catch (error) {
        if (!(error instanceof OtherSerializer)) throw error
        failure = error
      }
    }
    throw failure
  })
}

async function open(options: RawSocketOptions, serializer: SerializerName, signal: AbortSignal): Promise<Link> {
  // At each time somebody else hears of what went wrong; between two of them nobody would, and it would be thrown.
  const socket = (await reach(options, signal)).on('error', () => {})
  const abort = () => socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    socket.write(handshake(serializer, OPEN_MAX_MESSAGE_BYTES))
    const theirs = agreed(await answered(socket), serializer)
    const link = new ClientLink({ socket, theirs, maxBytes: OPEN_MAX_MESSAGE_BYTES, clock: options.clock })
    // Read on in a later turn: the owner has its callbacks on it by then.
    socket.pause()
    setImmediate(() => socket.resume())
    return link
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function reach({ url, proxy, tls }: RawSocketOptions, signal: AbortSignal): Promise<Socket> {
  const [host, port] = [bareHost(url), Number(url.port)]
  const tunnel = proxy && (await connectProxy(proxy, host, port, signal))
  if (url.protocol === 'rs:') return tunnel ?? dial({ kind: 'tcp', host, port })
  return secured(host, tunnel ? { socket: tunnel } : { port }, tls)
}

/** @throws OpenError */
function agreed(bytes: Buffer, serializer: SerializerName): Handshake {
  const theirs = parseHandshake(bytes)
  if (!('refusal' in theirs)) {
    if (theirs.serializer === serializer) return theirs
    throw new OpenError('unreachable', `the router chose ${theirs.serializer}, which was not offered`)
  }
  if (theirs.refusal === 'serializer') throw new OtherSerializer('refused', `the router does not speak ${serializer}`)
  if (theirs.refusal === 'magic') throw new OpenError('unreachable', 'what answers does not speak RawSocket')
  throw new OpenError('refused', `the router refused the handshake: ${theirs.refusal}`)
}

/** The four bytes of the answer; the socket is paused behind them. */
function answered(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (result: Buffer | Error) => {
      socket.off('readable', onReadable).off('error', onError).off('end', onEnd).off('close', onEnd)
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    const onReadable = () => {
      const bytes = socket.read(HEAD_BYTES) as Buffer | null
      if (bytes) settle(bytes)
    }
    const onError = (cause: Error) => settle(new OpenError('unreachable', cause.message, { cause }))
    const onEnd = () => settle(new OpenError('unreachable', 'the router closed the connection instead of a handshake'))
    socket.on('readable', onReadable).on('error', onError).on('end', onEnd).on('close', onEnd)
  })
}
