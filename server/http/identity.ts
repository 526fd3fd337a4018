import type { IncomingMessage } from 'node:http'
import type { CameraAct } from '../../shared/model/access.ts'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import type { Leases } from '../auth/leases.ts'
import { type Sessions, sessionId } from '../auth/sessions.ts'
import { PortholeError } from '../base/errors.ts'
import type { Avatar } from '../base/handlers.ts'

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

/** What an entry of the port asks for: of whom, and what it does to the camera that its address names. */
export interface Requirement {
  readonly role: Role
  readonly camera?: CameraAct | undefined
}

export interface AdmissionOptions {
  readonly sessions: Sessions
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
}

/** Who is let in to what. The same for requests and upgrades. */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  async visitor(request: Pick<IncomingMessage, 'headers'>): Promise<Visitor> {
    const token = sessionToken(request)
    const session = token === undefined ? undefined : await this.#options.sessions.find(token)
    return { session, token, avatar: this.#options.avatarOf(session) }
  }

  /** @throws PortholeError auth.required of strangers, auth.role when the role is not enough */
  checkRole({ avatar }: Visitor, needed: Role): void {
    if (needed === 'public') return
    if (avatar.user === undefined) throw new PortholeError('auth.required')
    if (!allows(avatar.role, needed)) throw new PortholeError('auth.role')
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
