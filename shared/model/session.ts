import { Boolean, Literal, Object, type Static, String, Union } from 'typebox'

/** What an identity may do, from least to most. `public` is everybody. */
export const ROLES = ['public', 'viewer', 'operator', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** What a user may be. */
export const UserRole = Union([Literal('viewer'), Literal('operator'), Literal('owner')])

export const Session = Object({
  user: String(),
  role: UserRole,
  /** False while the user only ever came by a sign-in link. */
  hasPassword: Boolean(),
})
export type Session = Static<typeof Session>

/** Whether `role` may do what `needed` asks for. */
export const allows = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)
