import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeMessage } from './encode.ts'
import { type Message, NAMES } from './messages.ts'
import { SERIALIZERS, type SerializerName } from './serializer.ts'

/** As fixtures/README.md says. */
interface Vector {
  readonly name: string
  readonly json: string
  readonly msgpack: string
  readonly cbor: string
}
const vectors = JSON.parse(readFileSync(new URL('fixtures/autobahn.json', import.meta.url), 'utf8')) as Vector[]

const FORMATS = Object.keys(SERIALIZERS) as SerializerName[]
const written = (vector: Vector, format: SerializerName) =>
  format === 'json' ? vector.json : new Uint8Array(Buffer.from(vector[format], 'hex'))
const read = (vector: Vector, format: SerializerName): Message => SERIALIZERS[format].decode(written(vector, format))
/** What is there, whether absent parts are undefined or left out. */
const tuple = (message: Message) =>
  JSON.stringify(encodeMessage(message), (_key, value) => (value instanceof Uint8Array ? [...value] : value))

it('there is every message of the protocol', () => {
  const names = new Set(vectors.map(({ name }) => name.split(',')[0]))
  expect([...names].sort()).toEqual(Object.values(NAMES).sort())
})

describe.each(vectors)('$name', (vector) => {
  it('is the message that its name says, in each format', () => {
    for (const format of FORMATS) expect(NAMES[read(vector, format).type]).toBe(vector.name.split(',')[0])
  })

  it('says the same in each format', () => {
    const [one, ...others] = FORMATS.map((format) => tuple(read(vector, format)))
    expect(others).toEqual(others.map(() => one))
  })

  it('is the tuple that was written', () => {
    // Bytes are text there, that this side reads as bytes.
    if (vector.name.endsWith('bytes')) return
    expect(encodeMessage(read(vector, 'json'))).toEqual(JSON.parse(vector.json))
  })

  it('comes back as it was written', () => {
    for (const format of FORMATS) {
      const message = read(vector, format)
      const again = SERIALIZERS[format].encode(message)
      // Neither is wordier: of floats, the shortest that is exact may be written.
      if (format !== 'json') expect(again.length).toBeLessThanOrEqual(written(vector, format).length)
      expect(SERIALIZERS[format].decode(again)).toEqual(message)
    }
  })
})
