import type { FeedMessage } from '../../shared/contract/feed.ts'
import type { Camera } from '../../shared/model/camera.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Avatar } from '../base/handlers.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { Bus } from '../bus/bus.ts'
import { type Cameras, statusOf } from './cameras.ts'

/** Milliseconds in which status changes of a camera become one: a wall that reloads is not thirty events. */
const STATUS_COALESCE_MS = 100
/** Bytes that may wait for a client that does not read; it gets a fresh snapshot when it comes back. */
const MAX_BACKLOG_BYTES = 1024 * 1024

/** The contract's topics as JSON on `/ws/events`: a snapshot, then changes. Each is written once, and told to who may watch its camera now. */
export class CameraFeed {
  readonly #cameras: Cameras
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #sockets = new Map<MessageSocket, Avatar>()
  readonly #changed = new Set<string>()
  #stopFlush: (() => void) | undefined

  constructor(cameras: Cameras, bus: Bus, clock: Clock) {
    this.#cameras = cameras
    this.#bus = bus
    this.#clock = clock
    cameras.events.on('changed', (payload) => {
      this.#tell(payload, { type: 'event', topic: 'porthole.camera.changed', payload })
      this.#statusChanged(payload.id)
    })
    cameras.events.on('removed', (id, owner) =>
      this.#tell({ id, owner }, { type: 'event', topic: 'porthole.camera.removed', payload: { id } }),
    )
    bus.events.on('status', ({ id }) => this.#statusChanged(id))
  }

  open(socket: MessageSocket, avatar: Avatar): void {
    // Nothing is taken here: the feed only tells.
    const refuse = () => socket.close(new PortholeError('message.invalid', 'the events socket takes no messages'))
    socket.onText = refuse
    socket.onBinary = refuse
    socket.onClose = () => this.#sockets.delete(socket)
    this.#sockets.set(socket, avatar)
    this.#tellAll(socket, avatar)
  }

  /** What a user may see changed: they are told all of it anew. */
  refresh(user: string): void {
    for (const [socket, avatar] of this.#sockets) if (avatar.user === user) this.#tellAll(socket, avatar)
  }

  close(error: PortholeError): void {
    this.#stopFlush?.()
    for (const socket of this.#sockets.keys()) socket.close(error)
  }

  #statusChanged(id: string): void {
    this.#changed.add(id)
    this.#stopFlush ??= this.#clock.after(STATUS_COALESCE_MS, () => {
      this.#stopFlush = undefined
      for (const changed of this.#changed) {
        const camera = this.#cameras.find(changed)
        for (const payload of camera ? this.#status(changed) : [])
          this.#tell(camera as Camera, { type: 'event', topic: 'porthole.camera.status', payload })
      }
      this.#changed.clear()
    })
  }

  #status(id: string) {
    const channel = this.#bus.find(id)
    return channel ? [statusOf(channel)] : []
  }

  #tellAll(socket: MessageSocket, avatar: Avatar): void {
    const cameras = this.#cameras.list().filter((camera) => avatar.may('watch', camera))
    const status = cameras.flatMap(({ id }) => this.#status(id))
    this.#send(socket, JSON.stringify({ type: 'snapshot', cameras, status } satisfies FeedMessage))
  }

  #tell(camera: Pick<Camera, 'id' | 'owner'>, message: FeedMessage): void {
    const text = JSON.stringify(message)
    for (const [socket, avatar] of this.#sockets) if (avatar.may('watch', camera)) this.#send(socket, text)
  }

  #send(socket: MessageSocket, text: string): void {
    if (socket.backlog > MAX_BACKLOG_BYTES) socket.close(new PortholeError('server.limit', 'events were not read in time'))
    else socket.sendText(text)
  }
}
