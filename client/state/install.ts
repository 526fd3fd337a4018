import { createStore } from 'zustand/vanilla'

/** The browser's offer to install the application (Web Incubator CG, Manifest Incubations: BeforeInstallPromptEvent). */
export interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

declare global {
  /** The offer, when it came before the application (client/boot.ts). */
  var installOffer: InstallOffer | undefined
  interface WindowEventMap {
    beforeinstallprompt: InstallOffer
  }
}

export interface InstallOptions {
  readonly target: Pick<EventTarget, 'addEventListener'>
  readonly early?: InstallOffer | undefined
}

export type Install = ReturnType<typeof createInstall>

/** Whether the browser would install this page as an application; it is asked by our own menu, not by its bar. */
export function createInstall({ target, early }: InstallOptions) {
  const store = createStore<{ readonly offer: InstallOffer | null }>(() => ({ offer: early ?? null }))
  target.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    store.setState({ offer: event as InstallOffer })
  })
  target.addEventListener('appinstalled', () => store.setState({ offer: null }))
  return {
    store,
    /** An offer is good once; when it is declined the browser makes another in its own time. */
    async install(): Promise<void> {
      const { offer } = store.getState()
      store.setState({ offer: null })
      await offer?.prompt()
    },
  }
}

/** Lets the browser keep the page for times without a server. Where it may not (a certificate that it does not trust), all is as without. */
export async function keepOfflinePage(script: URL, workers: ServiceWorkerContainer | undefined): Promise<void> {
  try {
    await workers?.register(script)
  } catch {
    // Nothing depends on it.
  }
}
