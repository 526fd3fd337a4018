import { createStore } from 'zustand/vanilla'
import type { Publisher, PublisherOptions, PublisherStatus } from '../publisher/types.ts'
import type { Cameras } from './cameras.ts'
import type { Notices } from './notices.ts'
import type { KeyValue } from './storage.ts'
import { textForMicrophone } from './texts.ts'

/** Where a reload finds the camera that this tab publishes, in the tab's storage. */
const TAB_KEY = 'porthole.publishing'
/** The camera that this browser published last, in the browser's storage. */
const LAST_KEY = 'porthole.last-camera'

export interface PublishingState {
  /** The camera that this tab feeds, or null. */
  readonly camera: string | null
  readonly status: PublisherStatus | null
  /** What the camera sees, for the preview. */
  readonly stream: MediaStream | null
  /** The camera was made for this, and never sent anything: who gives up leaves nothing behind. */
  readonly fresh: boolean
}

export interface PublishingOptions {
  readonly createPublisher: (options: PublisherOptions) => Promise<Publisher> | Publisher
  readonly cameras: Pick<Cameras, 'store' | 'create' | 'remove'>
  readonly notices: Pick<Notices, 'add'>
  readonly tabStorage: KeyValue
  readonly browserStorage: KeyValue
}

export type Publishing = ReturnType<typeof createPublishing>

const idle: PublishingState = { camera: null, status: null, stream: null, fresh: false }

/** The one publisher of this tab. It outlives every page of the dashboard, and a reload begins it again. */
export function createPublishing({ createPublisher, cameras, notices, tabStorage, browserStorage }: PublishingOptions) {
  const store = createStore<PublishingState>(() => idle)
  /** Grows with each start and stop: what an earlier one still says counts no more. */
  let turn = 0
  let publisher: Publisher | undefined

  const release = () => {
    const released = publisher
    publisher = undefined
    released?.stop()
  }
  const end = () => {
    turn++
    release()
  }

  const start = async (camera: string, takeover: boolean, fresh = false): Promise<void> => {
    end()
    const mine = turn
    tabStorage.setItem(TAB_KEY, camera)
    browserStorage.setItem(LAST_KEY, camera)
    store.setState({ camera, status: null, stream: null, fresh })
    const onStatus = (status: PublisherStatus) => {
      if (mine !== turn) return
      store.setState((before) => ({ status, stream: publisher?.stream ?? null, fresh: before.fresh && status.state !== 'live' }))
      if (status.error?.kind !== 'server') return
      // Refused for good: the device is let go of, and its light goes out. A reload does not ask again.
      if (status.error.code !== 'publisher.exists') release()
      if (status.error.code.startsWith('camera.')) tabStorage.removeItem(TAB_KEY)
    }
    const made = await createPublisher({ camera, takeover, onStatus })
    if (mine !== turn) return made.stop()
    publisher = made
    store.setState({ stream: made.stream })
  }

  const stop = () => {
    end()
    tabStorage.removeItem(TAB_KEY)
    store.setState(idle)
  }

  // A deletion ends the publisher; when it is undone the camera is fed again as if nothing had been.
  cameras.store.subscribe(({ appeared }, before) => {
    const { camera, status } = store.getState()
    if (camera === null || appeared[camera] === before.appeared[camera]) return
    if (status?.error?.kind === 'server' && status.error.code === 'camera.deleted') void start(camera, false)
  })

  return {
    store,
    /** Makes a camera of this name and feeds it. @throws ApiError, NetworkError when it cannot be made */
    async beginNew(name: string): Promise<string> {
      const { id } = await cameras.create(name, { kind: 'browser' })
      await start(id, false, true)
      return id
    },
    /** Feeds a camera that exists; with `takeover` in the place of whoever does. */
    start: (camera: string, takeover: boolean) => start(camera, takeover, camera === store.getState().camera && store.getState().fresh),
    stop,
    /** Stops, and deletes a camera that was made for this and never sent anything. */
    async discard(): Promise<void> {
      const { camera, fresh } = store.getState()
      stop()
      if (camera !== null && fresh) await cameras.remove(camera)
    },
    /** The camera this browser fed last, when it is there and nobody feeds it. */
    last(): string | null {
      const id = browserStorage.getItem(LAST_KEY)
      const { cameras: known, status } = cameras.store.getState()
      return id !== null && known[id]?.source.kind === 'browser' && !status[id]?.publishing ? id : null
    },
    takeOver: () => publisher?.takeOver(),
    setCamera: async (deviceId: string) => publisher?.setCamera(deviceId),
    /** The picture goes on when the microphone cannot be had; why is told by a notice. */
    async setMicrophone(on: boolean): Promise<void> {
      await publisher?.setMicrophone(on)
      const { status } = store.getState()
      if (on && status?.error?.kind === 'capture' && !status.microphone)
        notices.add({ kind: 'error', text: textForMicrophone(status.error.reason) })
    },
    /**
     * After a load of the page: goes on with the camera this tab published. A reload may find its own old connection
     * still open and takes over; a duplicate of the tab must not.
     */
    async resume(reloaded: boolean): Promise<void> {
      const camera = tabStorage.getItem(TAB_KEY)
      if (camera !== null) await start(camera, reloaded)
    },
  }
}
