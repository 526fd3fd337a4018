import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { ApiError } from '../../shared/client/call.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { texts, wordsFor } from '../state/texts.ts'
import { Button } from '../ui/controls.tsx'
import { useTitle } from '../ui/hooks.ts'
import { MessagePage } from '../ui/message-page.tsx'
import { Projection } from './projection.tsx'
import { projector, useProjector } from './use-projector.ts'

/** The page for a projector: it opens the user's stage, and shows who is on it. */
export default function StagePage() {
  const phase = useProjector((state) => state.phase)
  const stage = useProjector((state) => state.stage)
  const error = useProjector((state) => state.error)
  const [attempt, setAttempt] = useState(0)
  useTitle(texts.title(stageTexts.title))
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens it again
  useEffect(() => {
    void projector.open()
    return projector.close
  }, [attempt])
  const again = () => setAttempt((before) => before + 1)

  if (phase === 'ended')
    return (
      <MessagePage title={stageTexts.endedTitle} text={stageTexts.endedText}>
        <Button className="primary" onClick={again}>
          {stageTexts.another}
        </Button>
        <Back />
      </MessagePage>
    )
  if (phase === 'failed') {
    const refused = error instanceof ApiError && error.code === 'auth.role'
    return (
      <MessagePage
        title={refused ? stageTexts.notAllowed.title : stageTexts.failedTitle}
        text={refused ? stageTexts.notAllowed.text : wordsFor(error)}
        role="alert"
      >
        {!refused && (
          <Button className="primary" onClick={again}>
            {texts.actions.tryAgain}
          </Button>
        )}
        <Back />
      </MessagePage>
    )
  }
  return stage ? <Projection stage={stage} /> : <p className="hidden">{stageTexts.opening}</p>
}

const Back = () => (
  <Link href="/" className="button">
    <span>{texts.actions.back}</span>
  </Link>
)
