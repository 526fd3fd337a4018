import type { IncomingMessage } from 'node:http'
import { allows, type Role, type Session } from '../../shared/model/session.ts'
import type { Sessions } from '../auth/sessions.ts'
import { PortholeError } from '../base/errors.ts'

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

export async function sessionOf(request: Pick<IncomingMessage, 'headers'>, sessions: Sessions): Promise<Session | undefined> {
  const token = sessionToken(request)
  return token === undefined ? undefined : await sessions.find(token)
}

/** @throws PortholeError auth.required without a session, auth.role when its role is not enough */
export function authorize(session: Session | undefined, needed: Role): void {
  if (needed === 'public') return
  if (!session) throw new PortholeError('auth.required')
  if (!allows(session.role, needed)) throw new PortholeError('auth.role')
}
