import type { Motion } from './motion.ts'

/** Something drawable with the capture time it shows. */
export interface Picture {
  readonly image: VideoFrame | ImageBitmap
  /** µs on the server's clock. */
  readonly time: number
  /** A newer one arrived with it: drawn at once it would be covered at once. */
  readonly overtaken?: boolean
}

/** Pictures that may wait for the sound: a decoder has few to lend. */
export const MAX_WAITING = 12

/** Draws to one canvas: at once, or in step with the sound. The newest picture wins; what it overtakes is thrown away. */
export class Renderer {
  readonly #canvas: OffscreenCanvas | HTMLCanvasElement
  readonly #context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D
  readonly #onDraw: (picture: Picture) => void
  readonly #now: () => number
  #waiting: Picture[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  /** ms after capture; 0 draws at once. */
  delay = 0
  hidden = false
  /** Looks at what is drawn, while somebody wants to know how much of it moves. */
  motion: Motion | undefined

  constructor(canvas: OffscreenCanvas | HTMLCanvasElement, now: () => number, onDraw: (picture: Picture) => void) {
    this.#canvas = canvas
    this.#now = now
    this.#onDraw = onDraw
    this.#context = canvas.getContext('2d', { alpha: false, desynchronized: true }) as OffscreenCanvasRenderingContext2D
  }

  show(picture: Picture): void {
    if (this.delay <= 0) return picture.overtaken ? picture.image.close() : this.#draw(picture)
    this.#waiting.push(picture)
    // Sound that is later than all of them can wait leaves them behind: a picture before its sound, not none.
    if (this.#waiting.length > MAX_WAITING) this.#draw(this.#waiting.shift() as Picture)
    this.#arm()
  }

  /** The picture that is shown, as JPEG; null before the first. */
  async snapshot(): Promise<Blob | null> {
    const canvas = this.#canvas
    if (canvas.width === 0) return null
    if ('convertToBlob' in canvas) return await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { image } of this.#waiting) image.close()
    this.#waiting = []
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = this.#waiting[0]
    if (!next) return
    const due = (next.time - this.#now()) / 1000 + this.delay
    this.#timer = setTimeout(
      () => {
        const now = this.#now()
        let shown: Picture | undefined
        while (this.#waiting[0] && this.#waiting[0].time + this.delay * 1000 <= now + 2000) {
          shown?.image.close()
          shown = this.#waiting.shift()
        }
        if (shown) this.#draw(shown)
        this.#arm()
      },
      Math.max(0, due),
    )
  }

  #draw(picture: Picture): void {
    const { image } = picture
    const width = 'displayWidth' in image ? image.displayWidth : image.width
    const height = 'displayHeight' in image ? image.displayHeight : image.height
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
    }
    if (!this.hidden) this.#context.drawImage(image, 0, 0, width, height)
    this.motion?.look(image, performance.now())
    image.close()
    this.#onDraw(picture)
  }
}
