import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'

/** Milliseconds that a preview is handed out for: a message in a busy group is fetched by many at once. */
export const FRESH_MS = 5000
/** Cameras whose preview is kept. */
const MAX_KEPT = 64

export interface Preview {
  readonly jpeg: Buffer
  /** Capture time, µs since the Unix epoch. */
  readonly time: number
}

export interface PreviewsOptions {
  readonly clock: Clock
  /** The camera's picture of now. @throws PortholeError camera.offline, camera.unknown */
  readonly snapshot: (camera: string) => Promise<{ readonly payload: Uint8Array; readonly time: number }>
  /** The picture in the size that social networks take, or undefined when none can be made. */
  readonly resize: (jpeg: Uint8Array) => Promise<Buffer | undefined>
}

/** Recent pictures of cameras for link previews: at most one in some seconds is made of a camera, however many ask. */
export class Previews {
  readonly #options: PreviewsOptions
  readonly #kept = new Map<string, { readonly at: number; readonly preview: Promise<Preview> }>()

  constructor(options: PreviewsOptions) {
    this.#options = options
  }

  /** @throws PortholeError camera.offline when there never was a picture */
  of(camera: string): Promise<Preview> {
    const now = this.#options.clock.monotonic()
    const kept = this.#kept.get(camera)
    if (kept && now - kept.at < FRESH_MS) return kept.preview
    for (const [id, { at }] of this.#kept) if (now - at >= FRESH_MS) this.#kept.delete(id)
    if (this.#kept.size >= MAX_KEPT) return Promise.reject(new PortholeError('server.limit'))
    const preview = this.#make(camera)
    // What failed is kept too: a camera that is off is not asked for each who looks.
    preview.catch(() => {})
    this.#kept.set(camera, { at: now, preview })
    return preview
  }

  async #make(camera: string): Promise<Preview> {
    const { payload, time } = await this.#options.snapshot(camera)
    return { jpeg: (await this.#options.resize(payload)) ?? Buffer.from(payload), time }
  }
}
