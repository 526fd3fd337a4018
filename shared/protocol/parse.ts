import type { Static, TSchema } from 'typebox'
import { fault, type Schema } from './check.ts'
import { MAX_TEXT_BYTES } from './limits.ts'

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: 'message.invalid' | 'request.too-large'; readonly detail: string }

/** Reads one JSON text message. Anything but a message of the schema is an error that names the field. */
export function parseMessage<S extends TSchema>(schema: S, text: string, maxBytes = MAX_TEXT_BYTES): Parsed<Static<S>> {
  if (text.length > maxBytes)
    return { ok: false, code: 'request.too-large', detail: `text of ${text.length} characters, at most ${maxBytes} bytes` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, code: 'message.invalid', detail: 'message is not JSON' }
  }
  const found = fault(schema as Schema, value)
  return found === undefined ? { ok: true, value: value as Static<S> } : { ok: false, code: 'message.invalid', detail: found }
}
