import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { micros, microsSpan } from '../units/time.ts'
import { ACK_BYTES, decodeAck, encodeAck } from './ack.ts'
import { decodeHeader, encodeFrame, encodeHeader, type FrameHeader, HEADER_BYTES, KINDS, RENDITIONS } from './frame.ts'
import { MAX_FRAME_BYTES, MAX_LAYER } from './limits.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const header: fc.Arbitrary<FrameHeader> = fc.record({
  kind: fc.constantFrom(...KINDS),
  key: fc.boolean(),
  layer: fc.integer({ min: 0, max: MAX_LAYER }),
  rendition: fc.constantFrom(...RENDITIONS),
  epoch: u32,
  sequence: u32,
  duration: u32.map(microsSpan),
  time: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(micros),
  delay: u32.map(microsSpan),
})

describe('frame header', () => {
  test('comes back as it was written, whatever the payload', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 64 }), (value, payload) => {
        const bytes = encodeFrame(value, payload)
        expect(decodeHeader(bytes)).toEqual({ ok: true, value })
        expect(bytes.subarray(HEADER_BYTES)).toEqual(payload)
      }),
    )
  })

  test('of any bytes is a header or a typed error, and a header that is read writes the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeHeader(bytes)
        if (!decoded.ok) {
          expect(decoded.code).toMatch(/^frame\./)
          return
        }
        const again = bytes.slice()
        encodeHeader(decoded.value, again)
        expect(again).toEqual(bytes)
      }),
      { numRuns: 5000 },
    )
  })

  test('is read at any offset of a larger buffer', () => {
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 9 }), (value, offset) => {
        const buffer = new Uint8Array(offset + HEADER_BYTES + 3)
        const part = buffer.subarray(offset, offset + HEADER_BYTES)
        encodeHeader(value, part)
        expect(decodeHeader(part)).toEqual({ ok: true, value })
      }),
    )
  })

  test('is refused a byte too short, and a message a byte too long', () => {
    const whole = encodeFrame(fc.sample(header, 1)[0] as FrameHeader, new Uint8Array())
    for (let length = 0; length < HEADER_BYTES; length++)
      expect(decodeHeader(whole.subarray(0, length))).toMatchObject({ code: 'frame.truncated' })
    expect(decodeHeader(new Uint8Array(MAX_FRAME_BYTES + 1))).toMatchObject({ code: 'request.too-large' })
  })

  test('with a number outside its field is a mistake of the writer', () => {
    const good = fc.sample(header, 1)[0] as FrameHeader
    const target = new Uint8Array(HEADER_BYTES)
    for (const bad of [
      { layer: 4 },
      { epoch: -1 },
      { sequence: 2 ** 32 },
      { duration: microsSpan(0.5) },
      { time: micros(-1) },
      { time: micros(2 ** 53) },
      { delay: microsSpan(2 ** 32) },
    ])
      expect(() => encodeHeader({ ...good, ...bad }, target)).toThrow(RangeError)
  })
})

describe('acknowledgement', () => {
  test('comes back as it was written, saturated', () => {
    fc.assert(
      fc.property(
        u32,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 2 ** 34 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (sequence, heldTenths, age, skipped, lateTenths) => {
          expect(decodeAck(encodeAck({ sequence, held: heldTenths / 10, age, skipped, late: lateTenths / 10 }))).toEqual({
            ok: true,
            value: {
              sequence,
              held: Math.min(heldTenths, 0xffff) / 10,
              age: Math.min(age, 0xffff_ffff),
              skipped: Math.min(skipped, 0xffff),
              late: Math.min(lateTenths, 0xffff) / 10,
            },
          })
        },
      ),
    )
  })

  test('of any bytes is an acknowledgement of 16 bytes or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const decoded = decodeAck(bytes)
        if (decoded.ok) expect(bytes.byteLength).toBe(ACK_BYTES)
        else expect(decoded.code).toMatch(/^frame\./)
      }),
      { numRuns: 5000 },
    )
  })
})
