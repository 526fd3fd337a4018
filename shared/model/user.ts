import { Boolean, Object, type Static, String } from 'typebox'
import { UserRole } from './session.ts'

/** Small letters and digits, so that no two look alike; long enough for an address of e-mail. */
export const UserName = String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9._@+\\-]*$' })
export const Password = String({ minLength: 8, maxLength: 256 })

export const User = Object({
  name: UserName,
  role: UserRole,
  /** False while they can only come by a sign-in link. */
  hasPassword: Boolean(),
})
export type User = Static<typeof User>
