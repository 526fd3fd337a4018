import { Copy } from 'lucide-react'
import { useRef } from 'react'
import type { Share } from '../../../shared/model/share.ts'
import { shareTexts } from '../../state/share-texts.ts'
import { notices } from '../../state/stores.ts'
import { IconButton } from '../controls.tsx'

const words = shareTexts.dialog

/** What one pastes into a page of one's own: the element, or the frame. */
export function EmbedCode({ share: { token, url }, title }: { share: Share; title: string }) {
  const base = url.slice(0, -`/share/${token}`.length)
  const element = `<script src="${base}/embed.js" async></script>\n<porthole-view share="${token}" controls></porthole-view>`
  const frame = `<iframe src="${base}/embed/${token}" title="${attribute(title)}" allow="autoplay; fullscreen" style="width: 100%; aspect-ratio: 16 / 9; border: 0"></iframe>`
  return (
    <details className="embed-code">
      <summary>{words.embed}</summary>
      <p className="quiet">{words.embedText}</p>
      <Code text={element} label={words.embed} />
      <p className="quiet">{words.frame}</p>
      <Code text={frame} label={words.frame} />
    </details>
  )
}

function Code({ text, label }: { text: string; label: string }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      notices.add({ text: words.codeCopied })
    } catch {
      // Browsers lend the clipboard to secure pages only: it stands there to be copied by hand.
      field.current?.select()
    }
  }
  return (
    <div className="code">
      <textarea
        ref={field}
        readOnly
        rows={5}
        value={text}
        aria-label={label}
        spellCheck={false}
        onFocus={(event) => event.currentTarget.select()}
      />
      <IconButton icon={Copy} label={words.copyCode} onClick={() => void copy()} />
    </div>
  )
}

/** A name between double quotes. */
const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
