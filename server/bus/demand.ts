import type { Rendition } from '../../shared/protocol/frame.ts'
import { MAX_LAYER } from '../../shared/protocol/limits.ts'
import type { Demand } from '../../shared/protocol/messages.ts'
import type { Subscription } from './subscription.ts'

export const NO_DEMAND: Demand = { type: 'demand', full: null, thumb: null, picture: false, audio: false }

/** What one reader of a picture track needs. */
export const demandFor = (track: Rendition): Demand => ({ ...NO_DEMAND, [track]: track === 'picture' ? true : MAX_LAYER })

/** What all subscriptions of a camera need together. */
export function demandOf(subscriptions: Iterable<Subscription>): Demand {
  let full: number | null = null
  let thumb: number | null = null
  let picture = false
  let audio = false
  for (const subscription of subscriptions) {
    if (subscription.needs('full')) full = Math.max(full ?? 0, subscription.layer)
    if (subscription.needs('thumb')) thumb = Math.max(thumb ?? 0, subscription.layer)
    picture ||= subscription.needs('picture')
    audio ||= subscription.needs('audio')
  }
  return { type: 'demand', full, thumb, picture, audio }
}

const higher = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b))

/** Both together. */
export const union = (a: Demand, b: Demand): Demand => ({
  type: 'demand',
  full: higher(a.full, b.full),
  thumb: higher(a.thumb, b.thumb),
  picture: a.picture || b.picture,
  audio: a.audio || b.audio,
})

export const sameDemand = (a: Demand, b: Demand): boolean =>
  a.full === b.full && a.thumb === b.thumb && a.picture === b.picture && a.audio === b.audio
