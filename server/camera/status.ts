import type { CameraStatus } from '../../shared/model/camera.ts'
import type { Clock } from '../base/clock.ts'
import type { Bus } from '../bus/bus.ts'
import type { EventLog } from '../bus/log.ts'
import { type Cameras, statusOf } from './cameras.ts'

/** Milliseconds in which status changes of a camera become one: a wall that reloads is not thirty events. */
const STATUS_COALESCE_MS = 100

/** Tells the status of cameras when it changes: that one sends is a fact and is kept, how many watch is of the moment. */
export class StatusTeller {
  readonly #cameras: Cameras
  readonly #bus: Bus
  readonly #events: EventLog
  readonly #clock: Clock
  readonly #changed = new Set<string>()
  /** What is known to who reads the log. */
  readonly #known = new Map<string, CameraStatus['state']>()
  #stopFlush: (() => void) | undefined

  private constructor(cameras: Cameras, bus: Bus, events: EventLog, clock: Clock) {
    this.#cameras = cameras
    this.#bus = bus
    this.#events = events
    this.#clock = clock
    bus.events.on('status', ({ id }) => this.#changedNow(id))
    events.onTold(({ kind, camera }) => {
      if (kind === 'camera.created' || kind === 'camera.changed') this.#changedNow(camera.id)
      if (kind === 'camera.removed') this.#known.delete(camera.id)
    })
  }

  /** Cameras that were live when the process before ended are told to be offline. */
  static async load(cameras: Cameras, bus: Bus, events: EventLog, clock: Clock): Promise<StatusTeller> {
    const teller = new StatusTeller(cameras, bus, events, clock)
    for (const { camera, text } of await events.newest('camera.status')) {
      if (!cameras.find(camera.id)) continue
      teller.#known.set(camera.id, (JSON.parse(text) as { payload: CameraStatus }).payload.state)
      teller.#changedNow(camera.id)
    }
    return teller
  }

  close(): void {
    this.#stopFlush?.()
  }

  #changedNow(id: string): void {
    this.#changed.add(id)
    this.#stopFlush ??= this.#clock.after(STATUS_COALESCE_MS, () => {
      this.#stopFlush = undefined
      for (const changed of this.#changed) this.#tell(changed)
      this.#changed.clear()
    })
  }

  #tell(id: string): void {
    const camera = this.#cameras.find(id)
    const channel = this.#bus.find(id)
    if (!camera || !channel) return
    const payload = statusOf(channel)
    const fact = { kind: 'camera.status', camera, payload } as const
    const isNews = (this.#known.get(id) ?? 'offline') !== payload.state
    this.#known.set(id, payload.state)
    // A phone on a stage leaves no trace.
    if (isNews && !camera.temporary) void this.#events.tell(fact)
    else void this.#events.pass(fact)
  }
}
