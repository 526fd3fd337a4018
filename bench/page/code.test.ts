import { describe, expect, it } from 'vitest'
import { CODE_HEIGHT, CODE_WIDTH, drawCode, readAge } from './code.ts'

/** A canvas that knows what drawCode needs: filled rectangles, black or white. */
class Paper {
  fillStyle = ''
  readonly data = new Uint8ClampedArray(CODE_WIDTH * CODE_HEIGHT * 4)
  readonly width = CODE_WIDTH
  readonly height = CODE_HEIGHT

  fillRect(x: number, y: number, width: number, height: number): void {
    this.fill(x, y, width, height, this.fillStyle === '#fff' ? 235 : 16)
  }

  fill(x: number, y: number, width: number, height: number, luma: number): void {
    for (let row = y; row < y + height; row++) this.data.fill(luma, (row * this.width + x) * 4, (row * this.width + x + width) * 4)
  }

  /** Every second pixel of every second row, as a picture of half the size. */
  half(): ImageData {
    const [width, height] = [this.width / 2, this.height / 2]
    const data = new Uint8ClampedArray(width * height * 4)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        data.set(this.data.subarray((y * 2 * this.width + x * 2) * 4, (y * 2 * this.width + x * 2) * 4 + 4), (y * width + x) * 4)
    return { data, width, height } as ImageData
  }
}

const draw = (ms: number) => {
  const paper = new Paper()
  drawCode(paper as unknown as CanvasRenderingContext2D, ms)
  return paper
}
const asImage = (paper: Paper) => paper as unknown as ImageData

const NOW = 1_795_000_000_123.4

describe('the code in the pixels', () => {
  it('says how old the picture is', () => {
    for (const age of [0, 1, 33, 999, 59_999]) {
      expect(readAge(asImage(draw(NOW - age)), 1, NOW)?.age).toBeCloseTo(age, 0)
    }
  })

  it('tells pictures a millisecond apart from each other', () => {
    const codes = Array.from({ length: 40 }, (_, i) => readAge(asImage(draw(NOW + i)), 1, NOW + 100)?.code)
    expect(new Set(codes).size).toBe(40)
  })

  it('goes on where its counter begins anew', () => {
    const period = 2 ** 22 / 8
    const turn = Math.ceil(NOW / period) * period
    expect(readAge(asImage(draw(turn - 5)), 1, turn + 10)?.age).toBe(15)
  })

  it('is read off a picture that was made smaller', () => {
    expect(readAge(draw(NOW - 70).half(), 0.5, NOW)?.age).toBe(70)
  })

  it('is refused when a cell is grey', () => {
    const paper = draw(NOW)
    paper.fill(24, 24, 24, 24, 128)
    expect(readAge(asImage(paper), 1, NOW)).toBeUndefined()
  })

  it('is refused when any one cell is wrong', () => {
    for (let cell = 0; cell < 24; cell++) {
      const paper = draw(NOW - 40)
      const [x, y] = [(cell % 6) * 24, Math.floor(cell / 6) * 24]
      const luma = paper.data[(y * CODE_WIDTH + x) * 4] as number
      paper.fill(x, y, 24, 24, luma > 128 ? 16 : 235)
      expect(readAge(asImage(paper), 1, NOW), `cell ${cell}`).toBeUndefined()
    }
  })

  it('is refused when it comes from long ago, or from the future', () => {
    expect(readAge(asImage(draw(NOW - 60_000)), 1, NOW)).toBeUndefined()
    expect(readAge(asImage(draw(NOW + 2)), 1, NOW)).toBeUndefined()
  })
})
