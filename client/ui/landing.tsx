import { Flower2, type LucideIcon, Smartphone, Upload } from 'lucide-react'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { useLocation } from 'wouter'
import type { OutputOf } from '../../shared/contract/index.ts'
import type { CameraSource } from '../../shared/model/camera.ts'
import { landingTexts } from '../state/landing-texts.ts'
import { appUrl, call, notices, overlays } from '../state/stores.ts'
import { wordsFor } from '../state/texts.ts'
import { CodeLine } from './code-line.tsx'
import { Button } from './controls.tsx'
import { UseCameraButton } from './header.tsx'
import { useMay, useSession } from './hooks.ts'
import { Scene } from './mark.tsx'
import { MessagePage } from './message-page.tsx'
import { QrCode } from './qr-code.tsx'
import './landing.css'

type About = OutputOf<'porthole.server.get'>

/** Where there is no camera: the way to the first, and calmly the others. */
export function Landing() {
  if (!useMay('operator')) return <MessagePage picture={<Scene />} title={landingTexts.title} text={landingTexts.viewerText} />
  return (
    <MessagePage picture={<Scene />} title={landingTexts.title} text={landingTexts.text}>
      <UseCameraButton className="large" />
      <p className="quiet">{landingTexts.note}</p>
      <Ways />
    </MessagePage>
  )
}

function Ways() {
  const [about, setAbout] = useState<About | null>(null)
  useEffect(() => {
    // Without an answer they stand there without what it would tell.
    void call('porthole.server.get', {}).then(setAbout, () => {})
  }, [])
  return (
    <section className="ways" aria-label={landingTexts.others}>
      <Phone about={about} />
      <Uploads />
      <Demo about={about} />
    </section>
  )
}

function Way({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section className="way" aria-labelledby={id}>
      <h3 id={id}>
        <Icon aria-hidden="true" /> {title}
      </h3>
      {children}
    </section>
  )
}

function Phone({ about }: { about: About | null }) {
  const words = landingTexts.phone
  const hasPassword = useSession(({ session }) => session?.hasPassword ?? true)
  // A camera is for https pages alone; the same port answers it.
  const url = about?.reach === 'network' ? about.url.replace(/^http:/, 'https:') : about?.url
  return (
    <Way icon={Smartphone} title={words.title}>
      {about && about.reach !== 'machine' && url && (
        <div className="way-code">
          <p>
            {words.scan} {about.reach === 'network' && words.certificate} <span className="way-address">{url}</span>
          </p>
          <QrCode text={url} label={words.code(url)} />
        </div>
      )}
      {about?.reach === 'machine' && (
        <>
          <p>{words.closed}</p>
          <div className="way-act">
            {hasPassword ? (
              <CodeLine>{words.command}</CodeLine>
            ) : (
              <Button onClick={() => overlays.openDialog({ kind: 'password' })}>{words.password}</Button>
            )}
          </div>
        </>
      )}
    </Way>
  )
}

function Uploads() {
  const words = landingTexts.upload
  const [, navigate] = useLocation()
  const make = useMake(words.name, { kind: 'upload' }, (id) => navigate(`/camera/${id}/access`))
  return (
    <Way icon={Upload} title={words.title}>
      <p>{words.text}</p>
      <div className="way-act">
        <CodeLine>{words.command(appUrl('').href.replace(/\/$/, ''))}</CodeLine>
        <Button onClick={make}>{words.make}</Button>
      </div>
    </Way>
  )
}

function Demo({ about }: { about: About | null }) {
  const words = landingTexts.demo
  const make = useMake(words.name, { kind: 'demo' }, () => {})
  return (
    <Way icon={Flower2} title={words.title}>
      <p>{about?.demo === false ? words.off : words.text}</p>
      <div className="way-act">
        {about?.demo === true && <Button onClick={make}>{words.make}</Button>}
        {about?.demo === false && <CodeLine>{words.command}</CodeLine>}
      </div>
    </Way>
  )
}

/** Makes a camera once at a time; what goes wrong is told. */
function useMake(name: string, source: CameraSource, onMade: (id: string) => void): () => void {
  const [busy, setBusy] = useState(false)
  const make = async () => {
    setBusy(true)
    try {
      const { id } = await call('porthole.camera.create', { name, source })
      onMade(id)
    } catch (error) {
      notices.add({ kind: 'error', text: wordsFor(error) })
      setBusy(false)
    }
  }
  return () => void (busy || make())
}
