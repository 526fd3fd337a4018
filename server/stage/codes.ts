import { randomInt } from 'node:crypto'
import { CODE_ALPHABET, CODE_CHARS } from '../../shared/model/stage.ts'

/** Milliseconds after which a stage has another code; the one before is good for as long again. */
export const CODE_MS = 10 * 60_000

/** The codes that are good now, and whose they are. */
export class Codes {
  readonly #stages = new Map<string, string>()
  readonly #random: (below: number) => number

  /** @param random a whole number from 0, below another; not to be guessed */
  constructor(random: (below: number) => number = randomInt) {
    this.#random = random
  }

  /** A code that no stage has. */
  issue(stage: string): string {
    for (;;) {
      const code = Array.from({ length: CODE_CHARS }, () => CODE_ALPHABET[this.#random(CODE_ALPHABET.length)]).join('')
      if (this.#stages.has(code)) continue
      this.#stages.set(code, stage)
      return code
    }
  }

  /** The id of the stage that has it. */
  find(code: string): string | undefined {
    return this.#stages.get(code)
  }

  withdraw(code: string | undefined): void {
    if (code !== undefined) this.#stages.delete(code)
  }
}
