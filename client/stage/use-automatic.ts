import { useEffect, useRef } from 'react'
import { playerKey } from '../state/players.ts'
import { players } from '../state/stores.ts'
import { followMotion, NOBODY } from './automatic.ts'
import type { Shown } from './projection.tsx'
import { projector } from './use-projector.ts'

/** Milliseconds between two looks at who moves. */
const LOOK_MS = 500

/** Turns the spotlight to who moves, while it is enabled. */
export function useAutomatic(enabled: boolean, shown: readonly Shown[], spotlight: string | null): void {
  const current = useRef({ shown, spotlight })
  useEffect(() => {
    current.current = { shown, spotlight }
  })
  useEffect(() => {
    if (!enabled) return
    let state = { ...NOBODY, spotlight: current.current.spotlight, since: performance.now() }
    const timer = setInterval(() => {
      const views = players.store.getState()
      const motions = Object.fromEntries(
        current.current.shown.map(({ camera }) => [camera, views[playerKey(camera, 'tile')]?.status.motion ?? null]),
      )
      const before = state.spotlight
      state = followMotion(state, motions, performance.now())
      if (state.spotlight !== before && state.spotlight !== null) void projector.update({ spotlight: state.spotlight })
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [enabled])
}
