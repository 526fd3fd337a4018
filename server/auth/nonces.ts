import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { DigestResponse } from '../wire/authorization.ts'

/** Milliseconds a nonce may be used. */
const NONCE_MS = 300_000
/** Nonces in use whose counts are known; the oldest make room, and are stale from then on. */
const MAX_NONCES = 10_000
/** Counts that may come late, because requests go side by side. */
const WINDOW = 64

interface Used {
  readonly issued: number
  /** Highest count seen, and which of the 64 up to it. */
  highest: number
  seen: bigint
  readonly cnonce: string | undefined
}

/**
 * Digest's nonces (RFC 7616 §3.3): they prove themselves, so that asking for many fills nothing; only those that a right response
 * used are remembered, with their counts.
 */
export class Nonces {
  readonly #clock: Clock
  readonly #key = randomBytes(32)
  readonly #used = new Map<string, Used>()
  /** Nonces issued before (monotonic ms) are stale: their counts were forgotten. */
  #floor = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(): string {
    const body = Buffer.alloc(16)
    body.writeDoubleBE(this.#clock.monotonic())
    randomBytes(8).copy(body, 8)
    return Buffer.concat([body, this.#tag(body)]).toString('base64url')
  }

  /**
   * Uses a nonce for a response that is otherwise right.
   * @returns whether it was fresh: ours, young, and not used with this count before
   */
  use(nonce: string, count: DigestResponse['count']): boolean {
    const issued = this.#issued(nonce)
    const now = this.#clock.monotonic()
    if (issued === undefined || now - issued > NONCE_MS || issued <= this.#floor) return false
    const used = this.#used.get(nonce)
    // Without a count (RFC 2069) a nonce serves once.
    const nc = count?.nc ?? 1
    if (nc < 1) return false
    if (!used) {
      this.#used.set(nonce, { issued, highest: nc, seen: 1n, cnonce: count?.cnonce })
      this.#forget(now)
      return true
    }
    if (!count) return false
    const ahead = nc - used.highest
    if (ahead > 0) {
      used.seen = ahead >= WINDOW ? 1n : BigInt.asUintN(WINDOW, (used.seen << BigInt(ahead)) | 1n)
      used.highest = nc
      return true
    }
    const bit = 1n << BigInt(-ahead)
    if (-ahead >= WINDOW || (used.seen & bit) !== 0n) return false
    used.seen |= bit
    return true
  }

  /** The client's nonce of the first response with this one: `-sess` goes on hashing that (RFC 7616 §3.4.2). */
  firstCnonce(nonce: string): string | undefined {
    return this.#used.get(nonce)?.cnonce
  }

  #forget(now: number): void {
    for (const [nonce, { issued }] of this.#used) {
      const old = now - issued > NONCE_MS
      if (!old && this.#used.size <= MAX_NONCES) break
      if (!old) this.#floor = Math.max(this.#floor, issued)
      this.#used.delete(nonce)
    }
  }

  #issued(nonce: string): number | undefined {
    const data = Buffer.from(nonce, 'base64url')
    if (data.length !== 32 || data.toString('base64url') !== nonce) return undefined
    const body = data.subarray(0, 16)
    return timingSafeEqual(this.#tag(body), data.subarray(16)) ? body.readDoubleBE() : undefined
  }

  #tag(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, 16)
  }
}
