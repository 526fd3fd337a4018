import { X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Log } from '../base/log.ts'
import { makeAuthority, makeServerCertificate, permittedNames } from './authority.ts'
import { covers, type KeyPair, readPair, writePair } from './key-pairs.ts'

/** Days before its end at which the server certificate is made anew. */
const RENEW_DAYS = 30
const DAY_MS = 86_400_000
/** Names and addresses that one authority vouches for. */
const MAX_NAMES = 64

export interface LocalCertificate extends KeyPair {
  /** The authority that signed it, as PEM: what a phone is told to trust. */
  readonly authority: string
}

/**
 * The certificate of a server that was given none, kept in `directory`: of an authority of its own, made at first start. What
 * does not fit any more (names, dates) is made anew; the authority only when it may not vouch for the names, because who
 * trusted it must then trust the new one.
 * @param directory undefined keeps nothing
 * @param names host names and IP addresses of this server, the most usual first
 */
export async function localCertificate(
  directory: string | undefined,
  names: readonly string[],
  now: Date,
  log: Log,
): Promise<LocalCertificate> {
  if (directory === undefined) {
    const authority = await makeAuthority(names, now)
    return { ...(await makeServerCertificate(authority, names, now)), authority: authority.cert }
  }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  let [authority, server] = await Promise.all([readPair(directory, 'authority'), readPair(directory, 'server')])
  const fits = (issuer: KeyPair) => server && !expires(server, now) && covers(server, names) && server.cert.endsWith(issuer.cert)
  // What it vouched for it may vouch for: asking its constraints takes the library, which a start without news need not load.
  if (authority && server && !expires(authority, now) && fits(authority)) return { ...server, authority: authority.cert }
  if (!authority || expires(authority, now) || !(await mayVouch(authority, names))) {
    if (authority) log.warn({ names }, 'a new local authority: who trusted the old one must trust this one')
    // What the old one vouched for comes back: a laptop that goes home and to work needs two authorities, not one a day.
    const before = authority ? await permittedNames(authority.cert) : []
    authority = await makeAuthority([...new Set([...names, ...before])].slice(0, MAX_NAMES), now)
    await writePair(directory, 'authority', authority)
  }
  if (!server || !fits(authority)) {
    server = await makeServerCertificate(authority, names, now)
    await writePair(directory, 'server', server)
    log.info({ names }, 'server certificate made')
  }
  return { ...server, authority: authority.cert }
}

const expires = ({ cert }: KeyPair, now: Date) => Date.parse(new X509Certificate(cert).validTo) - now.getTime() < RENEW_DAYS * DAY_MS

async function mayVouch({ cert }: KeyPair, names: readonly string[]): Promise<boolean> {
  // A name constraint holds for the name and all below it; an address is meant alone.
  const permitted = new Set((await permittedNames(cert)).map(canonical))
  return names.every((name) => permitted.has(canonical(name)))
}

/** One spelling of an address. */
const canonical = (name: string) => (isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name.toLowerCase())
