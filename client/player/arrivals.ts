import type { FrameHeader } from '../../shared/protocol/frame.ts'
import type { Picture } from './renderer.ts'

interface Arrival {
  readonly header: FrameHeader
  settled: boolean
  picture: Picture | undefined
}

/**
 * Frames between arrival and decode. They are settled in any order (a skipped one at once, a decoded one later) and
 * handed on in the order of arrival, because an acknowledgement speaks for all frames before it.
 */
export class Arrivals {
  readonly #onDone: (header: FrameHeader, picture: Picture | undefined) => void
  #waiting: Arrival[] = []

  constructor(onDone: (header: FrameHeader, picture: Picture | undefined) => void) {
    this.#onDone = onDone
  }

  add(header: FrameHeader): void {
    this.#waiting.push({ header, settled: false, picture: undefined })
  }

  /** The frame was decoded to a picture, or was skipped, or shows nothing (sound). A second time means nothing. */
  settle(header: FrameHeader, picture?: Picture): void {
    const arrival = this.#waiting.find((waiting) => waiting.header === header)
    if (!arrival || arrival.settled) {
      picture?.image.close()
      return
    }
    arrival.settled = true
    arrival.picture = picture
    while (this.#waiting[0]?.settled) {
      const { header: next, picture: shown } = this.#waiting.shift() as Arrival
      this.#onDone(next, shown)
    }
  }

  /** Everything that waits is settled as skipped. */
  clear(): void {
    for (const { header } of [...this.#waiting]) this.settle(header)
  }
}
