import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import { FeedMessage } from '../contract/feed.ts'
import { MAX_PARTICIPANT_CHARS } from '../model/stage.ts'
import { decodeAck, encodeAck } from './ack.ts'
import { decodeHeader, encodeFrame, HEADER_BYTES } from './frame.ts'
import * as limits from './limits.ts'
import { FromPublisher, FromViewer, FromVisitor, ToPublisher, ToViewer } from './messages.ts'
import { parseMessage } from './parse.ts'
import { FromPhone, REACTIONS, ToPhone, ToProjector } from './stage.ts'

const text = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')

/** Lines of all fenced blocks with this tag. */
const examples = (tag: string): string[] => {
  const lines = [...text.matchAll(new RegExp(`^\`\`\`${tag}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].flatMap((match) =>
    (match[1] as string).trim().split('\n'),
  )
  expect(lines.length, `examples of ${tag}`).toBeGreaterThan(0)
  return lines
}
const pairs = (lines: string[]) =>
  Array.from({ length: lines.length / 2 }, (_, i) => [lines[2 * i] as string, lines[2 * i + 1] as string] as const)
const bytesOf = (hex: string) => Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16))

describe('PROTOCOL.md', () => {
  test.each(pairs(examples('frame')))('frame %s', (hex, json) => {
    const bytes = bytesOf(hex)
    const header = JSON.parse(json)
    expect(decodeHeader(bytes)).toEqual({ ok: true, value: header })
    expect(encodeFrame(header, bytes.subarray(HEADER_BYTES))).toEqual(bytes)
  })

  test.each(pairs(examples('refused')))('refused frame %s', (hex, code) => {
    expect(decodeHeader(bytesOf(hex))).toMatchObject({ ok: false, code })
  })

  test.each(pairs(examples('ack')))('acknowledgement %s', (hex, json) => {
    const bytes = bytesOf(hex)
    expect(decodeAck(bytes)).toEqual({ ok: true, value: JSON.parse(json) })
    expect(encodeAck(JSON.parse(json))).toEqual(bytes)
  })

  const directions: [string, TSchema][] = [
    ['from-visitor', FromVisitor],
    ['from-viewer', FromViewer],
    ['to-viewer', ToViewer],
    ['from-publisher', FromPublisher],
    ['to-publisher', ToPublisher],
    ['from-phone', FromPhone],
    ['to-phone', ToPhone],
    ['to-projector', ToProjector],
    ['to-events-reader', FeedMessage],
  ]
  describe.each(directions)('%s', (tag, schema) => {
    test.each(examples(tag))('takes %s', (line) => {
      expect(parseMessage(schema, line)).toEqual({ ok: true, value: JSON.parse(line) })
    })

    test.each(examples('refused-text'))('refuses %s', (line) => {
      expect(parseMessage(schema, line)).toMatchObject({ ok: false, code: 'message.invalid' })
    })

    test('has an example of every message', () => {
      type Variant = { properties?: { type: { const: string } }; anyOf?: unknown[] }
      const variants = (schema as unknown as { anyOf?: Variant[] }).anyOf ?? [schema as unknown as Variant]
      const types = variants.flatMap((variant) => variant.properties?.type.const ?? 'config')
      const shown = new Set(examples(tag).map((line) => JSON.parse(line).type))
      expect(shown).toEqual(new Set(types))
    })
  })

  test('names the caps that the code has', () => {
    const number = (value: number) => value.toLocaleString('en-US')
    expect(text).toContain(`| a binary frame message, header included | ${number(limits.MAX_FRAME_BYTES)} bytes |`)
    expect(text).toContain(`| a text message from a client | ${number(limits.MAX_TEXT_BYTES)} bytes |`)
    expect(text).toContain(`| text messages from a client | ${limits.MAX_TEXTS_PER_SECOND} a second`)
    expect(text).toContain(`| a message on \`/ws\` (echo, WAMP) | ${number(limits.MAX_ECHO_BYTES)} bytes |`)
    expect(text).toContain(
      `- ${limits.ACK_INTERVAL_MS} ms passed since the last acknowledgement; after each one of a frame in time the time doubles, up to ${limits.MAX_ACK_INTERVAL_MS} ms`,
    )
    expect(text).toContain(`one of ${REACTIONS.join(' ')}.`)
    expect(text).toContain(`\`name\` has at most ${MAX_PARTICIPANT_CHARS} characters`)
    expect(text).toContain(`is more than ${limits.ACK_BEHIND_MS} ms late, and ${limits.ACK_INTERVAL_BEHIND_MS} ms passed`)
  })
})
