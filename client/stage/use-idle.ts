import { useEffect, useState } from 'react'

/** Milliseconds without a movement after which the controls go. */
const IDLE_MS = 3500

/** Whether nobody moved a pointer or pressed a key for a while. */
export function useIdle(enabled: boolean): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const wake = () => {
      clearTimeout(timer)
      setIdle(false)
      if (enabled) timer = setTimeout(() => setIdle(true), IDLE_MS)
    }
    wake()
    const events = ['pointermove', 'pointerdown', 'keydown'] as const
    for (const event of events) addEventListener(event, wake)
    return () => {
      clearTimeout(timer)
      for (const event of events) removeEventListener(event, wake)
    }
  }, [enabled])
  return idle
}
