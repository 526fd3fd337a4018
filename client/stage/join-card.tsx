import { Lock } from 'lucide-react'
import type { Stage } from '../../shared/model/stage.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { QrCode } from '../ui/qr-code.tsx'

/** How a phone joins: a code to scan, and an address short enough to type. */
export function JoinCard({ stage }: { stage: Stage }) {
  const { joinUrl, code, locked, reach } = stage
  const text = stageTexts.card
  const address = joinUrl.replace(/^https?:\/\//, '').replace(/\/[^/]*$/, '')
  return (
    <aside className="join-card" aria-label={text.label}>
      <h2>{text.title}</h2>
      <div className="join-qr">
        <QrCode text={joinUrl} label={text.qr(joinUrl)} />
        {locked && (
          <p className="join-locked">
            <Lock aria-hidden="true" /> {text.locked}
          </p>
        )}
      </div>
      <p className="join-words">
        {text.or} <strong className="join-address">{address}</strong> {text.code}
      </p>
      <p className="join-code" data-code={code}>
        {code.slice(0, 3)} <span>{code.slice(3)}</span>
      </p>
      {reach === 'machine' && <p className="join-note">{text.machine}</p>}
    </aside>
  )
}
