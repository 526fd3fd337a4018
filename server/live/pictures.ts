import type { Pressure } from '../../shared/flow/window.ts'
import type { Clock } from '../base/clock.ts'
import { PortholeError } from '../base/errors.ts'
import type { Channel } from '../bus/channel.ts'
import type { Frame } from '../bus/frame.ts'
import type { Reader } from '../bus/subscription.ts'

/** Milliseconds a snapshot waits for the publisher to make a picture. */
const SNAPSHOT_WAIT_MS = 5000
/** A picture that is not older than this, in µs, is a snapshot of now. */
const SNAPSHOT_FRESH_US = 1_000_000

/** A reader that gets pictures and nothing else. HTTP readers cannot acknowledge: `room` is all there is to bound them. */
function pictureReader(options: { room: () => boolean; picture: (frame: Frame) => void; end: (error: PortholeError) => void }): Reader {
  return {
    pressure: (): Pressure => (options.room() ? 0 : 3),
    frame(frame) {
      options.picture(frame)
      return undefined
    },
    config: () => {},
    gap: () => {},
    level: () => {},
    state: () => {},
    end: options.end,
  }
}

/**
 * The camera's picture of now: the newest when it is fresh, else one made for this, else (offline, or none came) the last there was.
 * @throws PortholeError camera.offline when there never was one; camera.deleted and the like when the camera goes meanwhile
 */
export async function snapshot(channel: Channel, clock: Clock, signal: AbortSignal): Promise<Frame> {
  const newest = () => channel.lastPicture
  const fresh = newest()
  if (fresh && (channel.pushed || clock.now() - fresh.time < SNAPSHOT_FRESH_US)) return fresh
  if (channel.resolve('picture')) {
    const made = await nextPicture(channel, clock, signal)
    if (made) return made
  }
  const last = newest()
  if (!last) throw new PortholeError('camera.offline')
  return last
}

function nextPicture(channel: Channel, clock: Clock, signal: AbortSignal): Promise<Frame | undefined> {
  return new Promise((resolve, reject) => {
    const asked = clock.now()
    const done = (finish: () => void) => {
      cancel()
      signal.removeEventListener('abort', give)
      channel.unsubscribe(subscription)
      finish()
    }
    const give = () => done(() => resolve(undefined))
    const cancel = clock.after(SNAPSHOT_WAIT_MS, give)
    signal.addEventListener('abort', give, { once: true })
    const subscription = channel.subscribe(
      pictureReader({
        room: () => true,
        // A join may hand over a picture from before; the one that was asked for is not far.
        picture: (frame) => frame.time >= asked - SNAPSHOT_FRESH_US && queueMicrotask(() => done(() => resolve(frame))),
        end: (error) => queueMicrotask(() => done(() => reject(error))),
      }),
    )
    subscription.watch({ rendition: 'picture', audio: false })
  })
}

/** Calls `write` for each picture of the camera while there is `room`, until the camera ends or `signal` aborts. */
export function pictures(channel: Channel, room: () => boolean, write: (frame: Frame) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      channel.unsubscribe(subscription)
      resolve()
    }
    const subscription = channel.subscribe(pictureReader({ room, picture: write, end: stop }))
    signal.addEventListener('abort', stop, { once: true })
    subscription.watch({ rendition: 'picture', audio: false })
    if (signal.aborted) stop()
  })
}
