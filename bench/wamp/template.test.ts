import { expect, it } from 'vitest'
import { serializerOf } from '../../shared/wamp/serializer.ts'
import { FORMATS, type FormatName } from './formats.ts'
import { MASK } from './line.ts'
import { Payload, Template } from './template.ts'

const NAMES = Object.keys(FORMATS) as FormatName[]

/** What a server reads of a frame of up to 125 bytes, or of more. */
function payloadOf(frame: Buffer): Buffer {
  const start = (frame[1] as number) === (0x80 | 126) ? 8 : 6
  return Buffer.from(frame.subarray(start).map((byte, i) => byte ^ (MASK[i & 3] as number)))
}

/** By Porthole's own serializers. */
function decoded(name: FormatName, payload: Buffer): unknown {
  return serializerOf(FORMATS[name].protocol)?.decode(name === 'json' ? payload.toString() : payload)
}

it.each(NAMES)('writes messages in %s that differ in id and number alone', (name) => {
  for (const bytes of [30, 1024]) {
    const format = FORMATS[name]
    const template = new Template(format, 48, [{}, 'a.procedure', new Payload(format, bytes).args])
    for (const id of [1, 9, 10, 35, 127, 128, 255, 256, 65_536, 4_000_000]) {
      const payload = payloadOf(template.of(id))
      const text = `#${String(id).padStart(10, '0')}`.padEnd(bytes, 'abcdefghijklmnop')
      expect(decoded(name, payload)).toMatchObject({ type: 48, request: id, procedure: 'a.procedure', args: [text] })
      expect(format.typeOf(payload, 0)).toBe(48)
      expect(format.readId(payload, format.idAt(payload, 0))).toBe(id)
    }
  }
})

it.each(NAMES)('finds the payload in %s, whatever stands behind it and before', (name) => {
  const format = FORMATS[name]
  const payload = new Payload(format, 30)
  for (const rest of [
    [{}, payload.args],
    [{}, payload.args, { key: 1 }],
    [{ progress: 1 }, payload.args],
  ]) {
    const { before, after } = format.around(50, rest)
    const id = format.encode(4_503_599_627_370_497)
    const message = Buffer.concat([Buffer.from('other'), before, id, after, format.end])
    const at = payload.find(message, 5, message.length)
    expect(message.subarray(at, at + payload.encoded.length)).toEqual(payload.encoded)
    expect(payload.tag(message, at)).toBe(0)
    const idAt = format.idAt(message, 5)
    expect(message.subarray(idAt, format.idEnd(message, idAt))).toEqual(id)
    expect(format.readId(message, idAt)).toBe(4_503_599_627_370_497)
  }
})

it('finds no payload where there is none', () => {
  const message = Buffer.from('[50,1,{},["#0000000001"]]')
  expect(new Payload(FORMATS.json, 30).find(message, 0, message.length)).toBe(-1)
})
