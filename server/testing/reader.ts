import type { Pressure } from '../../shared/flow/window.ts'
import type { Config, Demand, Gap } from '../../shared/protocol/messages.ts'
import { micros, microsSpan } from '../../shared/units/time.ts'
import type { PortholeError } from '../base/errors.ts'
import type { Channel, Publisher } from '../bus/channel.ts'
import type { Frame } from '../bus/frame.ts'
import type { Reader } from '../bus/subscription.ts'
import type { FakeClock } from './clock.ts'

/** A reader that takes everything, or as much as the test says. */
export class FakeReader implements Reader {
  level_: Pressure = 0
  readonly frames: Frame[] = []
  readonly configs: Config[] = []
  readonly gaps: Gap[] = []
  readonly states: string[] = []
  readonly levels: string[] = []
  ended: PortholeError | undefined

  pressure(): Pressure {
    return this.level_
  }
  frame(frame: Frame): undefined {
    this.frames.push(frame)
  }
  config(config: Config): void {
    this.configs.push(config)
  }
  gap(gap: Gap): void {
    this.gaps.push(gap)
  }
  state(state: 'live' | 'offline'): void {
    this.states.push(state)
  }
  level(rendition: string, layer: number): void {
    this.levels.push(`${rendition}/${layer}`)
  }
  end(error: PortholeError): void {
    this.ended = error
  }
}

/** Temporal layers of L1T3. */
const PATTERN = [0, 2, 1, 2]

/** A publisher that obeys: frames in the pattern 0-2-1-2, key frames when asked. */
export class FakePublisher implements Publisher {
  readonly demands: Demand[] = []
  readonly keys: string[] = []
  ended: PortholeError | undefined
  offer = { renditions: { full: true, thumb: true, picture: true }, audio: false, instance: 'test-instance' }
  readonly #channel: Channel
  readonly #clock: FakeClock
  readonly #counts = { full: 0, thumb: 0 }
  #wantKey = new Set<'full' | 'thumb'>(['full', 'thumb'])

  constructor(channel: Channel, clock: FakeClock) {
    this.#channel = channel
    this.#clock = clock
  }

  attach(takeover = false): this {
    this.#channel.attach(this, takeover)
    this.configure('full')
    this.configure('thumb')
    return this
  }

  configure(rendition: 'full' | 'thumb'): void {
    this.#channel.configure({
      type: 'config',
      epoch: 1,
      kind: 'video',
      rendition,
      codec: 'avc1.42001f',
      width: 640,
      height: 360,
      layers: 3,
    })
    this.#wantKey.add(rendition)
  }

  demand(demand: Demand): void {
    this.demands.push(demand)
  }

  requestKey(rendition: 'full' | 'thumb'): void {
    this.keys.push(rendition)
    this.#wantKey.add(rendition)
  }

  end(error: PortholeError): void {
    this.ended = error
  }

  /** Sends the next frame of a rendition, `bytes` long. */
  send(rendition: 'full' | 'thumb' = 'full', bytes = 1000): Frame {
    const key = this.#wantKey.delete(rendition)
    if (key) this.#counts[rendition] = 0
    const layer = PATTERN[this.#counts[rendition]++ % 4] as number
    return this.#channel.publish(
      { kind: 'video', key, layer, rendition, epoch: 1, sequence: 0, time: this.#clock.now(), duration: microsSpan(33_333) },
      new Uint8Array(bytes),
    )
  }

  picture(): Frame {
    this.#channel.configure({ type: 'config', epoch: 1, kind: 'picture', rendition: 'picture', codec: 'jpeg', width: 640, height: 360 })
    const header = { kind: 'picture', key: true, layer: 0, rendition: 'picture', epoch: 1, sequence: 0 } as const
    return this.#channel.publish(
      { ...header, time: micros(this.#clock.now()), duration: microsSpan(0) },
      new Uint8Array([0xff, 0xd8, 0xff, 0xd9]),
    )
  }
}
