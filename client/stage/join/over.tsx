import type { ErrorCode } from '../../../shared/protocol/errors.ts'
import { adviceForJoin, stageTexts } from '../../state/stage-texts.ts'
import { texts } from '../../state/texts.ts'
import { appUrl } from '../../transport/base.ts'
import { Button } from '../../ui/controls.tsx'
import type { JoinState } from './join-store.ts'

/** After these the same code may still be good. */
const WORTH_ANOTHER: ReadonlySet<ErrorCode> = new Set([
  'stage.locked',
  'stage.full',
  'participant.removed',
  'request.rate',
  'request.timeout',
  'server.limit',
])

/** It is over, or did not begin: why, and what can be done. */
export function Over({ why, onAgain }: { why: JoinState['why']; onAgain: () => void }) {
  const text = stageTexts.join
  const code = why === 'left' || why === null ? undefined : why
  const { title, text: words } = code ? adviceForJoin(code) : text.left
  return (
    <main className="join-main" role={code ? 'alert' : undefined}>
      <h1>{title}</h1>
      <p>{words}</p>
      <div className="join-buttons">
        {code === undefined && (
          <Button className="primary large" onClick={onAgain}>
            {text.again}
          </Button>
        )}
        {code !== undefined && WORTH_ANOTHER.has(code) && (
          <Button className="primary large" onClick={onAgain}>
            {texts.actions.tryAgain}
          </Button>
        )}
        {code === 'stage.code' && (
          <a className="button large primary" href={appUrl('/join').href}>
            <span>{text.otherCode}</span>
          </a>
        )}
      </div>
    </main>
  )
}
