import { Boolean, Object, Optional, type Static, String } from 'typebox'
import { KEY_PATTERN } from './key-form.ts'
import { UserRole } from './session.ts'

/** Small letters and digits, so that no two look alike; long enough for an address of e-mail. */
export const UserName = String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9._@+\\-]*$' })
/** Not of the form of a key, which would be taken for one. */
export const Password = String({ minLength: 8, maxLength: 256, pattern: `^(?!${KEY_PATTERN}$)` })

export const User = Object({
  name: UserName,
  role: UserRole,
  /** False while they can only come by a sign-in link, or by another checker. */
  hasPassword: Boolean(),
  /** The checker of the configuration that let them in. */
  checker: Optional(String()),
})
export type User = Static<typeof User>
