import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Framed, Frames, handshake, head, MAX_PING_BYTES, MESSAGE, PING, PONG, parseHandshake, refusal } from './rawsocket.ts'

const SEED = Number(process.env.PORTHOLE_SEED ?? 20_261_128)

describe('the handshake', () => {
  test.each([
    [[0x7f, 0xf1, 0, 0], { serializer: 'json', maxBytes: 2 ** 24 }],
    [[0x7f, 0x02, 0, 0], { serializer: 'msgpack', maxBytes: 512 }],
    [[0x7f, 0x53, 0, 0], { serializer: 'cbor', maxBytes: 2 ** 14 }],
    [[0x7f, 0xf4, 0, 0], { refusal: 'serializer' }],
    [[0x7f, 0xf1, 1, 0], { refusal: 'reserved' }],
    [[0x7f, 0xf1, 0, 1], { refusal: 'reserved' }],
    [[0x16, 0xf1, 0, 0], { refusal: 'magic' }],
    [[], { refusal: 'magic' }],
    // A router that refuses.
    [[0x7f, 0x10, 0, 0], { refusal: 'serializer' }],
    [[0x7f, 0x20, 0, 0], { refusal: 'length' }],
    [[0x7f, 0x30, 0, 0], { refusal: 'reserved' }],
    [[0x7f, 0x40, 0, 0], { refusal: 'connections' }],
    [[0x7f, 0x90, 0, 0], { refusal: 'serializer' }],
  ])('%j', (bytes, expected) => {
    expect(parseHandshake(Uint8Array.from(bytes))).toEqual(expected)
  })

  test('each is read as it was written; of what is no power of two the one below', () => {
    for (const serializer of ['json', 'msgpack', 'cbor'] as const)
      for (let power = 9; power <= 24; power++) {
        expect(parseHandshake(handshake(serializer, 2 ** power))).toEqual({ serializer, maxBytes: 2 ** power })
        expect(parseHandshake(handshake(serializer, 2 ** power + 1))).toEqual({ serializer, maxBytes: 2 ** power })
      }
    expect(parseHandshake(handshake('json', 1))).toMatchObject({ maxBytes: 512 })
    expect(parseHandshake(handshake('json', 2 ** 30))).toMatchObject({ maxBytes: 2 ** 24 })
    expect(parseHandshake(refusal('length'))).toEqual({ refusal: 'length' })
  })
})

const framed = (type: number, payload: Uint8Array) => Buffer.concat([head(type, payload.length), payload])
const readIn = (frames: Frames, ...chunks: Uint8Array[]): Framed[] => chunks.flatMap((chunk) => [...frames.push(Buffer.from(chunk))])

describe('frames', () => {
  test('come as they were sent, however they are cut', () => {
    const frame = fc.tuple(fc.constantFrom(MESSAGE, PING, PONG), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), fc.array(fc.nat({ max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([type, payload]) => framed(type, payload)))
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = (cuts[i % cuts.length] as number) + 1
          chunks.push(bytes.subarray(at, at + length))
          at += length
        }
        const heard = readIn(new Frames(512), ...chunks)
        expect(heard).toEqual(sent.map(([type, payload]) => ({ type, payload: Buffer.from(payload) })))
      }),
      { seed: SEED },
    )
  })

  test.each([
    ['a message over the handshake’s', head(MESSAGE, 513), /513 bytes, over the 512/],
    ['the largest there is', head(MESSAGE, 2 ** 24), /16777216 bytes/],
    ['a ping that is too long', head(PING, MAX_PING_BYTES + 1), /bytes/],
    ['a type that is none', Buffer.of(3, 0, 0, 0), /type 3/],
    ['reserved bits', Buffer.of(0x10, 0, 0, 0), /reserved/],
  ])('%s is an error, and nothing more comes', (_, bytes, detail) => {
    const frames = new Frames(512)
    expect(readIn(frames, framed(PING, Buffer.of(1)), bytes)).toEqual([
      { type: PING, payload: Buffer.of(1) },
      { type: 'error', detail: expect.stringMatching(detail) },
    ])
    expect(readIn(frames, framed(MESSAGE, Buffer.of(1)))).toEqual([])
  })

  test('garbage ends in an error, or waits for more', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        const heard = readIn(new Frames(512), ...chunks)
        expect(heard.slice(0, -1).every(({ type }) => type !== 'error')).toBe(true)
        expect(heard.length).toBeLessThanOrEqual(chunks.reduce((all, { length }) => all + length, 0) / 4)
      }),
      { seed: SEED },
    )
  })

  test('16 MiB have a head of their own', () => {
    expect([...head(MESSAGE, 2 ** 24 - 1)]).toEqual([0, 255, 255, 255])
    expect([...head(PONG, 2 ** 24)]).toEqual([0x0a, 0, 0, 0])
    const frames = new Frames(2 ** 24)
    const [message] = readIn(frames, head(MESSAGE, 2 ** 24), Buffer.alloc(2 ** 24))
    expect(message).toMatchObject({ type: MESSAGE, payload: { length: 2 ** 24 } })
  })
})
