import { Boolean, Literal, Object, Optional, type Static, String, Union } from 'typebox'
import { IsoTime } from './camera.ts'

/** What a user may be, from least to most. */
export const USER_ROLES = ['viewer', 'operator', 'owner'] as const
/** What an identity may do, from least to most. `public` is everybody. */
export const ROLES = ['public', ...USER_ROLES] as const
export type Role = (typeof ROLES)[number]

export const UserRole = Union([Literal('viewer'), Literal('operator'), Literal('owner')])
export type UserRole = Static<typeof UserRole>

export const Session = Object({
  user: String(),
  role: UserRole,
  /** False while the user only ever came by a sign-in link. */
  hasPassword: Boolean(),
})
export type Session = Static<typeof Session>

/** What a session is known by: the hash of its token, which nobody can sign in with. */
export const SessionId = String({ minLength: 1, maxLength: 64, pattern: '^[0-9a-f]+$' })

/** A browser that is signed in. */
export const SessionInfo = Object({
  id: SessionId,
  user: String(),
  createdAt: IsoTime,
  /** To some minutes. */
  seenAt: IsoTime,
  /** Where it was signed in from. */
  address: Optional(String()),
  /** Its User-Agent. */
  agent: Optional(String()),
  /** The one that asks. */
  current: Boolean(),
})
export type SessionInfo = Static<typeof SessionInfo>

/** Whether `role` may do what `needed` asks for. */
export const allows = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)
