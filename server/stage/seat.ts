import { randomBytes } from 'node:crypto'
import type { NewKey } from '../../shared/model/key.ts'
import type { Participant } from '../../shared/model/stage.ts'
import type { ToPhone } from '../../shared/protocol/stage.ts'
import { isoTime, type Micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import type { PortholeError } from '../base/errors.ts'

/** Milliseconds that a seat is kept for a phone whose connection is gone: it reloads, or its Wi-Fi comes back. */
export const GRACE_MS = 30_000
const ID_BYTES = 6
const RESUME_BYTES = 24

/** A phone's connection, as its seat sees it. */
export interface PhoneConnection {
  send(message: ToPhone): void
  end(error: PortholeError): void
}

export interface SeatOptions {
  readonly name: string
  readonly clock: Clock
  /** The phone did not come back in time. */
  readonly onGone: () => void
}

/** One phone's place on a stage: it outlives a connection, but not for long. */
export class Seat {
  readonly id = randomBytes(ID_BYTES).toString('hex')
  /** What the phone takes the seat again by. */
  readonly resume = randomBytes(RESUME_BYTES).toString('base64url')
  readonly joinedAt: Micros
  readonly name: string
  /** Once admitted: the camera on the wall, and the key that feeds it. */
  place: { readonly camera: string; readonly key: NewKey } | undefined
  muted = false
  readonly #options: SeatOptions
  #phone: PhoneConnection | undefined
  #stopGrace: (() => void) | undefined

  constructor(options: SeatOptions) {
    this.#options = options
    this.name = options.name
    this.joinedAt = options.clock.now()
  }

  get state(): Participant['state'] {
    return this.place === undefined ? 'waiting' : this.#phone ? 'on' : 'away'
  }

  /** The phone's connection, in the place of an earlier one. @returns the earlier one */
  attach(phone: PhoneConnection): PhoneConnection | undefined {
    this.#stopGrace?.()
    this.#stopGrace = undefined
    const before = this.#phone
    this.#phone = phone
    return before
  }

  /** A connection ended. @returns whether it was the seat's */
  detach(phone: PhoneConnection): boolean {
    if (this.#phone !== phone) return false
    this.#phone = undefined
    this.#stopGrace = this.#options.clock.after(GRACE_MS, this.#options.onGone)
    return true
  }

  tell(message: ToPhone): void {
    this.#phone?.send(message)
  }

  /** Says where the phone stands: the first word after it came, and after it was admitted. */
  welcome(spotlight: string | null): void {
    const { place, resume, muted } = this
    if (place === undefined) this.tell({ type: 'waiting', resume })
    else this.tell({ type: 'on', camera: place.camera, key: place.key.key, resume, muted, spotlight: spotlight === place.camera })
  }

  end(error: PortholeError): void {
    this.#stopGrace?.()
    const phone = this.#phone
    this.#phone = undefined
    phone?.end(error)
  }

  /** @param name as the camera is called now */
  view(name: string | undefined): Participant {
    const { id, place, state, muted, joinedAt } = this
    return { id, name: name ?? this.name, camera: place?.camera ?? null, state, muted, joinedAt: isoTime(joinedAt) }
  }
}
