import { EventEmitter } from 'node:events'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import { Channel } from './channel.ts'

export interface BusEvents {
  /** A camera's state or number of viewers changed. */
  status: [channel: Channel]
}

/** The only meeting point of features: a channel for each camera, and facts about them. */
export class Bus {
  readonly events = new EventEmitter<BusEvents>()
  readonly #channels = new Map<string, Channel>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    // Features, and one listener for each events socket, listen here.
    this.events.setMaxListeners(0)
  }

  /** Makes the channel of a camera that begins to exist. */
  open(camera: string): Channel {
    const channel = new Channel(camera, this.#clock, { changed: (changed) => this.events.emit('status', changed) })
    this.#channels.set(camera, channel)
    return channel
  }

  /** @throws PortholeError camera.unknown */
  channel(camera: string): Channel {
    const channel = this.#channels.get(camera)
    if (!channel) throw new PortholeError('camera.unknown')
    return channel
  }

  find(camera: string): Channel | undefined {
    return this.#channels.get(camera)
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values()
  }

  /** Ends a camera's channel and everybody on it. */
  close(camera: string, error: PortholeError): void {
    const channel = this.#channels.get(camera)
    this.#channels.delete(camera)
    channel?.end(error)
  }

  closeAll(error: PortholeError): void {
    for (const id of [...this.#channels.keys()]) this.close(id, error)
  }
}
