/**
 * Checks a JSON value against the part of JSON Schema 2020-12 that the protocol's schemas use: type, const, enum,
 * properties with required and additionalProperties: false, items, anyOf, minimum, maximum, minLength, maxLength, pattern.
 * TypeBox's own checker would be the largest part of the player; a property test holds this one against it.
 */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
}

/** The first fault as `path: what`, or undefined when the value fits. */
export function fault(schema: Schema, value: unknown, path = ''): string | undefined {
  if (schema.anyOf) return faultOfAny(schema.anyOf, value, path)
  if ('const' in schema) return value === schema.const ? undefined : say(path, `must be ${JSON.stringify(schema.const)}`)
  switch (schema.type) {
    case 'object':
      return faultOfObject(schema, value, path)
    case 'array':
      return faultOfArray(schema, value, path)
    case 'string':
      return faultOfString(schema, value, path)
    case 'integer':
    case 'number':
      return faultOfNumber(schema, value, path)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : say(path, 'must be true or false')
    case 'null':
      return value === null ? undefined : say(path, 'must be null')
    default:
      return undefined
  }
}

const say = (path: string, what: string) => `${path || 'message'} ${what}`

/** Of alternatives that differ in a constant field (`type`), the fault of the one that was meant says most. */
function faultOfAny(alternatives: readonly Schema[], value: unknown, path: string): string | undefined {
  let best: string | undefined
  for (const alternative of alternatives) {
    const found = fault(alternative, value, path)
    if (found === undefined) return undefined
    if (isRecord(value) && meant(alternative, value)) best = found
  }
  if (best) return best
  return isRecord(value) && typeof value.type === 'string'
    ? say(path, `has the unknown type or variant ${JSON.stringify(value.type.slice(0, 40))}`)
    : say(path, 'is none of the documented alternatives')
}

function meant(alternative: Schema, value: Record<string, unknown>): boolean {
  for (const [key, field] of Object.entries(alternative.properties ?? {})) if ('const' in field && value[key] !== field.const) return false
  return alternative.properties !== undefined
}

function faultOfObject(schema: Schema, value: unknown, path: string): string | undefined {
  if (!isRecord(value)) return say(path, 'must be an object')
  const known = schema.properties ?? {}
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) return say(path, `lacks ${name}`)
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(known, name) ? known[name] : undefined
    if (!field) {
      if (schema.additionalProperties === false) return say(path, `has the unknown field ${JSON.stringify(name.slice(0, 40))}`)
      continue
    }
    if (value[name] === undefined && !schema.required?.includes(name)) continue
    const found = fault(field, value[name], path ? `${path}.${name}` : name)
    if (found) return found
  }
  return undefined
}

function faultOfArray(schema: Schema, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return say(path, 'must be an array')
  if (value.length < (schema.minItems ?? 0)) return say(path, `must have at least ${schema.minItems} items`)
  if (schema.maxItems !== undefined && value.length > schema.maxItems) return say(path, `must have at most ${schema.maxItems} items`)
  for (let i = 0; schema.items && i < value.length; i++) {
    const found = fault(schema.items, value[i], `${path}[${i}]`)
    if (found) return found
  }
  return undefined
}

function faultOfString(schema: Schema, value: unknown, path: string): string | undefined {
  if (typeof value !== 'string') return say(path, 'must be a string')
  const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length
  if (length < (schema.minLength ?? 0)) return say(path, `must have at least ${schema.minLength} characters`)
  if (length > (schema.maxLength ?? length)) return say(path, `must have at most ${schema.maxLength} characters`)
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) return say(path, `must match ${schema.pattern}`)
  return undefined
}

function faultOfNumber(schema: Schema, value: unknown, path: string): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return say(path, 'must be a number')
  if (schema.type === 'integer' && !Number.isInteger(value)) return say(path, 'must be a whole number')
  if (value < (schema.minimum ?? value)) return say(path, `must be at least ${schema.minimum}`)
  if (value > (schema.maximum ?? value)) return say(path, `must be at most ${schema.maximum}`)
  return undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
