import type { Stage } from '../../shared/model/stage.ts'
import type { ToProjector } from '../../shared/protocol/stage.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { TokenBucket } from '../base/rate.ts'
import type { MessageSocket } from '../base/socket.ts'

/** Milliseconds in which changes of a stage become one: thirty phones that join are not thirty messages. */
const COALESCE_MS = 100
/** Reactions a second that a stage passes on, twice as many in a burst: more nobody sees. */
const REACTIONS_PER_SECOND = 30
/** Bytes that may wait for a projector that does not read. */
const MAX_BACKLOG_BYTES = 1024 * 1024
/** Projectors of one stage. */
const MAX_PROJECTORS = 20

export interface ProjectorsOptions {
  readonly clock: Clock
  readonly view: () => Stage
  /** The first came, or the last went. */
  readonly onSeen: (seen: boolean) => void
}

/** Who shows a stage: each is told all of it at each change, and the reactions as they come. */
export class Projectors {
  readonly #options: ProjectorsOptions
  readonly #sockets = new Set<MessageSocket>()
  readonly #reactions = new TokenBucket(REACTIONS_PER_SECOND)
  #stopFlush: (() => void) | undefined

  constructor(options: ProjectorsOptions) {
    this.#options = options
  }

  /** @throws PortholeError server.limit */
  open(socket: MessageSocket): void {
    if (this.#sockets.size >= MAX_PROJECTORS) throw new PortholeError('server.limit')
    // Nothing is taken here: what the host does goes by the contract.
    const refuse = () => socket.close(new PortholeError('message.invalid', 'the projector’s socket takes no messages'))
    socket.onText = refuse
    socket.onBinary = refuse
    socket.onClose = () => {
      if (this.#sockets.delete(socket) && this.#sockets.size === 0) this.#options.onSeen(false)
    }
    this.#sockets.add(socket)
    if (this.#sockets.size === 1) this.#options.onSeen(true)
    this.#send(socket, JSON.stringify(this.#stage()))
  }

  changed(): void {
    this.#stopFlush ??= this.#options.clock.after(COALESCE_MS, () => {
      this.#stopFlush = undefined
      this.#tell(this.#stage())
    })
  }

  reacted(reaction: Extract<ToProjector, { type: 'reaction' }>): void {
    if (this.#reactions.take(this.#options.clock.monotonic())) this.#tell(reaction)
  }

  close(error: PortholeError): void {
    this.#stopFlush?.()
    for (const socket of [...this.#sockets]) socket.close(error)
  }

  #stage(): ToProjector {
    return { type: 'stage', stage: this.#options.view() }
  }

  #tell(message: ToProjector): void {
    if (this.#sockets.size === 0) return
    const text = JSON.stringify(message)
    for (const socket of this.#sockets) this.#send(socket, text)
  }

  #send(socket: MessageSocket, text: string): void {
    if (socket.backlog > MAX_BACKLOG_BYTES) socket.close(new PortholeError('server.limit', 'the stage was not read in time'))
    else socket.sendText(text)
  }
}
