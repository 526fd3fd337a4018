import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, test } from 'vitest'
import { FeedMessage } from '../contract/feed.ts'
import { procedures } from '../contract/index.ts'
import { fault, type Schema } from './check.ts'
import { FromFrame, ToFrame } from './embed.ts'
import { FromPublisher, FromViewer, FromVisitor, ToPublisher, ToViewer } from './messages.ts'
import { parseMessage } from './parse.ts'
import { FromPhone, ToPhone, ToProjector } from './stage.ts'

/** Values near a schema: what fits, and what fails by one field. */
function near(schema: Schema): fc.Arbitrary<unknown> {
  const wild = fc.oneof(
    fc.anything(),
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 32, 2 ** 53, '', 'full', 'x'.repeat(100), [], {}),
  )
  const odd = (likely: fc.Arbitrary<unknown>) => fc.oneof({ weight: 24, arbitrary: likely }, { weight: 1, arbitrary: wild })
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(near))
  if ('const' in schema) return odd(fc.constant(schema.const))
  switch (schema.type) {
    case 'object': {
      const known = Object.entries(schema.properties ?? {})
      const fields = Object.fromEntries(known.map(([name, field]) => [name, near(field)]))
      const requiredKeys = known.map(([name]) => name).filter((name) => schema.required?.includes(name))
      const whole = fc.record(fields, { requiredKeys })
      const extra = fc.tuple(whole, fc.string({ maxLength: 5 }), wild).map(([value, name, more]) => ({ ...value, [name]: more }))
      const less = fc.record(fields, { requiredKeys: [] })
      return odd(fc.oneof({ weight: 8, arbitrary: whole }, { weight: 1, arbitrary: extra }, { weight: 1, arbitrary: less }))
    }
    case 'array':
      return odd(fc.array(schema.items ? near(schema.items) : wild, { maxLength: 3 }))
    case 'string':
      if ('format' in schema) return odd(fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00+01:00'))
      return odd(
        fc.oneof(
          {
            weight: 3,
            arbitrary: fc.constantFrom(
              ...['avc1.42001f', 'garden', 'Garten 7', 'a-b', '0f', '2026-01-01T00:00:00.000Z', '12345678-ab', '12', '7'],
              ...['https://blog.example', 'http://blog.example:8080'],
            ),
          },
          { weight: 1, arbitrary: fc.string({ maxLength: 90 }) },
        ),
      )
    case 'integer':
    case 'number':
      return odd(fc.oneof(fc.integer({ min: -2, max: 10_000 }), fc.integer({ min: 0 }), fc.double()))
    case 'null':
      return odd(fc.constant(null))
    case 'boolean':
      return odd(fc.boolean())
    default:
      return wild
  }
}

const schemas: [string, TSchema][] = [
  ['FromViewer', FromViewer],
  ['ToViewer', ToViewer],
  ['FromVisitor', FromVisitor],
  ['ToFrame', ToFrame],
  ['FromFrame', FromFrame],
  ['FromPublisher', FromPublisher],
  ['ToPublisher', ToPublisher],
  ['FeedMessage', FeedMessage],
  ['FromPhone', FromPhone],
  ['ToPhone', ToPhone],
  ['ToProjector', ToProjector],
  ...Object.entries(procedures).map(([name, { input }]): [string, TSchema] => [name, input]),
]

/** Keywords that the checker knows; another one in a schema would silently not be checked. */
const KNOWN = new Set(
  'type const anyOf properties required additionalProperties items minimum maximum minLength maxLength maxItems pattern format description'.split(
    ' ',
  ),
)

describe.each(schemas)('%s', (_name, schema) => {
  test('uses only keywords that are checked', () => {
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      for (const key of Object.keys(node)) if (!key.startsWith('~')) expect(KNOWN, key).toContain(key)
      const { properties = {}, items, anyOf = [] } = node as Schema
      for (const child of [...Object.values(properties), items, ...anyOf]) walk(child)
    }
    walk(schema)
  })

  test('is judged as TypeBox judges', () => {
    const oracle = Compile(schema)
    let fits = 0
    fc.assert(
      fc.property(near(schema as Schema), (value) => {
        // Sockets and bodies carry JSON: what JSON cannot say does not come.
        const json = JSON.stringify(value)
        if (json === undefined) return
        const parsed = JSON.parse(json)
        const found = fault(schema as Schema, parsed)
        if (found === undefined) fits++
        // `format` is a hint to readers and not asserted (JSON Schema 2020-12 §7.2.1): TypeBox does, we do not.
        if (hasFormat(schema) && found === undefined) return
        expect(found === undefined, `${json}: ${found}`).toBe(oracle.Check(parsed))
      }),
      { numRuns: 1500 },
    )
    expect(fits).toBeGreaterThan(20)
  })
})

const hasFormat = (node: unknown): boolean => JSON.stringify(node).includes('"format"')

describe('parseMessage', () => {
  test('never throws, and names the fault', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseMessage(FromViewer, text)
        if (!parsed.ok) expect(parsed.detail.length).toBeGreaterThan(0)
      }),
    )
    expect(parseMessage(FromViewer, '{"type":"watch","rendition":"full"}')).toMatchObject({ ok: false, detail: 'message lacks audio' })
    expect(parseMessage(FromViewer, '{"type":"watch","rendition":7,"audio":true}')).toMatchObject({
      detail: expect.stringContaining('rendition'),
    })
  })

  test('refuses a text over its cap unread', () => {
    expect(parseMessage(FromViewer, ' '.repeat(20_000))).toMatchObject({ ok: false, code: 'request.too-large' })
  })

  test('is not fooled by names of Object.prototype', () => {
    for (const text of ['{"type":"toString"}', '{"type":"clock","t0":1,"__proto__":{}}', '{"type":"clock","t0":1,"constructor":1}'])
      expect(parseMessage(FromViewer, text)).toMatchObject({ ok: false, code: 'message.invalid' })
  })
})
