/** Pixels of a picture's longer side at most, pictures a second, JPEG quality. */
const MAX_SIDE = 640
const MAX_FPS = 8
const QUALITY = 0.72

export interface EncodedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  /** As it was given to `encode`. */
  readonly time: number
}

/** JPEG pictures of captured frames, one at a time. */
export class PictureEncoder {
  readonly #onPicture: (picture: EncodedPicture) => void
  #canvas: OffscreenCanvas | undefined
  #busy = false
  #last = Number.NEGATIVE_INFINITY

  constructor(onPicture: (picture: EncodedPicture) => void) {
    this.#onPicture = onPicture
  }

  /** Takes one captured frame; it stays the caller's. */
  encode(frame: VideoFrame | ImageBitmap, time: number): void {
    if (this.#busy || time - this.#last < 1e6 / MAX_FPS - 20_000) return
    this.#last = time
    const sourceWidth = 'displayWidth' in frame ? frame.displayWidth : frame.width
    const sourceHeight = 'displayHeight' in frame ? frame.displayHeight : frame.height
    const shrink = Math.min(1, MAX_SIDE / Math.max(sourceWidth, sourceHeight))
    const width = Math.max(1, Math.round(sourceWidth * shrink))
    const height = Math.max(1, Math.round(sourceHeight * shrink))
    this.#canvas ??= new OffscreenCanvas(width, height)
    const canvas = this.#canvas
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    }
    canvas.getContext('2d', { alpha: false })?.drawImage(frame, 0, 0, width, height)
    this.#busy = true
    canvas
      .convertToBlob({ type: 'image/jpeg', quality: QUALITY })
      .then((blob) => blob.arrayBuffer())
      .then(
        (buffer) => this.#onPicture({ bytes: new Uint8Array(buffer), width, height, time }),
        () => {},
      )
      .finally(() => {
        this.#busy = false
      })
  }
}
