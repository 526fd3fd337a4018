import { PortholeError } from '../base/errors.ts'

/** Something that stays open in somebody's name: a socket, a stream. */
export interface Lease {
  readonly user: string
  /** Digest of the session that it came by. */
  readonly session: string | undefined
  /** Whether it may go on, by what is known now. */
  readonly holds: () => boolean
  readonly end: (error: PortholeError) => void
}

/** What is open, so that it ends when the leave it was opened by is taken back. */
export class Leases {
  readonly #byUser = new Map<string, Set<Lease>>()

  /** @returns gives it back, when it ended by itself */
  open(lease: Lease): () => void {
    const leases = this.#byUser.get(lease.user) ?? new Set()
    this.#byUser.set(lease.user, leases.add(lease))
    return () => {
      leases.delete(lease)
      if (leases.size === 0 && this.#byUser.get(lease.user) === leases) this.#byUser.delete(lease.user)
    }
  }

  /** A user's role, grants or cameras changed: what does not hold any more ends. */
  review(user: string): void {
    this.#end(user, ({ holds }) => !holds())
  }

  /** Everything of a user but what came by one session. */
  endAll(user: string, except?: string): void {
    this.#end(user, ({ session }) => except === undefined || session !== except)
  }

  /** What came by one session. */
  endSession(user: string, session: string): void {
    this.#end(user, (lease) => lease.session === session)
  }

  #end(user: string, which: (lease: Lease) => boolean): void {
    for (const lease of [...(this.#byUser.get(user) ?? [])]) if (which(lease)) lease.end(new PortholeError('auth.revoked'))
  }
}
