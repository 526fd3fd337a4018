import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capFrames, FrameWalker } from './frames.ts'

/** A frame of zeros (RFC 6455 §5.2). */
function frame(bytes: number, mask: boolean): Buffer {
  const masked = mask ? 0x80 : 0
  const length = Buffer.alloc(bytes > 65_535 ? 9 : bytes > 125 ? 3 : 1)
  length[0] = masked | (bytes > 65_535 ? 127 : bytes > 125 ? 126 : bytes)
  if (bytes > 65_535) length.writeBigUInt64BE(BigInt(bytes), 1)
  else if (bytes > 125) length.writeUInt16BE(bytes, 1)
  return Buffer.concat([Buffer.of(0x82), length, Buffer.alloc(mask ? 4 : 0, 0xff), Buffer.alloc(bytes)])
}

describe('a frame walker', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('tells the length of a frame of %i bytes at the end of its header', (bytes) => {
    for (const mask of [true, false]) {
      const wire = frame(bytes, mask)
      const header = wire.length - bytes
      for (let cut = 0; cut <= header; cut++) {
        const walker = new FrameWalker()
        const first = walker.push(wire.subarray(0, cut))
        expect(first).toBe(cut === header ? bytes : -1)
        const second = walker.push(wire.subarray(cut))
        expect(Math.max(first, second)).toBe(bytes)
        // The next one begins where it ends.
        expect(walker.push(frame(7, true))).toBe(7)
      }
    }
  })

  it('finds every frame, however the bytes are cut', () => {
    const lengths = fc.array(fc.nat(300), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lengths, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (frames, cuts) => {
        const wire = Buffer.concat(frames.map((bytes, i) => frame(bytes, i % 2 === 0)))
        const walker = new FrameWalker()
        const found: number[] = []
        for (let at = 0, i = 0; at < wire.length; i++) {
          const chunk = wire.subarray(at, at + (cuts[i % cuts.length] as number))
          found.push(walker.push(chunk))
          at += chunk.length
        }
        expect(Math.max(...found)).toBe(Math.max(...frames))
      }),
    )
  })

  it('holds lengths that no machine has', () => {
    expect(new FrameWalker().push(Buffer.from('827fffffffffffffffff', 'hex'))).toBeGreaterThan(2 ** 60)
  })
})

it('is listened to once, before whoever reads on', async () => {
  const stream = new PassThrough()
  const seen: string[] = []
  stream.on('data', () => seen.push('data'))
  capFrames(stream, 10, () => seen.push('exceeded'))
  stream.write(frame(10, true))
  stream.write(frame(11, true))
  stream.write(frame(12, true))
  await expect.poll(() => seen).toEqual(['data', 'exceeded', 'data', 'data'])
})
