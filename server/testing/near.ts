import fc from 'fast-check'
import type { Schema } from '../../shared/protocol/check.ts'

/** Values that some fields are likely to have, so that requests get as far as they can. */
export type Pool = Readonly<Record<string, readonly unknown[]>>

const WILD = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 53,
    '',
    ' ',
    '\u0000',
    '../..',
    '%00',
    'x'.repeat(3000),
    [],
    {},
    '__proto__',
    'constructor',
  ),
)

/** JSON values near a schema: most fit it, some fail by a field. */
export function near(schema: Schema, pool: Pool, name = ''): fc.Arbitrary<unknown> {
  const odd = (likely: fc.Arbitrary<unknown>) => fc.oneof({ weight: 30, arbitrary: likely }, { weight: 1, arbitrary: WILD })
  const { [name]: pooled, ...others } = pool
  if (pooled && schema.type === 'object') return fc.oneof(fc.constantFrom(...pooled), near(schema, others))
  if (pooled && !('const' in schema) && schema.type !== 'array') return odd(fc.constantFrom(...pooled))
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((alternative) => near(alternative, pool, name)))
  if ('const' in schema) return odd(fc.constant(schema.const))
  switch (schema.type) {
    case 'object': {
      const known = Object.entries(schema.properties ?? {})
      const fields = Object.fromEntries(known.map(([field, of]) => [field, near(of, pool, field)]))
      const requiredKeys = known.map(([field]) => field).filter((field) => schema.required?.includes(field))
      const whole = fc.record(fields, { requiredKeys })
      const extra = fc.tuple(whole, fc.string({ maxLength: 5 }), WILD).map(([value, field, more]) => ({ ...value, [field]: more }))
      return fc.oneof({ weight: 15, arbitrary: whole }, { weight: 1, arbitrary: extra })
    }
    case 'array':
      return odd(fc.array(near(schema.items ?? {}, pool, name.replace(/s$/, '')), { maxLength: Math.min(schema.maxItems ?? 4, 4) }))
    case 'string':
      return odd(
        'format' in schema
          ? fc.constantFrom('2026-01-01T00:00:00.000Z', '2999-12-31T23:59:59+14:00', '2026-99-99T99:99:99Z')
          : textFor(schema),
      )
    case 'integer':
    case 'number':
      return odd(fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 10_000, Number.MAX_SAFE_INTEGER) }))
    case 'boolean':
      return odd(fc.boolean())
    case 'null':
      return odd(fc.constant(null))
    default:
      return WILD
  }
}

/** Text of the schema's length; where it has a pattern, what is tried fits it now and then. */
function textFor({ minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const length = { minLength, maxLength: Math.min(maxLength, 60) }
  const plain = fc.string({ ...length, unit: fc.constantFrom(...'abcdef0123456789-') })
  return fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: fc.string({ ...length, unit: 'binary' }) })
}
