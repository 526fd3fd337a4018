import type { FeedMessage } from '../../shared/contract/feed.ts'
import type { Camera, CameraStatus } from '../../shared/model/camera.ts'

/** What is known of the cameras. Every change makes a new one; parts that did not change keep their identity. */
export interface Fleet {
  /** Whether a snapshot came yet. */
  readonly loaded: boolean
  readonly cameras: Readonly<Record<string, Camera>>
  readonly status: Readonly<Record<string, CameraStatus>>
  /** Ids, oldest first. */
  readonly order: readonly string[]
  /** Cameras that went away while this page looked, as they last were. */
  readonly removed: Readonly<Record<string, Camera>>
  /** How often a camera appeared after the page was there: a player that ended begins again when this grows. */
  readonly appeared: Readonly<Record<string, number>>
}

export const emptyFleet: Fleet = { loaded: false, cameras: {}, status: {}, order: [], removed: {}, appeared: {} }

/** The fleet after one message of `/ws/events`. */
export function applyFeed(fleet: Fleet, message: Exclude<FeedMessage, { type: 'error' }>): Fleet {
  if (message.type === 'snapshot') return applySnapshot(fleet, message.cameras, message.status)
  // What was missed: the snapshot that follows says what is.
  if (message.type === 'gap') return fleet
  switch (message.kind) {
    case 'camera.created':
    case 'camera.changed':
      return withCamera(fleet, message.payload)
    case 'camera.removed':
      return withoutCamera(fleet, message.payload.id)
    case 'camera.status':
      // A status that overtook its camera would show a camera that is gone.
      return fleet.cameras[message.payload.id] ? { ...fleet, status: { ...fleet.status, [message.payload.id]: message.payload } } : fleet
  }
}

export function withCamera(fleet: Fleet, camera: Camera): Fleet {
  const known = fleet.cameras[camera.id]
  const cameras = { ...fleet.cameras, [camera.id]: camera }
  if (known) return { ...fleet, cameras }
  const { [camera.id]: _, ...removed } = fleet.removed
  const appeared = fleet.loaded ? { ...fleet.appeared, [camera.id]: (fleet.appeared[camera.id] ?? 0) + 1 } : fleet.appeared
  return { ...fleet, cameras, removed, appeared, order: inOrder(cameras) }
}

export function withoutCamera(fleet: Fleet, id: string): Fleet {
  const { [id]: camera, ...cameras } = fleet.cameras
  if (!camera) return fleet
  const { [id]: _, ...status } = fleet.status
  return { ...fleet, cameras, status, removed: { ...fleet.removed, [id]: camera }, order: fleet.order.filter((other) => other !== id) }
}

/** After a lost connection a snapshot also tells what came and went meanwhile. */
function applySnapshot(fleet: Fleet, list: readonly Camera[], statuses: readonly CameraStatus[]): Fleet {
  const present = new Set(list.map(({ id }) => id))
  let next = fleet
  for (const id of fleet.order) if (!present.has(id)) next = withoutCamera(next, id)
  for (const camera of list) next = withCamera(next, camera)
  return { ...next, loaded: true, status: Object.fromEntries(statuses.map((status) => [status.id, status])) }
}

const inOrder = (cameras: Readonly<Record<string, Camera>>): string[] =>
  Object.values(cameras)
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
