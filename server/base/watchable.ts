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
