import { createStore } from 'zustand/vanilla'
import type { createPlayer } from '../player/player.ts'
import type { Entering, Player, PlayerStatus } from '../player/types.ts'
import type { KeyValue } from '../state/storage.ts'

export interface WatchState {
  readonly status: PlayerStatus | null
  readonly player: Player | null
  readonly sound: boolean
}

export interface WatchOptions {
  /** Address of the link's viewers. */
  readonly url: string
  readonly createPlayer: typeof createPlayer
  readonly dropAhead: () => void
  /** Where the passcode is kept for the reload of this tab. */
  readonly storage: KeyValue
}

export type Watch = ReturnType<typeof createWatch>

const PASSCODE_KEY = 'porthole.passcode'

/** One shared link being watched in one page. */
export function createWatch({ url, createPlayer, dropAhead, storage }: WatchOptions) {
  const store = createStore<WatchState>(() => ({ status: null, player: null, sound: false }))
  const key = `${PASSCODE_KEY}:${url}`
  let host: HTMLElement | undefined
  let enter: Entering | undefined

  const begin = () => {
    if (!host) return
    store.getState().player?.close()
    const passcode = storage.getItem(key)
    const said: Entering = { ...enter, ...(passcode !== null && { passcode }) }
    store.setState({ status: null, sound: false })
    const player = createPlayer({
      url,
      enter: said,
      host,
      rendition: 'full',
      onStatus: (status) => {
        if (status.error?.code === 'share.wrong') storage.removeItem(key)
        store.setState({ status })
      },
    })
    // A passcode was kept from before: what began without it came to nothing.
    dropAhead()
    store.setState({ player })
  }

  return {
    store,
    /** Shows the picture in an element, until the returned function is called. */
    attach(element: HTMLElement): () => void {
      host = element
      begin()
      return () => {
        host = undefined
        store.getState().player?.close()
        store.setState({ player: null })
      }
    },
    say(passcode: string): void {
      storage.setItem(key, passcode)
      begin()
    },
    /** Another camera of the same link. */
    choose(camera: string): void {
      enter = { camera, again: true }
      begin()
    },
    setSound(sound: boolean): void {
      store.getState().player?.setAudio(sound)
      store.setState({ sound })
    },
  }
}
