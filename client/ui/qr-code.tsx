import { useEffect, useState } from 'react'
import './qr-code.css'

/** Modules of light around it (ISO/IEC 18004: quiet zone). */
const QUIET = 4
/** Pixels of one module in a file. */
const FILE_SCALE = 16

interface Code {
  readonly path: string
  readonly size: number
}

/** A text as a QR code, drawn when its encoder is there: nothing else waits for it, and its place is kept. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [code, setCode] = useState<Code | null>(null)
  useEffect(() => {
    let gone = false
    // The address stands beside it: without the encoder there is no picture of it.
    encoded(text).then(
      (code) => !gone && setCode(code),
      () => {},
    )
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

/** The same as a file. */
export async function qrFile(text: string): Promise<Blob> {
  const { size, path } = await encoded(text)
  const side = size * FILE_SCALE
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${side}" height="${side}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}"/></svg>`
  return new Blob([svg], { type: 'image/svg+xml' })
}

async function encoded(text: string): Promise<Code> {
  const { encode } = await import('uqr')
  const { data, size } = encode(text, { border: QUIET })
  return { path: data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join(''), size }
}
