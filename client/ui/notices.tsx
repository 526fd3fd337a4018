import { X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Notice } from '../state/notices.ts'
import { notices } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { IconButton } from './controls.tsx'
import { useNotices } from './hooks.ts'
import './notices.css'

/** Short messages in a corner. The region is always there: what appears in it is read aloud. */
export function Notices() {
  const list = useNotices((state) => state.list)
  return (
    <section className="notices" aria-label={texts.notices.label} aria-live="polite">
      {list.map((notice) => (
        <Shown key={notice.id} notice={notice} />
      ))}
    </section>
  )
}

function Shown({ notice: { id, kind, text, action, stays } }: { notice: Notice }) {
  const [held, setHeld] = useState(false)
  const left = useRef(stays)
  useEffect(() => {
    // Nobody's notice goes away under their pointer or focus.
    if (held) return
    const since = performance.now()
    const timer = setTimeout(() => notices.dismiss(id), left.current)
    return () => {
      clearTimeout(timer)
      left.current -= performance.now() - since
    }
  }, [held, id])
  const hold = () => setHeld(true)
  const release = () => setHeld(false)

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: these hold the time, and do nothing else
    <div
      className={`notice ${kind}`}
      onPointerEnter={action ? undefined : hold}
      onPointerLeave={action ? undefined : release}
      onFocus={action ? undefined : hold}
      onBlur={action ? undefined : release}
    >
      <p>{text}</p>
      {action && (
        <button
          type="button"
          className="notice-action"
          onClick={() => {
            notices.dismiss(id)
            action.run()
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon={X} label={texts.actions.dismiss} onClick={() => notices.dismiss(id)} />
    </div>
  )
}
