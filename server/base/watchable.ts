import type { CameraAct } from '../../shared/model/access.ts'
import { PortholeError } from './errors.ts'
import type { Avatar } from './handlers.ts'

/**
 * That somebody may watch the cameras they name. Deleted ones count: what was told of them can be heard.
 * @param ownerOf whose a camera is or was; undefined when there never was one
 * @throws PortholeError camera.unknown
 */
export async function checkWatchable(
  avatar: Avatar,
  cameras: readonly string[],
  ownerOf: (camera: string) => Promise<string | undefined>,
): Promise<void> {
  for (const id of cameras) {
    const owner = await ownerOf(id)
    if (owner === undefined || !avatar.may('watch', { id, owner })) throw new PortholeError('camera.unknown', `there is no camera ${id}`)
  }
}

/** Whose cameras are. */
export interface CameraOwners {
  /** Whose a camera is or was; undefined when there never was one. */
  readonly ownerOf: (camera: string) => Promise<string | undefined>
  /** Whose a camera is that is there. */
  readonly ownerNow: (camera: string) => string | undefined
}

/**
 * That somebody may do something to a camera.
 * @returns whether they may, from now on
 * @throws PortholeError camera.unknown when they may neither do it nor watch it, auth.role
 */
export async function checkCamera(avatar: Avatar, act: CameraAct, id: string, { ownerOf, ownerNow }: CameraOwners): Promise<() => boolean> {
  const owner = await ownerOf(id)
  // It may be somebody else's by then.
  const may = () => owner !== undefined && avatar.may(act, { id, owner: ownerNow(id) ?? owner })
  if (may()) return may
  if (owner === undefined || !avatar.may('watch', { id, owner })) throw new PortholeError('camera.unknown')
  throw new PortholeError('auth.role')
}
