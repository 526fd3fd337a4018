import { randomBytes } from 'node:crypto'
import type { NewKey } from '../../shared/model/key.ts'
import { MAX_PARTICIPANTS, MAX_WAITING, type Participant, type Stage as StageView } from '../../shared/model/stage.ts'
import type { Reaction } from '../../shared/protocol/stage.ts'
import { isoTime, micros } from '../../shared/units/time.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Links } from '../base/links.ts'
import type { Log } from '../base/log.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { Bus } from '../bus/bus.ts'
import type { Cameras } from '../camera/cameras.ts'
import { CODE_MS, type Codes } from './codes.ts'
import { Projectors } from './projectors.ts'
import { type PhoneConnection, Seat } from './seat.ts'

/** Milliseconds that a stage lasts, and without anybody showing it. */
export const STAGE_MS = 12 * 3_600_000
export const UNSEEN_MS = 3_600_000
/** Phones that have the page open and have not joined. */
const MAX_KNOCKING = 200
const ID_BYTES = 6

/** Keys that feed one temporary camera; taking one back ends what it feeds. */
export interface Lending {
  lend(camera: string): NewKey
  takeBack(camera: string, key: NewKey): void
}

export interface StageParts {
  readonly cameras: Pick<Cameras, 'createTemporary' | 'dismiss' | 'find'>
  readonly bus: Pick<Bus, 'find'>
  readonly lending: Lending
  readonly links: Pick<Links, 'base'>
  readonly codes: Codes
  readonly clock: Clock
  readonly log: Log
}

export interface StageOptions extends StageParts {
  readonly host: string
  readonly lobby: boolean
  readonly onEnd: (stage: Stage) => void
}

/** One stage: who is on it, and what its host did to it. */
export class Stage {
  readonly id = randomBytes(ID_BYTES).toString('hex')
  readonly host: string
  /** Scheme and host that its host reached the server by. */
  asked: string | undefined
  /** Phones whose page is open, before they join. */
  readonly knocking = new Set<PhoneConnection>()
  readonly #options: StageOptions
  readonly #createdAt
  readonly #projectors: Projectors
  readonly #seats = new Map<string, Seat>()
  readonly #stopEnd: () => void
  #stopUnseen: (() => void) | undefined
  #stopCode: () => void = () => {}
  #code = ''
  #codeBefore: string | undefined
  #codeExpiresAt = 0
  #locked = false
  #lobby: boolean
  #spotlight: string | null = null
  #ended = false

  constructor(options: StageOptions) {
    this.#options = options
    const { clock, host, lobby } = options
    this.host = host
    this.#lobby = lobby
    this.#createdAt = clock.now()
    this.#projectors = new Projectors({ clock, view: () => this.view(), onSeen: (seen) => this.#seen(seen) })
    this.#stopEnd = clock.after(STAGE_MS, () => this.end('it lasted its time'))
    this.#seen(false)
    this.#newCode()
  }

