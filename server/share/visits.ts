import { timingSafeEqual } from 'node:crypto'
import { Attempts } from '../auth/attempts.ts'
import { keyedHash } from '../auth/hashes.ts'
import type { Clock } from '../base/clock.ts'
import { Counts } from '../base/counts.ts'
import { PortholeError } from '../base/errors.ts'
import { placeOf } from '../base/networks.ts'
import { putNewest } from '../base/newest.ts'
import type { ShareEntry, Shares } from './shares.ts'

/** Wrong passcodes of one share within a minute, from wherever: a short one is found by many addresses otherwise. */
const MAX_WRONG = 60
/** Visitors who are remembered to have been right. */
const MAX_REMEMBERED = 10_000

/** Who wants in, by what. */
export interface Visitor {
  /** Of the client. */
  readonly address: string
  /** The page's origin, where that is another site's. */
  readonly origin: string | undefined
  readonly passcode: string | undefined
  /** It was here before: no new view. */
  readonly again: boolean
  /** Its socket is closed by this: the share was taken back, expired, changed. */
  readonly end: (error: PortholeError) => void
}

/** Who watches by which share now. Bounded by each share's cap, and ended with it. */
export class Visits {
  readonly #shares: Shares
  readonly #clock: Clock
  readonly #attempts: Attempts
  /** Wrong passcodes by share. */
  readonly #wrong: Counts
  /** Who said the right one, by share and place. */
  readonly #right = new Map<string, true>()
  readonly #hash = keyedHash()
  readonly #open = new Map<string, Set<(error: PortholeError) => void>>()

  constructor(shares: Shares, clock: Clock) {
    this.#shares = shares
    this.#clock = clock
    this.#attempts = new Attempts(clock)
    this.#wrong = new Counts(clock)
    shares.onChanged = (id, error) => {
      for (const end of [...(this.#open.get(id) ?? [])]) end(error)
    }
  }

  /** How many watch by a share. */
  count(id: string): number {
    return this.#open.get(id)?.size ?? 0
  }

  /**
   * Lets a visitor in, or says why not.
   * @returns to be called once, when they left
   * @throws PortholeError share.origin, share.passcode, share.wrong, share.full, request.rate
   */
  enter(share: ShareEntry, { address, origin, passcode, again, end }: Visitor): () => void {
    if (!mayEmbed(share, origin)) throw new PortholeError('share.origin')
    this.#checkPasscode(share, passcode, address)
    const open = this.#open.get(share.id) ?? new Set()
    if (share.maxViewers !== null && open.size >= share.maxViewers) throw new PortholeError('share.full')
    this.#open.set(share.id, open.add(end))
    if (!again) this.#shares.viewed(share.id)
    const left = share.expiresAt === null ? undefined : (share.expiresAt - this.#clock.now()) / 1000
    const stopExpiry = left === undefined ? () => {} : this.#clock.after(left, () => end(new PortholeError('share.expired')))
    return () => {
      stopExpiry()
      open.delete(end)
      if (open.size === 0 && this.#open.get(share.id) === open) this.#open.delete(share.id)
    }
  }

  #checkPasscode({ id, passcode: right }: ShareEntry, said: string | undefined, address: string): void {
    if (right === null) return
    if (said === undefined) throw new PortholeError('share.passcode')
    const visitor = `${id} ${placeOf(address)}`
    // Guessed at from everywhere: who was right before still gets in.
    if (this.#wrong.of(id) >= MAX_WRONG && !this.#right.has(visitor)) throw new PortholeError('request.rate')
    const isNoFault = this.#attempts.begin(`share ${id}`, address)
    // Of the same length, whatever was said; as people type it on whatever keyboard (RFC 8265 §4.2.2).
    const [told, wanted] = [said, right].map((text) => Buffer.from(this.#hash(text.normalize('NFKC')))) as [Buffer, Buffer]
    if (!timingSafeEqual(told, wanted)) {
      this.#wrong.add(id, 1)
      throw new PortholeError('share.wrong')
    }
    isNoFault()
    putNewest(this.#right, visitor, true, MAX_REMEMBERED)
  }
}

/** Whether pages of a site may show a share. Binds browsers only: who is none says no origin. @param origin undefined: no other site's */
export const mayEmbed = ({ origins }: Pick<ShareEntry, 'origins'>, origin: string | undefined): boolean =>
  origin === undefined || origins === null || origins.includes(origin)
