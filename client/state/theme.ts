import { createStore } from 'zustand/vanilla'
import type { KeyValue } from './storage.ts'

/** `public/theme.js` reads the same entry before the first paint. */
const STORAGE_KEY = 'porthole.theme'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export interface ThemeOptions {
  readonly storage: KeyValue
  readonly root: { dataset: DOMStringMap }
}

export type ThemeStore = ReturnType<typeof createTheme>

/** Light, dark, or as the system says. */
export function createTheme({ storage, root }: ThemeOptions) {
  const stored = storage.getItem(STORAGE_KEY)
  const store = createStore<{ readonly theme: Theme }>(() => ({ theme: stored === 'light' || stored === 'dark' ? stored : 'system' }))
  return {
    store,
    set(theme: Theme): void {
      store.setState({ theme })
      if (theme === 'system') {
        storage.removeItem(STORAGE_KEY)
        delete root.dataset.theme
      } else {
        storage.setItem(STORAGE_KEY, theme)
        root.dataset.theme = theme
      }
    },
  }
}
