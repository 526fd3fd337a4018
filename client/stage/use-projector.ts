import { useStore } from 'zustand'
import { appUrl, call, notices } from '../state/stores.ts'
import { connect, socketUrl } from '../transport/socket.ts'
import { createProjector, type ProjectorState } from './projector-store.ts'

/** The stage of this page. */
export const projector = createProjector({ call, connect, url: (path) => socketUrl(appUrl(path)), notices })

export const useProjector = <T>(selector: (state: ProjectorState) => T): T => useStore(projector.store, selector)
