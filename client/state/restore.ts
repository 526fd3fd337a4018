import { createStore } from 'zustand/vanilla'
import { ApiError, type Call } from '../../shared/client/call.ts'
import type { CallWithProgress } from '../../shared/client/progress.ts'
import { procedures } from '../../shared/contract/index.ts'
import type { SettingsDocument, SettingsOutcome, SettingsProgress } from '../../shared/model/settings.ts'

/** Bytes of a file that is taken: what the server takes. */
export const MAX_FILE_BYTES = procedures['porthole.settings.import'].maxBodyBytes ?? 0

/** Why a file is not even sent. */
export type FileFault = 'too-large' | 'no-json'

/** From a file to settings: it is looked at, then its changes are made. */
export type RestoreState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'looking' }
  /** `again`: the changes were to be made, but would have been others by then. */
  | { readonly phase: 'planned'; readonly outcome: SettingsOutcome; readonly again: boolean }
  | { readonly phase: 'applying'; readonly progress: SettingsProgress }
  | { readonly phase: 'applied'; readonly outcome: SettingsOutcome }
  /** `begun`: changes were being made, and some may be. */
  | { readonly phase: 'failed'; readonly error: FileFault | Error; readonly begun: boolean }

export interface RestoreOptions {
  readonly call: Call
  readonly callWithProgress: CallWithProgress
  /** Changes were made, also to who may do what. */
  readonly onApplied?: () => void
}

export type Restore = ReturnType<typeof createRestore>

/** Restores settings from a file, once it was seen what that changes. */
export function createRestore({ call, callWithProgress, onApplied }: RestoreOptions) {
  const store = createStore<RestoreState>(() => ({ phase: 'idle' }))
  const set = (state: RestoreState) => store.setState(state, true)
  let document: SettingsDocument | undefined
  /** What comes late of a file that was put aside is nobody's. */
  let turn = 0

  const failed = (error: unknown, begun = false) => set({ phase: 'failed', error: error instanceof Error ? error : new Error(), begun })

  const look = async (again: boolean): Promise<void> => {
    if (!document) return
    const mine = ++turn
    set({ phase: 'looking' })
    try {
      const outcome = await call('porthole.settings.import', { document })
      if (mine === turn) set({ phase: 'planned', outcome, again })
    } catch (error) {
      if (mine === turn) failed(error)
    }
  }

  return {
    store,
    /** Reads a file and asks what it would change. */
    async choose(file: Blob): Promise<void> {
      const mine = ++turn
      document = undefined
      if (file.size > MAX_FILE_BYTES) return set({ phase: 'failed', error: 'too-large', begun: false })
      set({ phase: 'looking' })
      const text = await file.text().catch(() => '')
      if (mine !== turn) return
      try {
        document = JSON.parse(text.replace(/^\uFEFF/, ''))
      } catch {
        return set({ phase: 'failed', error: 'no-json', begun: false })
      }
      await look(false)
    },
    /** Asks again what the file would change. */
    look: () => look(false),
    /** Makes the changes that were seen; where they would be others by now, those are shown. */
    async apply(): Promise<void> {
      const state = store.getState()
      if (state.phase !== 'planned' || !document) return
      const { plan, changes } = state.outcome
      const mine = ++turn
      set({ phase: 'applying', progress: { done: 0, total: changes.length } })
      try {
        const outcome = await callWithProgress('porthole.settings.import', { document, plan }, (progress) => {
          if (mine === turn) set({ phase: 'applying', progress })
        })
        onApplied?.()
        if (mine === turn) set({ phase: 'applied', outcome })
      } catch (error) {
        if (mine !== turn) return
        if (error instanceof ApiError && error.code === 'settings.plan') await look(true)
        else failed(error, true)
      }
    },
    /** Puts the file aside. */
    cancel(): void {
      turn++
      document = undefined
      set({ phase: 'idle' })
    },
  }
}
