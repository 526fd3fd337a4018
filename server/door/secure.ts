import { readFile, stat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { localCertificate } from './certificates.ts'
import type { KeyPair } from './key-pairs.ts'
import { TlsEnd } from './tls.ts'

/** Milliseconds between two looks whether another certificate is due. */
const LOOK_MS = 5000

/** Where the server's certificate comes from. */
export interface CertificateSource {
  /** Differs when `load` would give another certificate. */
  version(): Promise<string>
  load(): Promise<KeyPair & { readonly authority?: string }>
}

/** A certificate that the operator keeps in files (PEM; the certificate's file holds the chain). */
export const certificateFiles = (cert: string, key: string): CertificateSource => ({
  version: async () => {
    const stats = await Promise.all([cert, key].map((file) => stat(file)))
    return stats.map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`).join(' ')
  },
  load: async () => ({ cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') }),
})

/** The certificate of a local authority for the names that this machine has now. */
export const localSource = (directory: string | undefined, names: () => readonly string[], clock: Clock, log: Log): CertificateSource => {
  const now = () => new Date(clock.date())
  return {
    version: async () => `${now().toISOString().slice(0, 10)} ${names().join(' ')}`,
    load: () => localCertificate(directory, names(), now(), log),
  }
}

export interface SecureOptions {
  readonly source: CertificateSource
  readonly onPlaintext: (socket: TLSSocket) => void
  readonly clock: Clock
  readonly log: Log
}

/** The door's TLS service. Its certificate is loaded (or made) with the first connection, and followed from then on. */
export class Secure {
  readonly #options: SecureOptions
  #end: TlsEnd | undefined
  #starting: Promise<TlsEnd> | undefined
  #authority: string | undefined
  #version = ''
  #stop = () => {}
  #looking = false

  constructor(options: SecureOptions) {
    this.#options = options
  }

  /** @throws Error when there is no usable certificate */
  start(): Promise<TlsEnd> {
    this.#starting ??= this.#start().catch((error) => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  /** The local authority's certificate, PEM; undefined when the operator brought the server's own. */
  async authority(): Promise<string | undefined> {
    await this.start()
    return this.#authority
  }

  readonly service = (socket: Socket): void => {
    if (this.#end) return this.#end.service(socket)
    this.start().then(
      (end) => end.service(socket),
      (error) => {
        this.#options.log.error({ err: error }, 'no certificate')
        socket.destroy()
      },
    )
  }

  close(): void {
    this.#stop()
  }

  async #start(): Promise<TlsEnd> {
    const { source, onPlaintext, clock, log } = this.#options
    this.#version = await source.version()
    const certificate = await source.load()
    this.#authority = certificate.authority
    this.#end = new TlsEnd({ certificate, onPlaintext, log })
    this.#stop = every(clock, LOOK_MS, () => void this.#look())
    return this.#end
  }

  /** Connections that are open keep the certificate they began with. */
  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { source, log } = this.#options
    try {
      const version = await source.version()
      if (version === this.#version) return
      const certificate = await source.load()
      this.#end?.update(certificate)
      this.#authority = certificate.authority
      this.#version = version
      log.info('certificate reloaded')
    } catch (error) {
      log.error({ err: error }, 'the certificate was not reloaded; the one before stays')
    } finally {
      this.#looking = false
    }
  }
}
