import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Log } from '../base/log.ts'
import { addressesOf, peerOf, type Service, tell, wasTold } from './connection.ts'
import type { KeyPair } from './key-pairs.ts'

/** Milliseconds for a TLS handshake. */
const HANDSHAKE_MS = 10_000

export interface TlsEndOptions {
  readonly certificate: KeyPair
  /** Takes the plaintext side. */
  readonly onPlaintext: (socket: TLSSocket) => void
  readonly log: Log
}

/** Where TLS ends: a `tls.Server` that never listens. What is inside is the door's to look at again. */
export class TlsEnd {
  readonly #server: Server
  /** Sockets that a PROXY header spoke for, by their true peer: the TLS socket only knows that one. */
  readonly #told = new Map<string, Socket>()

  constructor({ certificate, onPlaintext, log }: TlsEndOptions) {
    this.#server = createServer({
      ...certificate,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: HANDSHAKE_MS,
      minVersion: 'TLSv1.2',
    })
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => {})
      const raw = this.#told.get(peerOf(socket))
      const addresses = raw && addressesOf(raw)
      if (addresses) tell(socket, addresses)
      onPlaintext(socket)
    })
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      log.debug({ address: socket.remoteAddress, why: error.code ?? error.message }, 'no TLS connection')
      socket.destroy()
    })
  }

  readonly service: Service = (socket) => {
    if (wasTold(socket)) {
      const peer = peerOf(socket)
      this.#told.set(peer, socket)
      socket.once('close', () => this.#told.delete(peer))
    }
    this.#server.emit('connection', socket)
  }

  /** From the next connection on. @throws Error when key and certificate do not belong together */
  update(certificate: KeyPair): void {
    this.#server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' })
  }
}
