import { type ComponentType, useCallback, useEffect, useState } from 'react'
import { texts } from '../state/texts.ts'
import { Button } from './controls.tsx'
import { useAgain } from './hooks.ts'
import { MessagePage } from './message-page.tsx'

/**
 * A part of the application that is loaded when it is first needed. Where it cannot be loaded (the server is away, or was replaced) the
 * rest stays as it is, and it is tried again when the server is back.
 */
export function usePart<P>(load: () => Promise<{ default: ComponentType<P> }>, needed: boolean) {
  const [part, setPart] = useState<{ readonly Part: ComponentType<P> } | null>(null)
  const [failed, setFailed] = useState(false)
  const begin = useCallback(async () => {
    try {
      const loaded = await load()
      setPart({ Part: loaded.default })
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }, [load])
  useEffect(() => {
    if (needed && !part) void begin()
  }, [needed, part, begin])
  useAgain(failed, begin)
  return { Part: part?.Part, failed, begin }
}

/** Stands where a part would, which could not be loaded. */
export const PartFailed = ({ onRetry }: { onRetry: () => void }) => (
  <MessagePage title={texts.partFailed.title} text={texts.partFailed.text} role="alert">
    <Button className="primary" onClick={onRetry}>
      {texts.actions.tryAgain}
    </Button>
    <Button onClick={() => location.reload()}>{texts.actions.reload}</Button>
  </MessagePage>
)
