import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContext, type Server } from 'node:tls'
import { parseClientHello } from '../wire/client-hello.ts'
import type { Service } from './connection.ts'
import type { KeyPair } from './key-pairs.ts'
import type { Rule } from './rules.ts'

/** The one protocol that a validating authority offers (RFC 8737 §4). */
const ACME_TLS = 'acme-tls/1'
/** Milliseconds for its handshake, and for the connection. */
const VALIDATION_MS = 10_000

/** What this server answers to prove that a name is its own; both ways, on the one port. Empty but for the seconds of an order. */
export class Challenges {
  readonly #texts = new Map<string, string>()
  readonly #contexts = new Map<string, SecureContext>()
  #server: Server | undefined

  /** http-01 (RFC 8555 §8.3): the text for a token, while it is offered. */
  readonly textOf = (token: string): string | undefined => this.#texts.get(token)

  /** tls-alpn-01 (RFC 8737): connections of a validating authority, told by their ClientHello. Everybody else's are not looked at. */
  readonly rule: Rule<Service> = {
    name: ACME_TLS,
    test: (prefix) => {
      if (this.#contexts.size === 0) return 'no'
      const hello = parseClientHello(prefix)
      if (hello.type === 'more') return 'more'
      return hello.type === 'hello' && hello.protocols.length === 1 && hello.protocols[0] === ACME_TLS ? 'match' : 'no'
    },
    service: (socket) => this.#validate(socket),
  }

  /** @returns what takes the offer back */
  offerText(token: string, text: string): () => void {
    this.#texts.set(token, text)
    return () => void this.#texts.delete(token)
  }

  /** @returns what takes the offer back */
  offerCertificate(name: string, certificate: KeyPair): () => void {
    this.#contexts.set(name, createSecureContext({ ...certificate, minVersion: 'TLSv1.2' }))
    return () => void this.#contexts.delete(name)
  }

  #validate(socket: Socket): void {
    this.#server ??= createServer(
      {
        ALPNProtocols: [ACME_TLS],
        handshakeTimeout: VALIDATION_MS,
        SNICallback: (name, done) => {
          const context = this.#contexts.get(name.toLowerCase())
          done(context ? null : new Error('no challenge for this name'), context)
        },
      },
      // The handshake is all there is to it (RFC 8737 §3).
      (secured) => secured.on('error', () => {}).end(),
    ).on('tlsClientError', (_error, secured) => secured.destroy())
    socket.setTimeout(VALIDATION_MS, () => socket.destroy())
    this.#server.emit('connection', socket)
  }
}
