import type { IncomingMessage } from 'node:http'
import type { CameraAct } from '../../shared/model/access.ts'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import type { Leases } from '../auth/leases.ts'
import { type Sessions, sessionId } from '../auth/sessions.ts'
import type { SignIn } from '../auth/signin.ts'
import { PortholeError } from '../base/errors.ts'
import type { Avatar } from '../base/handlers.ts'
import { parseAuthorization } from '../wire/authorization.ts'

export const SESSION_COOKIE = 'porthole_session'
/** Characters of a session token. */
const MAX_TOKEN_CHARS = 128

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

/**
 * What a client that is refused may try (RFC 7617 §2). Not told to scripts of pages (they say what they are, W3C Fetch Metadata):
 * the browser would lay a dialogue of its own over the dashboard.
 */
export const challengeFor = ({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined =>
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate' ? 'Basic realm="Porthole", charset="UTF-8"' : undefined

export interface AdmissionOptions {
  readonly sessions: Sessions
  readonly signIn: SignIn
  readonly avatarOf: (session: Session | undefined) => Avatar
  /** Whose a camera is or was; undefined when there never was one. */
  readonly ownerOf: (camera: string) => Promise<string | undefined>
  readonly leases: Leases
}

/** Who asks, by what their request shows. */
export interface Visitor {
  readonly session: Session | undefined
  readonly token: string | undefined
  readonly avatar: Avatar
  /** What was shown and could not be verified. */
  readonly refusal: PortholeError | undefined
}

/** Who is let in to what. The same for requests and upgrades. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * By the Authorization header (Basic), else by the session's cookie. A header of another kind may be a proxy's: it is no
   * reason to refuse whom a cookie names, or what is open to all.
   * @param authorization the header, where it is meant for this server and not for one that is mounted
   * @throws PortholeError auth.wrong, request.rate, server.limit
   */
  async visitor(request: Pick<IncomingMessage, 'headers'>, address: string, authorization: string | undefined): Promise<Visitor> {
    const { sessions, signIn, avatarOf } = this.#options
    const said = authorization === undefined ? undefined : parseAuthorization(authorization)
    if (said?.type === 'basic') {
      const session = await signIn.check(said.user, said.password, address)
      return { session, token: undefined, avatar: avatarOf(session), refusal: undefined }
    }
    const token = sessionToken(request)
    const session = token === undefined ? undefined : await sessions.find(token)
    const refusal = said && new PortholeError('auth.unsupported', said.type === 'error' ? said.detail : undefined)
    return { session, token, avatar: avatarOf(session), refusal }
  }

  /**
   * @returns whether the role is enough, from now on
   * @throws PortholeError auth.required (or why not) of strangers, auth.role when the role is not enough
   */
  checkRole({ avatar, refusal }: Visitor, needed: Role): () => boolean {
    const may = () => allows(avatar.role, needed)
    if (needed === 'public') return may
    if (avatar.user === undefined) throw refusal ?? new PortholeError('auth.required')
    if (!may()) throw new PortholeError('auth.role')
    return may
  }

  /**
   * @returns whether the visitor may do it, from now on
   * @throws PortholeError camera.unknown when they may not even watch it, auth.role
   */
  async checkCamera({ avatar }: Visitor, act: CameraAct, id: string): Promise<() => boolean> {
    const owner = await this.#options.ownerOf(id)
    if (owner === undefined || !avatar.may('watch', { id, owner })) throw new PortholeError('camera.unknown')
    const may = () => avatar.may(act, { id, owner })
    if (!may()) throw new PortholeError('auth.role')
    return may
  }

  /** What stays open in the visitor's name ends when `holds` does not hold any more. @returns gives it back */
  lease({ avatar, token }: Visitor, holds: () => boolean, end: (error: PortholeError) => void): () => void {
    if (avatar.user === undefined) return () => {}
    return this.#options.leases.open({ user: avatar.user, session: token && sessionId(token), holds, end })
  }
}
