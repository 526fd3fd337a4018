import { Check, Copy, Download, Mail, Share2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Share } from '../../shared/model/share.ts'
import { download } from '../player/download.ts'
import { shareTexts } from '../state/share-texts.ts'
import { Button, IconButton } from './controls.tsx'
import { QrCode, qrFile } from './qr-code.tsx'
import './share-links.css'

const texts = shareTexts.links
/** Milliseconds that a button says that the link was copied. */
const COPIED_MS = 2500

/** Sites that take a link by their address, with their marks (24 × 24). */
const SITES = [
  {
    name: 'Facebook',
    href: (url: string) => `https://www.facebook.com/sharer/sharer.php?u=${encodeURIComponent(url)}`,
    mark: 'M13.6 22v-8.200h2.800l.5-3.400h-3.300V8.300c0-1 .4-1.800 1.900-1.800h1.500V3.600c-.7-.1-1.500-.2-2.300-.2-2.600 0-4.400 1.600-4.400 4.500v2.500H7.400v3.400h2.900V22z',
  },
  {
    name: 'X',
    href: (url: string, title: string) => `https://x.com/intent/post?url=${encodeURIComponent(url)}&text=${encodeURIComponent(title)}`,
    mark: 'M17.500 3.500h3.100l-6.800 7.700 8 9.300h-6.200l-4.900-5.700-5.600 5.700H2l7.200-8.200L1.600 3.500H8l4.400 5.200zm-1.100 15.200h1.700L7 5.200H5.200z',
  },
  {
    name: 'WhatsApp',
    href: (url: string, title: string) => `https://wa.me/?text=${encodeURIComponent(`${title} ${url}`)}`,
    mark: 'M12 2.500a9.500 9.500 0 0 0-8.200 14.300L2.500 21.500l4.800-1.300A9.500 9.500 0 1 0 12 2.500zm0 2a7.500 7.500 0 1 1-3.900 13.900l-.4-.2-2.400.6.7-2.300-.3-.4A7.500 7.500 0 0 1 12 4.500zM8.900 7.600c-.6 0-1.700.8-1.700 2.200 0 1.900 1.500 3.600 2.300 4.400 1.300 1.300 2.900 2.200 4.300 2.200 1.600 0 2.500-.9 2.500-2 0-.3-.1-.4-.3-.5l-1.900-.9c-.3-.1-.5 0-.6.2l-.7.8c-.2.200-.4.200-.6.100-1-.5-2-1.300-2.600-2.300-.1-.2-.1-.4.1-.6l.5-.6c.1-.2.1-.4 0-.6l-.8-1.800c-.1-.3-.3-.6-.5-.6z',
  },
] as const

/** Everything one does with a link: copy it, pass it on, show it to a phone. */
export function ShareLinks({ url, title, reach }: { url: string; title: string; reach: Share['reach'] }) {
  const field = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState<'yes' | 'refused' | null>(null)
  useEffect(() => {
    if (copied !== 'yes') return
    const timer = setTimeout(() => setCopied(null), COPIED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url)
      setCopied('yes')
    } catch {
      field.current?.select()
      setCopied('refused')
    }
  }
  return (
    <div className="share-links">
      <div className="share-link">
        <input ref={field} readOnly value={url} aria-label={texts.label} onFocus={(event) => event.currentTarget.select()} />
        <Button className="primary" icon={copied === 'yes' ? Check : Copy} onClick={() => void copy()}>
          {copied === 'yes' ? texts.copied : texts.copy}
        </Button>
      </div>
      <p className="quiet" role="status">
        {copied === 'refused' ? texts.byHand : shareTexts.reach[reach]}
      </p>
      <div className="share-out">
        <QrCode text={url} label={texts.qr} />
        <div className="share-sites">
          {'share' in navigator && (
            <IconButton icon={Share2} label={texts.system} onClick={() => void navigator.share({ title, url }).catch(() => {})} />
          )}
          {SITES.map(({ name, href, mark }) => (
            <a key={name} className="icon-button" href={href(url, title)} target="_blank" rel="noreferrer" data-tip={name}>
              <svg viewBox="0 0 24 24" aria-hidden="true" className="site-mark">
                <path d={mark} />
              </svg>
              <span className="hidden">{texts.on(name)}</span>
            </a>
          ))}
          <a
            className="icon-button"
            href={`mailto:?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(url)}`}
            aria-label={texts.mail}
            data-tip={texts.mail}
          >
            <Mail aria-hidden="true" />
          </a>
          <IconButton
            icon={Download}
            label={texts.saveQr}
            onClick={() => void qrFile(url).then((file) => download(file, 'porthole-qr.svg'))}
          />
        </div>
      </div>
    </div>
  )
}
