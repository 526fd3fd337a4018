import { ImageDown, Maximize, Minimize, Share2, Volume2, VolumeX, X } from 'lucide-react'
import { type CSSProperties, useEffect, useRef, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { Share } from '../../shared/model/share.ts'
import { download, pictureFile } from '../player/download.ts'
import { shareTexts } from '../state/share-texts.ts'
import { ageText, viewTexts } from '../state/view-texts.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import { onFullScreen } from '../ui/full-screen.ts'
import { Mark } from '../ui/mark.tsx'
import { ShareLinks } from '../ui/share-links.tsx'
import { PortalMessage } from './message.tsx'
import type { Watch } from './watch.ts'
import './portal.css'

const texts = shareTexts.portal

/** How far the link reaches, as the server said in the page. */
const reachOf = (): Share['reach'] =>
  (document.querySelector<HTMLMetaElement>('meta[name="porthole:reach"]')?.content as Share['reach'] | undefined) ?? 'public'

/** A shared link's page: the picture, its name, how fresh it is, and what a visitor may do. */
export function Portal({ watch, link }: { watch: Watch; link: string }) {
  const { status, player, sound } = useStore(watch.store)
  const host = useRef<HTMLDivElement>(null)
  const stage = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDialogElement>(null)
  useEffect(() => (host.current ? watch.attach(host.current) : undefined), [watch])

  const full = useSyncExternalStore(onFullScreen, () => document.fullscreenElement !== null)
  const state = status?.state ?? 'connecting'
  const showing = state === 'live' || state === 'behind'
  const name = status?.name ?? ''
  const title = status?.share?.label || name || viewTexts.product
  useEffect(() => {
    if (name) document.title = `${title} · ${viewTexts.product}`
  }, [name, title])

  const save = async () => {
    const blob = await player?.snapshot().catch(() => undefined)
    if (blob) download(blob, pictureFile(name))
  }
  const aspect = status && status.height > 0 ? ({ '--aspect': status.width / status.height } as CSSProperties) : undefined
  return (
    <div className="shell portal">
      <header className="header">
        <Mark />
        <h1 className="camera-name">{title}</h1>
        {state !== 'ended' && (
          <span className="badge" data-state={state} role="status">
            <span className="dot" aria-hidden="true" />
            {viewTexts.states[state]}
          </span>
        )}
      </header>
      <main className="camera">
        <div className="stage-area" style={aspect}>
          <div ref={stage} className="stage" data-camera={status?.share?.camera ?? ''} data-state={state}>
            <div ref={host} className="picture" role="img" aria-label={viewTexts.pictureOf(title)} />
            <PortalMessage status={status} onPasscode={watch.say} />
          </div>
        </div>
        <Cameras watch={watch} />
        <div className="camera-bar">
          <p className="portal-age" data-fact="age">
            {showing && status?.age != null ? texts.live(ageText(status.age)) : ''}
          </p>
          <div className="camera-actions">
            {status?.hasAudio && (
              <IconButton
                icon={sound ? Volume2 : VolumeX}
                label={sound ? viewTexts.soundOff : viewTexts.soundOn}
                aria-pressed={sound}
                onClick={() => watch.setSound(!sound)}
              />
            )}
            <IconButton icon={ImageDown} label={viewTexts.snapshot} disabled={!showing} onClick={() => void save()} />
            {document.fullscreenEnabled && (
              <IconButton
                icon={full ? Minimize : Maximize}
                label={full ? viewTexts.leaveFullScreen : viewTexts.fullScreen}
                onClick={() => void (full ? document.exitFullscreen() : stage.current?.requestFullscreen())}
              />
            )}
            {state !== 'ended' && (
              <Button className="primary" icon={Share2} onClick={() => panel.current?.showModal()}>
                {shareTexts.share}
              </Button>
            )}
          </div>
        </div>
        <Secure />
      </main>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, as every dialog */}
      <dialog
        ref={panel}
        className="portal-share"
        aria-label={texts.title(title)}
        onClick={(event) => event.target === panel.current && panel.current.close()}
      >
        <div className="portal-share-in">
          <div className="portal-share-head">
            <h2>{texts.title(title)}</h2>
            <IconButton icon={X} label={texts.close} onClick={() => panel.current?.close()} />
          </div>
          <ShareLinks url={link} title={title} reach={reachOf()} />
        </div>
      </dialog>
    </div>
  )
}

/** The link's cameras, where it has more than one. */
function Cameras({ watch }: { watch: Watch }) {
  const shared = useStore(watch.store, (state) => state.status?.share)
  if (!shared || shared.cameras.length < 2) return null
  return (
    <fieldset className="portal-cameras">
      <legend className="hidden">{texts.cameras}</legend>
      {shared.cameras.map(({ id, name }) => (
        <button key={id} type="button" className="button" aria-pressed={id === shared.camera} onClick={() => watch.choose(id)}>
          {name}
        </button>
      ))}
    </fieldset>
  )
}

/** Over plain http browsers decode no video here: single pictures have to do, or https on the same port. */
function Secure() {
  if (location.protocol !== 'http:' || isSecureContext) return null
  return (
    <p className="quiet portal-secure">
      {texts.secureHint} <a href={`https://${location.host}${location.pathname}`}>{texts.secure}</a>
    </p>
  )
}
