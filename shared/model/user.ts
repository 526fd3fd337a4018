import { Boolean, Literal, Object, type Static, String, Union } from 'typebox'

/** Small letters and digits, so that no two look alike; long enough for an address of e-mail. */
export const UserName = String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9._@+\\-]*$' })
export const Password = String({ minLength: 8, maxLength: 256 })
export const UserRole = Union([Literal('viewer'), Literal('operator'), Literal('owner')])

export const User = Object({
  name: UserName,
  role: UserRole,
  /** False while they can only come by a sign-in link. */
  hasPassword: Boolean(),
})
export type User = Static<typeof User>
