import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jpegInfo } from './jpeg.ts'

const segment = (marker: number, data: number[]) => [0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff, ...data]
const sof = (width: number, height: number, marker = 0xc0) =>
  segment(marker, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0])
const jpeg = (...parts: number[][]) => new Uint8Array([0xff, 0xd8, ...parts.flat(), 0xff, 0xd9])
const comment = segment(0xfe, [1, 2, 3])

test.each([
  ['baseline', jpeg(comment, sof(640, 480))],
  ['progressive', jpeg(sof(640, 480, 0xc2))],
  ['after a Huffman table and fill bytes', jpeg(segment(0xc4, [0]), [0xff, 0xff], sof(640, 480))],
  ['padded with zeros', new Uint8Array([...jpeg(sof(640, 480)), 0, 0, 0])],
])('reads the size of a picture that is %s', (_what, bytes) => {
  expect(jpegInfo(bytes)).toEqual({ ok: true, width: 640, height: 480 })
})

test.each([
  ['does not begin', new Uint8Array([0x89, 0x50, 0x4e, 0x47])],
  ['does not begin', new Uint8Array()],
  ['is cut short or broken', jpeg(comment).subarray(0, 6)],
  ['is cut short or broken', jpeg([1, 2, 3, 4])],
  ['has a segment without its length', jpeg([0xff, 0xfe, 0, 1], sof(1, 1))],
  ['has no frame header', jpeg(segment(0xda, [0]))],
  ['frame header is cut short', jpeg([0xff, 0xc0, 0, 3, 8])],
  ['sides must have', jpeg(sof(0, 480))],
  ['sides must have', jpeg(sof(20_000, 480))],
  ['no end of the image', jpeg(sof(640, 480)).subarray(0, -1)],
  ['too far', jpeg(...Array.from({ length: 8 }, () => segment(0xfe, Array(40_000).fill(0))), sof(1, 1))],
])('says of a broken one that it %s', (what, bytes) => {
  expect(jpegInfo(bytes)).toMatchObject({ ok: false, detail: expect.stringContaining(what) })
})

test('never throws, and never takes a cut picture for a whole one', () => {
  const whole = jpeg(comment, sof(640, 480), segment(0xda, [1]), [1, 2, 3])
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void jpegInfo(new Uint8Array([0xff, 0xd8, ...bytes]))))
  for (let length = 0; length < whole.length; length++) expect(jpegInfo(whole.subarray(0, length)).ok).toBe(false)
})
