import { PortholeError } from '../base/errors.ts'
import type { Identity } from './credential.ts'

/** Something that stays open in somebody's name: a socket, a stream. */
export interface Lease {
  readonly identity: Identity
  /** Whether it may go on, by what is known now. */
  readonly holds: () => boolean
  readonly end: (error: PortholeError) => void
}

/** In whose name: a user's, or that of a key which belongs to its camera. No user's name has a space. */
const holderOf = ({ user, camera }: Identity): string => user ?? `camera ${camera}`

/** What is open, so that it ends when the leave it was opened by is taken back. */
export class Leases {
  readonly #open = new Map<string, Set<Lease>>()

  /** @returns gives it back, when it ended by itself */
  open(lease: Lease): () => void {
    const holder = holderOf(lease.identity)
    const leases = this.#open.get(holder) ?? new Set()
    this.#open.set(holder, leases.add(lease))
    return () => {
      leases.delete(lease)
      if (leases.size === 0 && this.#open.get(holder) === leases) this.#open.delete(holder)
    }
  }

  /** A user's role, grants or cameras changed: what does not hold any more ends. */
  review(user: string): void {
    this.#end({ user }, ({ holds }) => !holds())
  }

  /** Everything of a user but what came by one session. */
  endAll(user: string, except?: string): void {
    this.#end({ user }, ({ identity: { via } }) => except === undefined || via !== except)
  }

  /** What came by one session or key. */
  endVia(holder: Pick<Identity, 'user' | 'camera'>, via: string): void {
    this.#end(holder, ({ identity }) => identity.via === via)
  }

  #end(holder: Pick<Identity, 'user' | 'camera'>, which: (lease: Lease) => boolean): void {
    const leases = this.#open.get(holderOf(holder as Identity)) ?? []
    for (const lease of [...leases]) if (which(lease)) lease.end(new PortholeError('auth.revoked'))
  }
}
