import { FromVisitor, type Shared } from '../../shared/protocol/messages.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import type { Clock } from '../base/clock.ts'
import { asPortholeError, PortholeError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { MessageSocket } from '../base/socket.ts'
import type { ShareEntry, Shares } from './shares.ts'
import type { Visits } from './visits.ts'

/** Milliseconds in which the first message must come. */
const ENTER_MS = 10_000

export interface EntryOptions {
  readonly shares: Shares
  readonly visits: Visits
  readonly clock: Clock
  readonly log: Log
  /** The name of a camera that there is. */
  readonly nameOf: (camera: string) => string | undefined
  /** Makes the socket a viewer's. @throws PortholeError camera.unknown */
  readonly watch: (camera: string, socket: MessageSocket, may: { readonly audio: boolean }) => void
}

/** Who stands at the door of `/ws/share/:token`. */
export interface Knock {
  readonly token: string
  readonly address: string
  readonly origin: string | undefined
}

/** Takes the first message of a visitor, tells what the share shows, and hands the socket on to be a viewer's. */
export const shareSocket = (options: EntryOptions) => (socket: MessageSocket, knock: Knock) => {
  const cancel = options.clock.after(ENTER_MS, () => socket.close(new PortholeError('request.timeout', 'no enter message came')))
  socket.onClose = cancel
  socket.onBinary = () => socket.close(new PortholeError('frame.unexpected', 'enter must be the first message'))
  socket.onText = (text) => {
    cancel()
    try {
      enter(options, socket, knock, text)
    } catch (error) {
      const refusal = asPortholeError(error)
      if (refusal.code === 'server.internal') options.log.error({ err: error }, 'a visitor could not be let in')
      socket.close(refusal)
    }
  }
}

function enter({ shares, visits, nameOf, watch }: EntryOptions, socket: MessageSocket, knock: Knock, text: string): void {
  const share = shares.find(knock.token, knock.address)
  const parsed = parseMessage(FromVisitor, text)
  if (!parsed.ok) throw new PortholeError(parsed.code, parsed.detail)
  const { camera: wanted, passcode, again = false } = parsed.value
  const leave = visits.enter(share, { ...knock, passcode, again, end: (error) => socket.close(error) })
  try {
    const shown = shownBy(share, wanted, nameOf)
    socket.sendText(JSON.stringify(shown))
    watch(shown.camera, socket, share)
  } catch (error) {
    leave()
    throw error
  }
  const ended = socket.onClose
  socket.onClose = () => {
    leave()
    ended()
  }
}

function shownBy({ label, cameras, audio }: ShareEntry, wanted: string | undefined, nameOf: EntryOptions['nameOf']): Shared {
  const there = cameras.flatMap((id) => {
    const name = nameOf(id)
    return name === undefined ? [] : [{ id, name }]
  })
  const camera = wanted === undefined ? there[0] : there.find(({ id }) => id === wanted)
  if (!camera) throw new PortholeError(wanted === undefined || cameras.includes(wanted) ? 'camera.deleted' : 'camera.unknown')
  return { type: 'share', label, camera: camera.id, cameras: there, audio }
}
