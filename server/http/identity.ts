import type { IncomingMessage } from 'node:http'
import type { CameraAct } from '../../shared/model/access.ts'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import { type Audit, REFUSED } from '../auth/audit.ts'
import type { Checkers } from '../auth/checkers.ts'
import type { Credential, Identity } from '../auth/credential.ts'
import type { Leases } from '../auth/leases.ts'
import type { Nonces } from '../auth/nonces.ts'
import type { Realm } from '../auth/realm.ts'
import { REALM } from '../auth/secrets.ts'
import { PortholeError } from '../base/errors.ts'
import { type Avatar, sessionFor } from '../base/handlers.ts'
import { type CameraOwners, checkCamera } from '../base/watchable.ts'
import { DIGEST_HASHES, type DigestHash, parseAuthorization } from '../wire/authorization.ts'
import type { PeerRequest, Peers } from './peers.ts'

export const SESSION_COOKIE = 'porthole_session'
/** Characters of a session token. */
const MAX_TOKEN_CHARS = 128

const USERS_KEY = 'a user’s key does not belong in an address; a key of the camera does'

/** The session token of a request's cookies (RFC 6265 §5.4), or undefined. */
export function sessionToken(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === SESSION_COOKIE && value && value.length <= MAX_TOKEN_CHARS) return value
  }
  return undefined
}

/** `Set-Cookie` for a new session, or (0 seconds) to end one. Lax: a link to the dashboard from elsewhere works. */
export const sessionCookie = (token: string, seconds: number, secure: boolean): string =>
  `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? '; Secure' : ''}`

export interface AdmissionOptions extends CameraOwners {
  readonly checkers: Checkers
  readonly realm: Realm
  readonly nonces: Nonces
  /** Hashes that Digest is offered and taken with; none when nobody verifies it. */
  readonly digestHashes: readonly DigestHash[]
  readonly sessionOf: (user: string) => Session | undefined
  readonly leases: Leases
  readonly audit: Audit
  readonly peers: Peers
  /** A request's address without the path of the public address. */
  readonly addressed: (url: string) => string
}

/** Who asks, by what their request shows. */
export interface Visitor {
  /** Undefined for strangers. */
  readonly identity: Identity | undefined
  readonly avatar: Avatar
  /** What was shown and could not be verified. */
  readonly refusal: PortholeError | undefined
}

export type VisitorRequest = PeerRequest & Pick<IncomingMessage, 'method'>