  view(): StageView {
    const { links, cameras } = this.#options
    const { url, reach } = links.base(this.asked)
    // In its own network the server's certificate is known to no phone: the page at the http address explains it.
    const base = reach === 'public' ? url : url.replace(/^https:/, 'http:')
    return {
      id: this.id,
      host: this.host,
      code: this.#code,
      codeExpiresAt: isoTime(micros(this.#codeExpiresAt)),
      joinUrl: `${base}/join/${this.#code}`,
      reach,
      locked: this.#locked,
      lobby: this.#lobby,
      spotlight: this.#spotlight,
      createdAt: isoTime(this.#createdAt),
      participants: [...this.#seats.values()].map((seat) => seat.view(seat.place && cameras.find(seat.place.camera)?.name)),
    }
  }

  /** A projector's socket. */
  show(socket: MessageSocket): void {
    this.#projectors.open(socket)
  }

  /** @throws PortholeError stage.ended, stage.locked, stage.full when nobody could take a seat now */
  checkRoom(): void {
    if (this.#ended) throw new PortholeError('stage.ended')
    if (this.#locked) throw new PortholeError('stage.locked')
    const isFull = this.#lobby ? this.#count(false) >= MAX_WAITING : this.#count(true) >= MAX_PARTICIPANTS
    if (isFull || this.knocking.size >= MAX_KNOCKING) throw new PortholeError('stage.full')
  }

  /** @throws PortholeError stage.ended, stage.locked, stage.full */
  join(phone: PhoneConnection, name: string): Seat {
    this.knocking.delete(phone)
    this.checkRoom()
    const { clock, log } = this.#options
    const seat = new Seat({ name, clock, onGone: () => this.leave(seat, 'its connection was lost') })
    this.#seats.set(seat.id, seat)
    seat.attach(phone)
    log.info({ stage: this.id, participant: seat.id, lobby: this.#lobby }, 'participant joined')
    if (this.#lobby) seat.welcome(this.#spotlight)
    else this.#place(seat)
    this.#projectors.changed()
    return seat
  }

  /** The seat that a phone's secret is of. */
  seatBy(resume: string): Seat | undefined {
    return [...this.#seats.values()].find((seat) => seat.resume === resume)
  }

  /** The phone is there again. */
  resume(seat: Seat, phone: PhoneConnection): void {
    seat.attach(phone)?.end(new PortholeError('participant.replaced'))
    seat.welcome(this.#spotlight)
    this.#projectors.changed()
  }

  /** A phone's connection ended; its seat is kept for a while. */
  lost(seat: Seat, phone: PhoneConnection): void {
    if (seat.detach(phone)) this.#projectors.changed()
  }

  /** Gives a seat up, with everything behind it. */
  leave(seat: Seat, why: string, error = new PortholeError('participant.removed')): void {
    if (!this.#seats.delete(seat.id)) return
    const { cameras, lending, log } = this.#options
    const { place } = seat
    seat.end(error)
    if (place) {
      if (this.#spotlight === place.camera) this.#spotlight = null
      lending.takeBack(place.camera, place.key)
      cameras.dismiss(place.camera)
    }
    log.info({ stage: this.id, participant: seat.id, why }, 'participant left')
    this.#projectors.changed()
  }

  react(seat: Seat, reaction: Reaction): void {
    if (seat.place) this.#projectors.reacted({ type: 'reaction', participant: seat.id, name: seat.name, reaction })
  }

  /** @throws PortholeError participant.unknown, stage.full */
  admit(id: string): Participant {
    const seat = this.#known(id)
    if (!seat.place) {
      if (this.#count(true) >= MAX_PARTICIPANTS) throw new PortholeError('stage.full')
      this.#place(seat)
      this.#projectors.changed()
    }
    return this.#viewOf(seat)
  }

  /** @throws PortholeError participant.unknown */
  mute(id: string, muted: boolean): Participant {
    const seat = this.#known(id)
    seat.muted = muted
    if (seat.place) this.#options.bus.find(seat.place.camera)?.mute(muted)
    this.#update(seat)
    this.#projectors.changed()
    return this.#viewOf(seat)
  }

  /** @throws PortholeError participant.unknown */
  remove(id: string): void {
    this.leave(this.#known(id), 'the host removed it')
  }

  /** @throws PortholeError participant.unknown when the spotlight is to fall on a camera that is not on the stage */
  update(change: { locked?: boolean | undefined; lobby?: boolean | undefined; spotlight?: string | null | undefined }): StageView {
    const { locked = this.#locked, lobby = this.#lobby, spotlight = this.#spotlight } = change
    const [before, next] = [this.#seatOf(this.#spotlight), this.#seatOf(spotlight)]
    if (spotlight !== null && !next) throw new PortholeError('participant.unknown')
    this.#locked = locked
    this.#spotlight = spotlight
    if (before !== next) for (const seat of [before, next]) if (seat) this.#update(seat)
    if (this.#lobby && !lobby)
      for (const seat of this.#seats.values()) if (!seat.place && this.#count(true) < MAX_PARTICIPANTS) this.#place(seat)
    this.#lobby = lobby
    this.#projectors.changed()
    return this.view()
  }

  /** A camera was deleted, or is called otherwise: the dashboard's wall shows it too. */
  cameraChanged(camera: string, removed: boolean): void {
    const seat = this.#seatOf(camera)
    if (!seat) return
    if (removed) this.leave(seat, 'its camera was deleted')
    else this.#projectors.changed()
  }

  /** Idempotent. */
  end(why: string, error = new PortholeError('stage.ended')): void {
    if (this.#ended) return
    this.#ended = true
    this.#stopEnd()
    this.#stopUnseen?.()
    this.#stopCode()
    for (const code of [this.#code, this.#codeBefore]) this.#options.codes.withdraw(code)
    for (const seat of [...this.#seats.values()]) this.leave(seat, 'the stage ended', error)
    for (const phone of [...this.knocking]) phone.end(error)
    this.#projectors.close(error)
    this.#options.log.info({ stage: this.id, why }, 'stage ended')
    this.#options.onEnd(this)
  }

  /** Gives a seat its camera on the wall. */
  #place(seat: Seat): void {
    const { cameras, lending, bus } = this.#options
    const { id: camera } = cameras.createTemporary(seat.name, this.host)
    seat.place = { camera, key: lending.lend(camera) }
    if (seat.muted) bus.find(camera)?.mute(true)
    seat.welcome(this.#spotlight)
  }

  #update(seat: Seat): void {
    if (seat.place) seat.tell({ type: 'update', muted: seat.muted, spotlight: this.#spotlight === seat.place.camera })
  }

  #viewOf(seat: Seat): Participant {
    return seat.view(seat.place && this.#options.cameras.find(seat.place.camera)?.name)
  }

  #known(id: string): Seat {
    const seat = this.#seats.get(id)
    if (!seat) throw new PortholeError('participant.unknown')
    return seat
  }

  #seatOf(camera: string | null): Seat | undefined {
    return camera === null ? undefined : [...this.#seats.values()].find(({ place }) => place?.camera === camera)
  }

  #count(placed: boolean): number {
    return [...this.#seats.values()].filter(({ place }) => (place !== undefined) === placed).length
  }

  #newCode(): void {
    const { codes, clock } = this.#options
    codes.withdraw(this.#codeBefore)
    this.#codeBefore = this.#code || undefined
    this.#code = codes.issue(this.id)
    this.#codeExpiresAt = clock.now() + CODE_MS * 1000
    this.#stopCode = clock.after(CODE_MS, () => this.#newCode())
    this.#projectors.changed()
  }

  #seen(seen: boolean): void {
    this.#stopUnseen?.()
    this.#stopUnseen = seen ? undefined : this.#options.clock.after(UNSEEN_MS, () => this.end('nobody showed it'))
  }
}
