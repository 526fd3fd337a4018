import { Check, Copy } from 'lucide-react'
import { useRef, useState } from 'react'
import { landingTexts } from '../state/landing-texts.ts'
import { IconButton } from './controls.tsx'
import './code-line.css'

/** Milliseconds that a copy is confirmed. */
const CONFIRMED_MS = 1500

/** A line for a terminal, to be copied. */
export function CodeLine({ children }: { children: string }) {
  const code = useRef<HTMLElement>(null)
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(children)
      setCopied(true)
      setTimeout(() => setCopied(false), CONFIRMED_MS)
    } catch {
      // Browsers lend the clipboard to secure pages only: it stands there to be copied by hand.
      if (code.current) getSelection()?.selectAllChildren(code.current)
    }
  }
  return (
    <div className="code-line">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
      <code ref={code} tabIndex={0}>
        {children}
      </code>
      <IconButton
        icon={copied ? Check : Copy}
        label={copied ? landingTexts.copied : landingTexts.copy}
        onClick={() => void copy()}
        aria-live="polite"
      />
    </div>
  )
}
