import type { Size } from '../ui/hooks.ts'

/** Width over height that a tile may have: phones are held upright and across, and a face stands in the middle of both. */
const MIN_ASPECT = 3 / 4
const MAX_ASPECT = 16 / 9
/** What the others leave to the spotlight, at least, of the longer side; the fewer they are the more. */
const SPOTLIGHT = { least: 0.6, most: 0.8, fewest: 4, many: 30 } as const

/** Where a tile stands, in whole CSS pixels from the wall's corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * A box for each of `count` cameras, all in sight whatever their number: as large as they can be, the last row in the middle.
 * @param spotlight the index of the one that is shown large, with the others beside or below it; -1 for none
 */
export function stageLayout(count: number, size: Size, gap: number, spotlight = -1): Box[] {
  if (count <= 0) return []
  const whole = { x: 0, y: 0, ...size }
  if (spotlight < 0 || spotlight >= count) return grid(count, whole, gap)
  if (count === 1) return [whole]
  const first = split(count - 1, size, gap, 0)
  // What the others leave empty beside themselves the spotlight takes too.
  const [large, rest] = split(count - 1, size, gap, slack(grid(count - 1, first[1], gap), first[1], size))
  const boxes = grid(count - 1, rest, gap)
  boxes.splice(spotlight, 0, large)
  return boxes
}

/** CSS pixels across the others' area that their boxes do not take. */
function slack(boxes: readonly Box[], area: Box, { width, height }: Size): number {
  const isWide = width >= height
  const from = Math.min(...boxes.map(({ x, y }) => (isWide ? x : y)))
  const to = Math.max(...boxes.map((box) => (isWide ? box.x + box.width : box.y + box.height)))
  return Math.max(0, (isWide ? area.width : area.height) - (to - from))
}

/**
 * The spotlight's area, and that of the others: beside it on a wide wall, below it on an upright one.
 * @param more CSS pixels for the spotlight besides
 */
function split(others: number, { width, height }: Size, gap: number, more: number): [Box, Box] {
  const { least, most, fewest, many } = SPOTLIGHT
  const crowd = Math.min(1, Math.max(0, (others - fewest) / (many - fewest)))
  const share = most - (most - least) * crowd
  if (width >= height) {
    const large = Math.round((width - gap) * share) + more
    return [
      { x: 0, y: 0, width: large, height },
      { x: large + gap, y: 0, width: width - gap - large, height },
    ]
  }
  const large = Math.round((height - gap) * share) + more
  return [
    { x: 0, y: 0, width, height: large },
    { x: 0, y: large + gap, width, height: height - gap - large },
  ]
}

function grid(count: number, { x, y, width, height }: Box, gap: number): Box[] {
  let best = { columns: 1, width: 0, height: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const tile = tileSize(columns, Math.ceil(count / columns), { width, height }, gap)
    if (tile.width * tile.height > best.width * best.height) best = { columns, ...tile }
  }
  const { columns } = best
  const rows = Math.ceil(count / columns)
  const down = (height - rows * best.height - (rows - 1) * gap) / 2
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns)
    const inRow = row === rows - 1 ? count - row * columns : columns
    const across = (width - inRow * best.width - (inRow - 1) * gap) / 2
    return {
      x: Math.round(x + across + (index % columns) * (best.width + gap)),
      y: Math.round(y + down + row * (best.height + gap)),
      width: best.width,
      height: best.height,
    }
  })
}

/** The largest tile of which so many fit, in whole pixels. */
function tileSize(columns: number, rows: number, size: Size, gap: number): Size {
  const width = (size.width - gap * (columns - 1)) / columns
  const height = (size.height - gap * (rows - 1)) / rows
  return {
    width: Math.max(0, Math.floor(Math.min(width, height * MAX_ASPECT))),
    height: Math.max(0, Math.floor(Math.min(height, width / MIN_ASPECT))),
  }
}

const TOWARDS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The box that an arrow key leads to from another: the nearest in that direction, straight ahead before aside; null when there is none. */
export function boxTowards(boxes: readonly Box[], from: number, key: string): number | null {
  const [start, direction] = [boxes[from], TOWARDS[key]]
  if (!start || !direction) return null
  const [dx, dy] = direction
  let best: { index: number; distance: number } | null = null
  boxes.forEach((box, index) => {
    const across = middle(box).x - middle(start).x
    const down = middle(box).y - middle(start).y
    const ahead = across * dx + down * dy
    const aside = Math.abs(across * dy) + Math.abs(down * dx)
    const distance = ahead + 2 * aside
    if (index !== from && ahead > 1 && (best === null || distance < best.distance)) best = { index, distance }
  })
  return (best as { index: number } | null)?.index ?? null
}

const middle = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 })
