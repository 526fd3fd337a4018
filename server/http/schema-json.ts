import type { TSchema } from 'typebox'
import { models } from '../../shared/contract/models.ts'

type Json = Record<string, unknown>

const names = new Map<unknown, string>(Object.entries(models).map(([name, model]) => [model, name]))

/**
 * A schema as JSON Schema 2020-12 for readers: what has a name is a reference to it, alternatives of constants are an enum.
 * @param whole itself not as a reference
 */
export function schemaJson(schema: TSchema, whole = false): Json {
  return convert(schema, whole) as Json
}

function convert(node: unknown, whole = false): unknown {
  if (Array.isArray(node)) return node.map((part) => convert(part))
  if (typeof node !== 'object' || node === null) return node
  const name = names.get(node)
  if (name !== undefined && !whole) return { $ref: `#/components/schemas/${name}` }
  const { anyOf } = node as { anyOf?: { type?: string; const?: unknown }[] }
  const rest = Object.entries(node).filter(([key]) => !key.startsWith('~') && key !== 'anyOf')
  const copy = Object.fromEntries(rest.map(([key, value]) => [key, convert(value)]))
  if (!anyOf) return copy
  if (anyOf.every((alternative) => 'const' in alternative))
    return { type: anyOf[0]?.type, enum: anyOf.map((alternative) => alternative.const), ...copy }
  return { anyOf: convert(anyOf), ...copy }
}
