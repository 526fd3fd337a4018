import type { Role } from './session.ts'

/** What one does to a camera. */
export type CameraAct = 'watch' | 'feed' | 'manage'

/** How somebody stands to a camera. */
export interface Standing {
  readonly role: Role
  /** Made by them. */
  readonly own: boolean
  readonly granted: boolean
}

/** Whether who stands so to a camera may do this to it: the one rule of cameras. */
export function mayTo(act: CameraAct, { role, own, granted }: Standing): boolean {
  if (role === 'owner') return true
  if (!own && !granted) return false
  return role === 'operator' || (role === 'viewer' && act === 'watch')
}
