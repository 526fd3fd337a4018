import { Lock } from 'lucide-react'
import { useMemo } from 'react'
import { encode } from 'uqr'
import type { Stage } from '../../shared/model/stage.ts'
import { stageTexts } from '../state/stage-texts.ts'

/** Modules of quiet around a QR code (ISO/IEC 18004 asks for four; the card is white beside). */
const QUIET = 2

/** How a phone joins: a code to scan, and an address short enough to type. */
export function JoinCard({ stage }: { stage: Stage }) {
  const { joinUrl, code, locked, reach } = stage
  const text = stageTexts.card
  const address = joinUrl.replace(/^https?:\/\//, '').replace(/\/[^/]*$/, '')
  return (
    <aside className="join-card" aria-label={text.label}>
      <h2>{text.title}</h2>
      <div className="join-qr">
        <Qr url={joinUrl} />
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

function Qr({ url }: { url: string }) {
  const { path, size } = useMemo(() => {
    const { data, size } = encode(url, { ecc: 'M', border: QUIET })
    const runs = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { path: runs.join(''), size }
  }, [url])
  return (
    <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={stageTexts.card.qr(url)} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  )
}
