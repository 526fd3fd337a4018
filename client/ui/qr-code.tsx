import { useEffect, useState } from 'react'
import './qr-code.css'

/** Modules of light around it (ISO/IEC 18004: quiet zone). */
const QUIET = 4

/** A text as a QR code, drawn when its encoder is there: nothing else waits for it, and its place is kept. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [code, setCode] = useState<{ readonly path: string; readonly size: number } | null>(null)
  useEffect(() => {
    let gone = false
    const draw = async () => {
      const { encode } = await import('uqr')
      const { data, size } = encode(text, { border: QUIET })
      const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
      if (!gone) setCode({ path, size })
    }
    // The address stands beside it.
    void draw().catch(() => {})
    return () => {
      gone = true
    }
  }, [text])
  return (
    <div className="qr-code">
      {code && (
        <svg viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label} shapeRendering="crispEdges">
          <path d={code.path} />
        </svg>
      )}
    </div>
  )
}
