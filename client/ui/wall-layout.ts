import type { Size } from './hooks.ts'

/** Pictures are laid out as 16:9; others are shown whole inside it. */
const ASPECT = 16 / 9
/** A tile narrower than this, in pixels, shows too little: the wall scrolls instead. */
const MIN_TILE = { phone: 160, desk: 220 } as const
/** Below this width, in pixels, it is a phone's wall. */
const PHONE_WIDTH = 600
/** More columns are taken though the tiles get this much narrower: a wide window looks better filled. */
const TOLERANCE = 0.97

export interface WallLayout {
  readonly columns: number
  /** Width of one tile in CSS pixels. */
  readonly tile: number
}

/** The columns with which `count` tiles are largest while all fit; when they get too small, as many as are wide enough. */
export function wallLayout(count: number, { width, height }: Size, gap: number): WallLayout {
  let best: WallLayout = { columns: 1, tile: 0 }
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns)
    const across = (width - gap * (columns - 1)) / columns
    const down = ((height - gap * (rows - 1)) / rows) * ASPECT
    const tile = Math.floor(Math.min(across, down))
    if (tile >= best.tile * TOLERANCE) best = { columns, tile }
  }
  const least = Math.min(width, width < PHONE_WIDTH ? MIN_TILE.phone : MIN_TILE.desk)
  if (best.tile >= least) return best
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)))
  return { columns, tile: Math.floor((width - gap * (columns - 1)) / columns) }
}

/** The tile that an arrow key leads to, or null when it leads out. */
export function neighbour(key: string, index: number, count: number, columns: number): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key]
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  if (step === undefined) return null
  const next = index + step
  return next >= 0 && next < count ? next : null
}
