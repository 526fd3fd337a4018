import { createStore } from 'zustand/vanilla'

/** Milliseconds that a notice stays when nothing else is said. */
const NOTICE_MS = 6000
/** Notices on the screen at once; the oldest makes room. */
const MAX_NOTICES = 4

export interface Notice {
  readonly id: number
  readonly kind: 'done' | 'error'
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void } | undefined
  /** Milliseconds that it stays. */
  readonly stays: number
}

export interface NewNotice {
  readonly kind?: Notice['kind']
  readonly text: string
  readonly action?: Notice['action']
  readonly stays?: number
}

export type Notices = ReturnType<typeof createNotices>

/** Short messages that come by themselves and go again. How long is up to who shows them: the clock stops under a pointer. */
export function createNotices() {
  const store = createStore<{ readonly list: readonly Notice[] }>(() => ({ list: [] }))
  let nextId = 1
  const dismiss = (id: number) => store.setState(({ list }) => ({ list: list.filter((notice) => notice.id !== id) }))

  return {
    store,
    dismiss,
    add({ kind = 'done', text, action, stays = NOTICE_MS }: NewNotice): number {
      const notice: Notice = { id: nextId++, kind, text, action, stays }
      store.setState(({ list }) => ({ list: [...list, notice].slice(-MAX_NOTICES) }))
      return notice.id
    },
    /** Runs the action of the newest notice that has one, as its button would. */
    runNewest(): boolean {
      const notice = store.getState().list.findLast(({ action }) => action)
      if (!notice) return false
      dismiss(notice.id)
      notice.action?.run()
      return true
    },
  }
}
