import { ProtocolViolation } from './decode.ts'
import { MAX_DEPTH, MAX_ITEMS, tooDeep, tooMany } from './values.ts'

/**
 * How many values are announced, and how deep, looked at before anything is decoded: decoders make room for what is announced, and recurse,
 * so that a few bytes could take all memory and a few megabytes the time of everybody else.
 */
export class Heads {
  readonly #name: string
  /** Items that are still to come, by level; infinite until a break. */
  readonly #left = [1]
  #depth = 0
  #items = 0

  constructor(name: string) {
    this.#name = name
  }

  /** Whether another value must come. */
  get isOpen(): boolean {
    while (this.#left[this.#depth] === 0) {
      if (this.#depth === 0) return false
      this.#depth--
    }
    return true
  }

  /** A value began. @throws ProtocolViolation */
  item(): void {
    this.#left[this.#depth] = (this.#left[this.#depth] as number) - 1
    if (++this.#items > MAX_ITEMS) tooMany()
  }

  /** The value has so many within. @throws ProtocolViolation */
  open(items: number): void {
    if (++this.#depth >= MAX_DEPTH + 1) tooDeep()
    this.#left[this.#depth] = items
  }

  /** What was open without an end is over. @throws ProtocolViolation where nothing was */
  close(): void {
    if (this.#left[this.#depth] !== Number.POSITIVE_INFINITY) throw new ProtocolViolation(`no ${this.#name}: an end without a beginning`)
    this.#left[this.#depth] = 0
  }

  /** @throws ProtocolViolation */
  endsTooSoon(): never {
    throw new ProtocolViolation(`no ${this.#name}: it ends too soon`)
  }
}

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN_DICT = 123
const CLOSE_DICT = 125

/**
 * The same of a text of JSON. What is wrong with it otherwise its parser finds.
 * @throws ProtocolViolation
 */
export function checkJson(text: string): void {
  let depth = 0
  let items = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      at = endOfString(text, at)
      if (at < 0) return
    } else if (char === COMMA) items++
    else if (char === OPEN_LIST || char === OPEN_DICT) {
      items++
      if (++depth > MAX_DEPTH) tooDeep()
    } else if (char === CLOSE_LIST || char === CLOSE_DICT) depth--
    if (items > MAX_ITEMS) tooMany()
  }
}

/** Where the string that begins at `start` has its closing quote; -1 where it has none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at
  }
  return -1
}
