/**
 * A time burned into pixels: CELLS black or white squares in the picture's upper left corner, the time in eighths of
 * a millisecond modulo 2^(CELLS-2) (almost nine minutes), with a check of two bits. Big squares survive any encoder.
 */
const COLUMNS = 6
const ROWS = 4
const CELL = 24
const CELLS = COLUMNS * ROWS
const TIME_BITS = CELLS - 2
const PERIOD = 2 ** TIME_BITS
/** Milliseconds that the code's lowest bit means. */
const UNIT_MS = 1 / 8
/** Milliseconds; what claims to be older is no code. */
const MAX_AGE_MS = 60_000

/** Pixels of the picture that the code is drawn into. */
export const PICTURE_WIDTH = 640
export const PICTURE_HEIGHT = 360

export const CODE_WIDTH = COLUMNS * CELL
export const CODE_HEIGHT = ROWS * CELL

/** Milliseconds of the machine's clock, the same in every page of it. */
export const clockMs = (): number => performance.timeOrigin + performance.now()

const check = (bits: number) => {
  let sum = 0
  for (let i = 0; i < TIME_BITS; i += 2) sum = (sum + ((bits >>> i) & 3) + 1) & 3
  return sum
}

export function drawCode(context: CanvasRenderingContext2D, ms: number): void {
  const bits = Math.floor(ms / UNIT_MS) % PERIOD
  const value = bits * 4 + check(bits)
  for (let i = 0; i < CELLS; i++) {
    context.fillStyle = Math.floor(value / 2 ** i) % 2 === 1 ? '#fff' : '#000'
    context.fillRect((i % COLUMNS) * CELL, Math.floor(i / COLUMNS) * CELL, CELL, CELL)
  }
}

/** Age in ms of the picture that shows the code, or undefined when no code can be read. */
export function readAge(pixels: ImageData, scale: number, now: number): { code: number; age: number } | undefined {
  let value = 0
  for (let i = 0; i < CELLS; i++) {
    const x = Math.round(((i % COLUMNS) + 0.5) * CELL * scale)
    const y = Math.round((Math.floor(i / COLUMNS) + 0.5) * CELL * scale)
    const luma = pixels.data[(y * pixels.width + x) * 4 + 1] ?? 0
    if (luma > 96 && luma < 160) return undefined
    if (luma >= 160) value += 2 ** i
  }
  const bits = Math.floor(value / 4)
  if (value % 4 !== check(bits)) return undefined
  const age = ((((Math.floor(now / UNIT_MS) - bits) % PERIOD) + PERIOD) % PERIOD) * UNIT_MS
  return age < MAX_AGE_MS ? { code: bits, age } : undefined
}

/**
 * Reads the code off anything that can be drawn, over and over; each code is told once.
 * @returns undefined when there is no code, or the same as before
 */
export function codeReader(width = PICTURE_WIDTH) {
  const canvas = new OffscreenCanvas(CODE_WIDTH, CODE_HEIGHT)
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false }) as OffscreenCanvasRenderingContext2D
  let last = -1
  /** @param draw puts the picture's upper left corner on the canvas @param pictureWidth its width now @param now when it was seen */
  return (draw: (context: OffscreenCanvasRenderingContext2D) => void, pictureWidth: number, now: number) => {
    const scale = pictureWidth / width
    canvas.width = Math.ceil(CODE_WIDTH * scale)
    canvas.height = Math.ceil(CODE_HEIGHT * scale)
    draw(context)
    const seen = readAge(context.getImageData(0, 0, canvas.width, canvas.height), scale, now)
    if (!seen || seen.code === last) return undefined
    last = seen.code
    return seen
  }
}
