import type { Camera, CameraStatus } from '../../shared/model/camera.ts'
import type { ErrorCode } from '../../shared/protocol/errors.ts'
import type { PlayerStatus } from '../player/types.ts'

export interface Display {
  readonly state: PlayerStatus['state']
  /** Since when it is offline, ms since the Unix epoch. */
  readonly since: number | null
  /** Why it ended. */
  readonly code: ErrorCode | null
}

/**
 * What a camera's picture is said to be: by its player, which knows the picture, and by the feed, which knows the camera
 * before any picture and while the player is paused.
 */
export function displayOf(player: PlayerStatus | undefined, status: CameraStatus | undefined): Display {
  if (player?.state === 'ended') return { state: 'ended', since: null, code: player.error?.code ?? null }
  if (player && player.state !== 'connecting') return { state: player.state, since: player.since, code: null }
  if (status?.state === 'offline') return { state: 'offline', since: Date.parse(status.since), code: null }
  return { state: 'connecting', since: null, code: null }
}

/** Why a camera that is not in the list any more went away. */
export const goneBecause = (camera: Camera, now: number): ErrorCode =>
  camera.expiresAt !== null && Date.parse(camera.expiresAt) <= now ? 'camera.expired' : 'camera.deleted'
