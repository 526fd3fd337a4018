import { Null, Object, Optional, type Static, String, Union } from 'typebox'
import { CameraId, CameraName, IsoTime } from './camera.ts'
import { UserRole } from './session.ts'
import { UserName } from './user.ts'

export const KeyId = String({ minLength: 1, maxLength: 32, pattern: '^[a-z0-9]+$' })
/** What its maker calls it. */
export const KeyName = CameraName

/** A key, without its secret: of a user, or for feeding one camera. */
export const Key = Object({
  id: KeyId,
  name: KeyName,
  user: Optional(UserName),
  camera: Optional(CameraId),
  /** No more than this, whatever its user may. */
  role: Optional(UserRole),
  createdAt: IsoTime,
  /** To the hour. */
  usedAt: Union([IsoTime, Null()]),
})
export type Key = Static<typeof Key>

/** A key as it is told once: when it is made or made anew. */
export const NewKey = Object({ id: KeyId, key: String() })
export type NewKey = Static<typeof NewKey>