/** Who is let in to what. The same for requests and upgrades. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * By what a trusted proxy says, else by the Authorization header, else by the session's cookie. A header that is none of ours may be a
   * proxy's: it is no reason to refuse whom a cookie names, or what is open to all.
   * @param target the request's, as the client sent it
   * @param authorization the header, where it is meant for this server and not for one that is mounted
   * @param publishKey of the address: it alone counts where there is one, and feeds its camera; a user's key has no business there
   * @throws PortholeError auth.wrong, auth.stale, request.rate, server.limit
   */
  async visitor(request: VisitorRequest, target: string, authorization: string | undefined, publishKey?: string): Promise<Visitor> {
    const { checkers, peers } = this.#options
    const address = peers.address(request)
    let refusal: PortholeError | undefined
    if (publishKey !== undefined) {
      const found = await this.#check({ kind: 'key', key: publishKey }, address)
      if (found instanceof PortholeError) return this.#visitor(undefined, found)
      return found.camera === undefined ? this.#visitor(undefined, new PortholeError('auth.wrong', USERS_KEY)) : this.#visitor(found)
    }
    if (checkers.verifies('forwarded') && peers.isFromProxy(request)) {
      const known = await checkers.find({ kind: 'forwarded', headers: request.headers }, address)
      if (known) return this.#visitor(known)
    }
    if (authorization !== undefined) {
      const shown = this.#credentialOf(authorization, request.method ?? 'GET', target)
      const found = shown instanceof PortholeError ? shown : await this.#check(shown, address)
      if (!(found instanceof PortholeError)) return this.#visitor(found)
      refusal = found
    }
    const token = sessionToken(request)
    const identity = token === undefined ? undefined : await checkers.find({ kind: 'session', token }, address)
    return this.#visitor(identity, refusal)
  }

  /** Whoever asks: where nobody is asked who they are. */
  stranger(): Visitor {
    return this.#visitor(undefined)
  }

  sessionOf({ avatar }: Visitor): Session | undefined {
    return sessionFor(avatar, this.#options.sessionOf)
  }

  /**
   * What a client that is refused may try (RFC 9110 §11.6.1), the strongest first. Not told to scripts of pages, or the browser would
   * lay a dialogue of its own over the dashboard: they say what they are by Fetch Metadata (not over http on a LAN), by an Origin
   * (sockets), or, the dashboard's own, by X-Requested-With.
   */
  challenges({ headers }: Pick<IncomingMessage, 'headers'>, { http, code }: PortholeError): string[] {
    // A shared link's passcode is no password of a user.
    if (http !== 401 || !code.startsWith('auth.') || isScript(headers)) return []
    const { digestHashes, nonces, checkers } = this.#options
    const nonce = nonces.issue()
    const stale = code === 'auth.stale' ? ', stale=true' : ''
    const digest = (algorithm: string) =>
      `Digest realm="${REALM}", qop="auth", algorithm=${algorithm}, nonce="${nonce}", charset=UTF-8${stale}`
    return [
      ...digestHashes.flatMap((hash) => (hash === 'MD5' ? [digest(hash)] : [digest(hash), digest(`${hash}-sess`)])),
      ...(checkers.verifies('password') ? [`Basic realm="${REALM}", charset="UTF-8"`] : []),
    ]
  }

  /**
   * @param act what is done to a camera, which a key may be for
   * @returns whether the role is enough, from now on
   * @throws PortholeError auth.required (or why not) of strangers, auth.role when the role is not enough
   */
  checkRole({ avatar, identity, refusal }: Visitor, needed: Role, act?: CameraAct): () => boolean {
    const may = () => allows(avatar.role, needed) || (avatar.feeds !== undefined && act === 'feed')
    if (needed === 'public') return may
    if (!identity) throw refusal ?? new PortholeError('auth.required')
    if (!may()) throw new PortholeError('auth.role')
    return may
  }

  /**
   * @returns whether the visitor may do it, from now on
   * @throws PortholeError camera.unknown when they may neither do it nor watch it, auth.role
   */
  checkCamera({ avatar }: Visitor, act: CameraAct, id: string): Promise<() => boolean> {
    return checkCamera(avatar, act, id, this.#options)
  }

  /** What stays open in the visitor's name ends when `holds` does not hold any more. @returns gives it back */
  lease({ identity }: Visitor, holds: () => boolean, end: (error: PortholeError) => void): () => void {
    return identity ? this.#options.leases.open({ identity, holds, end }) : () => {}
  }

  /** Writes down who was refused for who they are, or for where they come from. */
  refused(request: PeerRequest, visitor: Visitor | undefined, { http, code }: PortholeError): void {
    if (http !== 403) return
    const { audit, peers } = this.#options
    void audit.record({ what: REFUSED, by: visitor?.avatar.user, code, address: peers.address(request) })
  }

  /** A key that is none of ours, or what nobody verifies here, is told where it is needed. */
  async #check(credential: Credential, address: string): Promise<Identity | PortholeError> {
    try {
      return await this.#options.checkers.check(credential, address)
    } catch (error) {
      if (
        error instanceof PortholeError &&
        (error.code === 'auth.unsupported' || (credential.kind === 'key' && error.code === 'auth.wrong'))
      )
        return error
      throw error
    }
  }

  #visitor(identity: Identity | undefined, refusal?: PortholeError): Visitor {
    return { identity, avatar: this.#options.realm.avatarFor(identity, 'http'), refusal }
  }

  #credentialOf(authorization: string, method: string, target: string): Credential | PortholeError {
    const { addressed, digestHashes } = this.#options
    const said = parseAuthorization(authorization)
    switch (said.type) {
      case 'basic':
        return { kind: 'password', by: 'basic', user: said.user, password: said.password }
      case 'bearer':
        return { kind: 'key', key: said.key }
      case 'digest':
        if (said.realm !== REALM) return new PortholeError('auth.unsupported', 'Digest is for another realm')
        if (!digestHashes.includes(said.hash)) return new PortholeError('auth.unsupported', `Digest with ${said.hash} is not switched on`)
        // A response is for one address: of another it would be a replay (RFC 7616 §3.4.6).
        if (addressed(pathOf(said.uri)) !== addressed(pathOf(target))) return new PortholeError('auth.wrong', 'Digest is for another uri')
        return { ...said, kind: 'digest', method }
      case 'error':
        return new PortholeError('auth.unsupported', said.detail)
    }
  }
}

const isScript = (headers: IncomingMessage['headers']): boolean =>
  (headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate' || headers.origin !== undefined || headers['x-requested-with'] !== undefined

/** Of a target in absolute form (RFC 9112 §3.2.2) too. */
const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?]*/i, '') || '/'

/** Hashes that a server takes Digest with. */
export const digestHashesOf = (md5: boolean): DigestHash[] =>
  (Object.keys(DIGEST_HASHES) as DigestHash[]).filter((hash) => hash !== 'MD5' || md5)
