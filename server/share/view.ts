import type { Camera } from '../../shared/model/camera.ts'
import { PortholeError } from '../base/errors.ts'
import type { ShareEntry } from './shares.ts'

/** What anybody with the link may know before they watch; of one with a passcode that it has one. */
export interface ShareView {
  readonly share: ShareEntry
  /** The first camera that there still is. */
  readonly camera: Camera
  readonly title: string
}

/**
 * A share as it may be shown to everybody.
 * @throws PortholeError share.passcode when only who says the passcode may see anything; camera.deleted
 */
export function openView(share: ShareEntry, find: (camera: string) => Camera | undefined, wanted?: string): ShareView {
  if (share.passcode !== null) throw new PortholeError('share.passcode')
  if (wanted !== undefined && !share.cameras.includes(wanted)) throw new PortholeError('camera.unknown')
  const camera = wanted === undefined ? share.cameras.map(find).find((found) => found !== undefined) : find(wanted)
  if (!camera) throw new PortholeError('camera.deleted')
  return { share, camera, title: share.label || camera.name }
}
