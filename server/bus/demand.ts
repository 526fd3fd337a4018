import type { Rendition } from '../../shared/protocol/frame.ts'
import { MAX_LAYER } from '../../shared/protocol/limits.ts'
import type { Demand } from '../../shared/protocol/messages.ts'

export const NO_DEMAND: Demand = { type: 'demand', full: null, thumb: null, picture: false, audio: false }

/** What one reader of a picture track needs. */
export const demandFor = (track: Rendition): Demand => ({ ...NO_DEMAND, [track]: track === 'picture' ? true : MAX_LAYER })

/** How many need what: kept with each change, because thousands of subscriptions are too many to look through for one. */
export class DemandCount {
  readonly #full: number[] = Array(MAX_LAYER + 1).fill(0)
  readonly #thumb: number[] = Array(MAX_LAYER + 1).fill(0)
  #picture = 0
  #audio = 0

  add(demand: Demand): void {
    this.#count(demand, 1)
  }

  remove(demand: Demand): void {
    this.#count(demand, -1)
  }

  /** What all together need. */
  get sum(): Demand {
    const highest = (counts: number[]) => {
      const layer = counts.findLastIndex((count) => count > 0)
      return layer < 0 ? null : layer
    }
    return {
      type: 'demand',
      full: highest(this.#full),
      thumb: highest(this.#thumb),
      picture: this.#picture > 0,
      audio: this.#audio > 0,
    }
  }

  #count({ full, thumb, picture, audio }: Demand, by: 1 | -1): void {
    if (full !== null) (this.#full[full] as number) += by
    if (thumb !== null) (this.#thumb[thumb] as number) += by
    if (picture) this.#picture += by
    if (audio) this.#audio += by
  }
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
