import { X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Challenges } from './acme-challenges.ts'
import { type AcmeAccount, CHALLENGES, ChallengeFailed, makeAccountKey, type OrderOptions, orderCertificate } from './acme-order.ts'
import { covers, type KeyPair, readPair, writePair, writeSecret } from './key-pairs.ts'
import type { CertificateSource } from './secure.ts'

/** Milliseconds between two looks whether a certificate is due. */
const LOOK_MS = 10 * 60_000
/** Part of its life after which a certificate is renewed. */
const RENEW_AT = 2 / 3
/** Milliseconds until a failed order is tried again, doubled with each failure: authorities allow few failures an hour. */
const RETRY_MS = 20 * 60_000
const MAX_RETRY_MS = 12 * 3_600_000

export interface AcmeOptions {
  readonly account: AcmeAccount
  /** Where account and certificates are kept; undefined keeps nothing. */
  readonly folder: string | undefined
  /** Gives the certificate until the first has come. */
  readonly meanwhile: CertificateSource
  readonly clock: Clock
  readonly log: Log
  /** Tests bring their own. */
  readonly order?: (options: OrderOptions) => Promise<KeyPair>
}

/** A certificate that an authority gives by ACME (RFC 8555), proven on this same port, renewed in time. */
export class Acme {
  readonly challenges = new Challenges()
  readonly #options: AcmeOptions
  readonly #folder: string | undefined
  readonly #ending = new AbortController()
  #accountKey: string | undefined
  #certificate: KeyPair | undefined
  /** Milliseconds since the Unix epoch. */
  #renewAt = Number.NEGATIVE_INFINITY
  #endsAt = Number.NEGATIVE_INFINITY
  #ordering: Promise<void> | undefined
  #failures = 0
  #retryAt = Number.NEGATIVE_INFINITY
  /** The way that led to the last certificate is tried first. */
  #ways = [...CHALLENGES]
  #stop = () => {}

  constructor(options: AcmeOptions) {
    this.#options = options
    // A staging authority's certificate is not taken for the real one's.
    this.#folder = options.folder && join(options.folder, new URL(options.account.directory).host.replace(':', '-'))
  }

  readonly source: CertificateSource = {
    version: async () => this.#valid()?.cert ?? (await this.#options.meanwhile.version()),
    load: async () => this.#valid() ?? (await this.#options.meanwhile.load()),
  }

  /** One that ended helps nobody: the local one is trusted by some. */
  #valid(): KeyPair | undefined {
    return this.#options.clock.date() < this.#endsAt ? this.#certificate : undefined
  }

  /** Takes what was kept, if it fits. */
  async load(): Promise<void> {
    if (!this.#folder) return
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const kept = await readPair(this.#folder, 'certificate')
    if (kept && covers(kept, this.#options.account.names)) this.#use(kept)
  }

  /** Orders what is due, now and from now on; the port must answer by then. */
  start(): void {
    this.#stop = every(this.#options.clock, LOOK_MS, () => this.#look())
    this.#look()
  }

  async close(): Promise<void> {
    this.#stop()
    this.#ending.abort()
    await this.#ordering
  }

  #look(): void {
    const { clock } = this.#options
    if (this.#ordering || clock.monotonic() < this.#retryAt || clock.date() < this.#renewAt) return
    this.#ordering = this.#order().finally(() => {
      this.#ordering = undefined
    })
  }

  #use(certificate: KeyPair): void {
    const { validFrom, validTo } = new X509Certificate(certificate.cert)
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
    this.#certificate = certificate
    this.#renewAt = from + (to - from) * RENEW_AT
    this.#endsAt = to
  }

  /** Never rejects: the certificate before stays. */
  async #order(): Promise<void> {
    const { account, clock, log } = this.#options
    const { names } = account
    log.info({ names, directory: account.directory }, 'certificate ordered')
    try {
      const certificate = await this.#inSomeWay()
      this.#use(certificate)
      this.#failures = 0
      // A clock that is wrong by months would take every new one for due.
      this.#retryAt = clock.monotonic() + MAX_RETRY_MS
      log.info({ names, until: new Date(this.#endsAt).toISOString() }, 'certificate received')
      await this.#keep(certificate)
    } catch (error) {
      if (this.#ending.signal.aborted) return
      const ms = Math.min(RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS)
      this.#retryAt = clock.monotonic() + ms
      const mend = 'the authority must reach this port as port 443 or 80 of each name'
      log.error({ names, why: (error as Error).message, againInMinutes: ms / 60_000, mend }, 'no certificate received')
    }
  }

  /** What cannot be kept is used all the same: authorities give few of the same. */
  async #keep(certificate: KeyPair): Promise<void> {
    if (!this.#folder) return
    await writePair(this.#folder, 'certificate', certificate).catch((error) => {
      this.#options.log.error({ err: error }, 'the certificate could not be kept; it is used until the server stops')
    })
  }

  async #inSomeWay(): Promise<KeyPair> {
    const { account, clock, log, order = orderCertificate } = this.#options
    const { signal } = this.#ending
    const accountKey = await this.#account()
    const faults: string[] = []
    for (const kind of this.#ways) {
      try {
        const certificate = await order({ account, accountKey, kind, challenges: this.challenges, clock, signal })
        this.#ways = [kind, ...CHALLENGES.filter((other) => other !== kind)]
        return certificate
      } catch (error) {
        if (!(error instanceof ChallengeFailed)) throw error
        faults.push(error.message)
        log.debug({ why: error.message }, 'a name was not proven')
      }
    }
    throw new Error(faults.join('; '))
  }

  /** The account's key: the account itself is found by it (RFC 8555 §7.3.1). */
  async #account(): Promise<string> {
    if (this.#accountKey) return this.#accountKey
    const path = this.#folder && join(this.#folder, 'account.key')
    const kept = path && (await readFile(path, 'utf8').catch(missing))
    this.#accountKey = kept || (await makeAccountKey(this.#ending.signal))
    if (path && !kept) await writeSecret(path, this.#accountKey)
    return this.#accountKey
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
