import type { Format, Value } from './formats.ts'
import { head, MASK, opcodeOf } from './line.ts'

/** Digits of the number that each payload begins with, behind a `#`: by it a result is known to be its call's. */
const TAG_DIGITS = 10
const HASH = 0x23
/** How the number begins: in a benchmark it stays below a thousand million. */
const TAG_BEGIN = '#0'
const ZERO = 0x30

/** The text of a payload of so many bytes, with the number 0. */
export const payloadText = (bytes: number): string => `#${'0'.repeat(TAG_DIGITS)}`.padEnd(bytes, 'abcdefghijklmnop')

/** Finds the arguments in messages: a list of one text, which mostly stands at the end. */
export class Payload {
  readonly args: readonly [string]
  readonly encoded: Buffer
  /** Where the number stands in the arguments. */
  readonly tagAt: number
  readonly #end: number

  constructor(format: Format, bytes: number) {
    this.args = [payloadText(bytes)]
    this.encoded = format.encode(this.args)
    this.tagAt = this.encoded.indexOf(TAG_BEGIN) + 1
    this.#end = format.end.length
  }

  /** @returns where the arguments begin; below 0 when they are not there */
  find(message: Buffer, start: number, end: number): number {
    const at = end - this.#end - this.encoded.length
    if (at >= start && message[at + this.tagAt - 1] === HASH) return at
    const hash = message.indexOf(TAG_BEGIN, start)
    const found = hash - this.tagAt + 1
    return hash < 0 || found + this.encoded.length > end ? -1 : found
  }

  /** The number in the arguments that begin there. */
  tag(message: Buffer, at: number): number {
    let value = 0
    for (let i = at + this.tagAt, end = i + TAG_DIGITS; i < end; i++) value = value * 10 + (message[i] as number) - ZERO
    return value
  }
}

/** A message that is sent again and again with another id and number: framed and masked once, only those two are written anew. */
export class Template {
  readonly #format: Format
  readonly #before: Buffer
  readonly #after: Buffer
  #framed = Buffer.alloc(0)
  #idBytes = 0
  /** Where the payload, the id and the number stand in the frame. */
  #start = 0
  #idAt = 0
  #tagAt = 0

  /** @param rest what follows the id; the arguments last */
  constructor(format: Format, type: number, rest: readonly Value[]) {
    this.#format = format
    const { before, after } = format.around(type, rest)
    this.#before = before
    this.#after = Buffer.concat([after, format.end])
  }

  /** The whole message with its head. @param tag the number in the payload */
  of(id: number, tag = id): Buffer {
    const bytes = this.#format.encode(id)
    if (bytes.length !== this.#idBytes) this.#build(bytes)
    for (let i = 0; i < bytes.length; i++) this.#set(this.#idAt + i, bytes[i] as number)
    let left = tag
    for (let at = this.#tagAt + TAG_DIGITS - 1; at >= this.#tagAt; at--) {
      this.#set(at, ZERO + (left % 10))
      left = Math.floor(left / 10)
    }
    return this.#framed
  }

  #set(at: number, byte: number): void {
    this.#framed[at] = byte ^ (MASK[(at - this.#start) & 3] as number)
  }

  #build(id: Buffer): void {
    const payload = Buffer.concat([this.#before, id, this.#after])
    const before = head(payload.length, opcodeOf(this.#format.binary))
    this.#start = before.length
    this.#framed = Buffer.concat([Buffer.from(before), payload.map((byte, i) => byte ^ (MASK[i & 3] as number))])
    this.#idBytes = id.length
    this.#idAt = this.#start + this.#before.length
    this.#tagAt = this.#start + this.#before.length + id.length + this.#after.indexOf(TAG_BEGIN) + 1
  }
}
