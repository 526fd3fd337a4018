import { createStore } from 'zustand/vanilla'
import type { Call } from '../../shared/client/call.ts'
import { FeedMessage } from '../../shared/contract/feed.ts'
import { sockets } from '../../shared/contract/index.ts'
import type { Camera, CameraSource } from '../../shared/model/camera.ts'
import { parseMessage } from '../../shared/protocol/parse.ts'
import type { connect, Socket } from '../transport/socket.ts'
import { applyFeed, emptyFleet, type Fleet, withCamera, withoutCamera } from './feed.ts'
import type { Notices } from './notices.ts'
import { texts, wordsFor } from './texts.ts'

/** Bytes of one message of the events socket: a snapshot of some ten thousand cameras. */
const MAX_FEED_BYTES = 4 * 1024 * 1024
/** Milliseconds that a deletion can be undone; the server's own limit, less a round trip. */
const UNDO_MS = 29_000

export interface CamerasState extends Fleet {
  /** lost: it was open, and is being made again. */
  readonly feed: 'connecting' | 'open' | 'lost'
  /** Ids that this page deleted, as long as they are gone: its user needs not be told. */
  readonly removedHere: ReadonlySet<string>
}

export interface CamerasOptions {
  readonly call: Call
  readonly connect: typeof connect
  /** Address of the events socket's server. */
  readonly url: (path: string) => string
  readonly notices: Notices
  /** The feed could not be opened: it may be that nobody is signed in. */
  readonly onUnopened?: () => void
  /** The feed was ended: by another browser, or by an owner. */
  readonly onRevoked?: () => void
}

const initial: CamerasState = { ...emptyFleet, feed: 'connecting', removedHere: new Set() }

export type Cameras = ReturnType<typeof createCameras>

/** Every camera this user may see, live, and what can be done to them. */
export function createCameras({ call, connect, url, notices, onUnopened, onRevoked }: CamerasOptions) {
  const store = createStore<CamerasState>(() => initial)
  let socket: Socket | undefined
  const change = (next: (fleet: CamerasState) => Fleet) => store.setState((state) => next(state))

  const removedHere = (id: string, here: boolean) =>
    store.setState(({ removedHere }) => {
      const ids = new Set(removedHere)
      if (here) ids.add(id)
      else ids.delete(id)
      return { removedHere: ids }
    })

  const start = () => {
    let opened = false
    socket ??= connect({
      url: url(sockets.events.path),
      onText(text) {
        const message = parseMessage(FeedMessage, text, MAX_FEED_BYTES)
        // A server newer than this page; a fresh page knows what it says.
        if (!message.ok) return console.warn('porthole: events:', message.detail)
        const told = message.value
        // It says why before it closes; the close code says it again.
        if (told.type === 'error') return
        opened = true
        store.setState((state) => ({ ...applyFeed(state, told), feed: 'open' }))
      },
      onDown({ code }) {
        if (code === 'auth.revoked') onRevoked?.()
        else if (!opened) onUnopened?.()
        opened = false
        store.setState(({ loaded }) => ({ feed: loaded ? 'lost' : 'connecting' }))
      },
    })
  }

  const restore = async (id: string): Promise<void> => {
    try {
      const camera = await call('porthole.camera.restore', { id })
      removedHere(id, false)
      change((fleet) => withCamera(fleet, camera))
      notices.add({ text: texts.notices.restored(camera.name) })
    } catch (error) {
      notices.add({ kind: 'error', text: wordsFor(error) })
    }
  }

  return {
    store,
    /** Opens the feed; once. */
    start,
    /** Connects now when the feed waits for its next attempt. */
    hurry: () => socket?.reconnect(),
    /** Closes the feed and forgets what it told: the next user may see other cameras. */
    stop(): void {
      socket?.close()
      socket = undefined
      store.setState(initial)
    },
    /** @throws ApiError, NetworkError */
    async create(name: string, source: CameraSource): Promise<Camera> {
      const camera = await call('porthole.camera.create', { name, source })
      change((fleet) => withCamera(fleet, camera))
      return camera
    },
    /** @throws ApiError, NetworkError */
    async rename(id: string, name: string): Promise<void> {
      const camera = await call('porthole.camera.update', { id, name })
      change((fleet) => withCamera(fleet, camera))
    },
    /** Deletes at once and offers to undo it. What fails is told and put back. */
    async remove(id: string): Promise<void> {
      const camera = store.getState().cameras[id]
      if (!camera) return
      change((fleet) => withoutCamera(fleet, id))
      removedHere(id, true)
      try {
        await call('porthole.camera.delete', { id })
        const text = texts.notices.deleted(camera.name)
        // A phone's camera is gone for good.
        if (camera.temporary) notices.add({ text })
        else notices.add({ text, action: { label: texts.notices.undo, run: () => void restore(id) }, stays: UNDO_MS })
      } catch (error) {
        removedHere(id, false)
        change((fleet) => withCamera(fleet, camera))
        notices.add({ kind: 'error', text: wordsFor(error) })
      }
    },
    restore,
  }
}
