/** Milliseconds that a camera keeps the spotlight at least, and that another must move more before it gets it. */
const STAY_MS = 6000
const LEAD_MS = 1500
/** How much more than the one in the spotlight, and how much at all (share of the picture), another must move. */
const LEAD = 1.6
const LEAST = 0.04
/** Share of the newest measurement in the mean. */
const NEWEST = 0.35

/** What is remembered from one look to the next. */
export interface Automatic {
  /** How much each camera moved lately. */
  readonly means: Readonly<Record<string, number>>
  readonly spotlight: string | null
  /** When it got there, and since when another one leads, ms. */
  readonly since: number
  readonly leader: { readonly camera: string; readonly since: number } | null
}

export const NOBODY: Automatic = { means: {}, spotlight: null, since: Number.NEGATIVE_INFINITY, leader: null }

/**
 * Who gets the spotlight: who moves. A wave of the hand is enough, a moment is not, and nobody gets it back and forth.
 * @param motions how much of each picture moves now, 0 to 1; null while unknown
 * @param now milliseconds
 */
export function followMotion(before: Automatic, motions: Readonly<Record<string, number | null>>, now: number): Automatic {
  const cameras = Object.keys(motions)
  const means = Object.fromEntries(cameras.map((camera) => [camera, mean(before.means[camera] ?? 0, motions[camera] ?? 0)]))
  const current = before.spotlight !== null && before.spotlight in means ? before.spotlight : null
  const held = { ...before, means, spotlight: current }
  const [best] = cameras.sort((a, b) => (means[b] as number) - (means[a] as number))
  const needed = Math.max(LEAST, (current === null ? 0 : (means[current] as number)) * LEAD)
  if (best === undefined || best === current || (means[best] as number) < needed) return { ...held, leader: null }
  const leader = before.leader?.camera === best ? before.leader : { camera: best, since: now }
  const isDue = current === null || (now - before.since >= STAY_MS && now - leader.since >= LEAD_MS)
  return isDue ? { means, spotlight: best, since: now, leader: null } : { ...held, leader }
}

const mean = (before: number, newest: number): number => before + (newest - before) * NEWEST
