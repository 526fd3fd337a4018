/** Milliseconds between two looks. */
const LOOK_MS = 500
/** Pixels of the small copies that are compared. */
const WIDTH = 24
const HEIGHT = 18
/** A smaller difference of a pixel's grey is the camera's noise. */
const NOISE = 12

/** How much of the picture changed, 0 to 1. Both are RGBA of the same size. */
export function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let changed = 0
  for (let i = 0; i < a.length; i += 4) if (Math.abs(grey(a, i) - grey(b, i)) > NOISE) changed++
  return a.length === 0 ? 0 : changed / (a.length / 4)
}

/** Luma of ITU-R BT.601, in whole numbers. */
const grey = (pixels: Uint8ClampedArray, at: number): number =>
  ((pixels[at] as number) * 77 + (pixels[at + 1] as number) * 150 + (pixels[at + 2] as number) * 29) >> 8

/** Compares small copies of the pictures that are drawn, twice a second. */
export class Motion {
  readonly #context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  }) as OffscreenCanvasRenderingContext2D
  #last: Uint8ClampedArray | undefined
  #at = Number.NEGATIVE_INFINITY
  /** How much of the picture changed between the last two looks; null before there were two. */
  value: number | null = null

  /** @param now monotonic milliseconds */
  look(image: CanvasImageSource, now: number): void {
    if (now - this.#at < LOOK_MS) return
    this.#at = now
    this.#context.drawImage(image, 0, 0, WIDTH, HEIGHT)
    const { data } = this.#context.getImageData(0, 0, WIDTH, HEIGHT)
    this.value = this.#last ? difference(this.#last, data) : null
    this.#last = data
  }
}
