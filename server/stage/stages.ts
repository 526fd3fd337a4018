import { joinCode } from '../../shared/model/stage.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import type { Avatar, Caller } from '../base/handlers.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { EventLog } from '../bus/log.ts'
import { Codes } from './codes.ts'
import { Guesses } from './guesses.ts'
import { type Knock, Phone } from './phone.ts'
import type { Seat } from './seat.ts'
import { Stage, type StageParts } from './stage.ts'

/** Stages at once. */
export const MAX_STAGES = 20

export interface StagesOptions extends Omit<StageParts, 'codes'> {
  readonly events: Pick<EventLog, 'onTold'>
  /** Whether a user may hold a stage, as is known now. */
  readonly mayHost: (user: string) => boolean
  readonly codes?: Codes
}

/** All stages: in memory, because nothing of them is to stay. */
export class Stages {
  readonly #options: StagesOptions & { readonly codes: Codes }
  readonly #guesses: Guesses
  readonly #stages = new Map<string, Stage>()

  constructor(options: StagesOptions) {
    this.#options = { codes: new Codes(), ...options }
    this.#guesses = new Guesses(options.clock)
    options.events.onTold(({ kind, camera: { id } }) => {
      if (kind === 'camera.removed') this.#each((stage) => stage.cameraChanged(id, true))
      if (kind === 'camera.changed') this.#each((stage) => stage.cameraChanged(id, false))
    })
  }

  /** The stages that somebody may see. */
  list(avatar: Avatar): Stage[] {
    return [...this.#stages.values()].filter((stage) => isHosts(stage, avatar))
  }

  /** @throws PortholeError stage.unknown, of other people's stages too */
  get(id: string, avatar: Avatar): Stage {
    const stage = this.#stages.get(id)
    if (!stage || !isHosts(stage, avatar)) throw new PortholeError('stage.unknown')
    return stage
  }

  /** @throws PortholeError server.limit */
  open(host: string, lobby: boolean | undefined, asked: string | undefined): Stage {
    const open = [...this.#stages.values()].find((stage) => stage.host === host)
    if (!open && this.#stages.size >= MAX_STAGES) throw new PortholeError('server.limit', `there are ${MAX_STAGES} stages already`)
    const stage = open ?? this.#begin(host, lobby === true)
    stage.asked = asked ?? stage.asked
    if (open && lobby !== undefined) stage.update({ lobby })
    return stage
  }

  /** A projector's socket. @throws PortholeError stage.unknown, server.limit */
  show(socket: MessageSocket, id: string, { avatar, asked }: Pick<Caller, 'avatar' | 'asked'>): void {
    const stage = this.get(id, avatar)
    stage.asked = asked ?? stage.asked
    stage.show(socket)
  }

  /** A phone's socket. @param code as it stands in the address */
  knock(socket: MessageSocket, code: string, address: string): Phone {
    const { clock } = this.#options
    return new Phone({ socket, clock, knock: this.#find(code, address), seatBy: (resume) => this.#seatBy(resume) })
  }

  /** A user's role changed, or they are gone. */
  review(user: string): void {
    if (!this.#options.mayHost(user)) this.#each((stage) => stage.host === user && stage.end('its host may hold none'))
  }

  close(error: PortholeError): void {
    this.#each((stage) => stage.end('the server closes', error))
  }

  #begin(host: string, lobby: boolean): Stage {
    const stage = new Stage({ ...this.#options, host, lobby, onEnd: ({ id }) => this.#stages.delete(id) })
    this.#stages.set(stage.id, stage)
    this.#options.log.info({ stage: stage.id, host }, 'stage opened')
    return stage
  }

  #find(typed: string, address: string): Knock {
    try {
      this.#guesses.admit(address)
    } catch (error) {
      return { refusal: asPortholeError(error), wasNoGuess: () => {} }
    }
    const code = joinCode(typed)
    const stage = this.#stages.get((code && this.#options.codes.find(code)) ?? '')
    return stage ? { stage } : { refusal: new PortholeError('stage.code'), wasNoGuess: this.#guesses.wrong(address) }
  }

  #seatBy(resume: string): { readonly stage: Stage; readonly seat: Seat } | undefined {
    for (const stage of this.#stages.values()) {
      const seat = stage.seatBy(resume)
      if (seat) return { stage, seat }
    }
    return undefined
  }

  #each(task: (stage: Stage) => unknown): void {
    for (const stage of [...this.#stages.values()]) task(stage)
  }
}

const isHosts = ({ host }: Stage, { user, role }: Avatar): boolean => role === 'owner' || (user !== undefined && user === host)
