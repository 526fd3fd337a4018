import { useEffect, useRef } from 'react'
import { overlays } from '../state/stores.ts'

/** Single keys, by `KeyboardEvent.key`. Answering false lets the key have its usual effect. */
export type Shortcuts = Readonly<Record<string, (() => unknown) | undefined>>

/** Keys of a page while the component is there; not while a dialog or menu is open or text is being typed. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts)
  useEffect(() => {
    current.current = shortcuts
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
      if (overlays.isOpen() || isEditable(event.target)) return
      const run = Object.hasOwn(current.current, event.key) ? current.current[event.key] : undefined
      if (run && run() !== false) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

const isEditable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
