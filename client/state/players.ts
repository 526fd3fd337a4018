import { createStore } from 'zustand/vanilla'
import type { PlayerStatus } from '../player/types.ts'

/** Points of the age curve. */
const MAX_AGES = 90
/** Milliseconds between two points. */
const AGE_STEP_MS = 500

export interface PlayerView {
  readonly status: PlayerStatus
  /** Frame ages in ms, oldest first, one in half a second; null where no picture came. */
  readonly ages: readonly (number | null)[]
}

export type Players = ReturnType<typeof createPlayers>

/** What the players on this page say of themselves, by key (`page:ID`, `tile:ID`). */
export function createPlayers(now: () => number = () => performance.now()) {
  const store = createStore<Readonly<Record<string, PlayerView>>>(() => ({}))
  const lastStep = new Map<string, number>()

  return {
    store,
    update(key: string, status: PlayerStatus): void {
      const before = store.getState()[key]?.ages ?? []
      const due = now() - (lastStep.get(key) ?? Number.NEGATIVE_INFINITY) >= AGE_STEP_MS
      if (due) lastStep.set(key, now())
      const showing = status.state === 'live' || status.state === 'behind'
      const ages = due ? [...before, showing ? status.age : null].slice(-MAX_AGES) : before
      store.setState({ [key]: { status, ages } })
    },
    remove(key: string): void {
      lastStep.delete(key)
      const { [key]: _, ...rest } = store.getState()
      store.setState(rest, true)
    },
  }
}

/** Where on the page a camera is shown. */
export type Place = 'tile' | 'page'

export const playerKey = (camera: string, place: Place): string => `${place}:${camera}`
