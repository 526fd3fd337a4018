import type { Camera, CameraStatus } from '../../shared/model/camera.ts'
import type { ErrorCode } from '../../shared/protocol/errors.ts'
import type { PlayerStatus } from '../player/types.ts'
import type { CamerasState } from './cameras.ts'

export interface Display {
  readonly state: PlayerStatus['state']
  /** Since when it is offline, ms since the Unix epoch. */
  readonly since: number | null
  /** Why it ended. */
  readonly code: ErrorCode | null
}

/**
 * What a camera's picture is said to be: by its player, which knows the picture, and by the feed, which knows the camera
 * before any picture and while the player is paused. A feed that was lost knows nothing of now.
 */
export function displayOf(player: PlayerStatus | undefined, status: CameraStatus | undefined, feed: CamerasState['feed']): Display {
  if (player?.state === 'ended') return { state: 'ended', since: null, code: player.error?.code ?? null }
  const watching = player && player.state !== 'connecting' && player.state !== 'waiting'
  if (watching) return { state: player.state, since: player.since, code: null }
  // No picture will come from a camera that the feed knows to be offline, whatever the player still waits for.
  if (feed === 'open' && status?.state === 'offline') return { state: 'offline', since: Date.parse(status.since), code: null }
  return { state: player?.state ?? 'connecting', since: null, code: null }
}

/** Why a camera that is not in the list any more went away. */
export const goneBecause = (camera: Camera, now: number): ErrorCode =>
  camera.expiresAt !== null && Date.parse(camera.expiresAt) <= now ? 'camera.expired' : 'camera.deleted'
