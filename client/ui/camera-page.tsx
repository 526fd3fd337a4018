import { ArrowLeft, EllipsisVertical } from 'lucide-react'
import { type CSSProperties, useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { displayOf } from '../state/display.ts'
import { clockTime } from '../state/format.ts'
import { playerKey } from '../state/players.ts'
import { overlays, players } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { CameraActions } from './camera-actions.tsx'
import { CameraFacts } from './camera-facts.tsx'
import { CameraMessage } from './camera-message.tsx'
import { IconButton } from './controls.tsx'
import { AccountButton, Header } from './header.tsx'
import { useCameras, useMay, useOverlays, usePlayers, useTitle } from './hooks.ts'
import { useShortcuts } from './keyboard.ts'
import { useLivePlayer } from './live-picture.tsx'
import { rememberCamera } from './navigation.ts'
import { StateBadge, stateText } from './state-badge.tsx'
import './camera.css'

/** One camera, large. Its player begins with the page and waits for nothing that the page knows later. */
export function CameraPage({ id }: { id: string }) {
  const stage = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const player = useLivePlayer(host, { camera: id, place: 'page', rendition: 'full', wanted: true })
  const name = useCameras((state) => (state.cameras[id] ?? state.removed[id])?.name)
  const expiresAt = useCameras((state) => state.cameras[id]?.expiresAt)
  const status = useCameras((state) => state.status[id])
  const playing = usePlayers((state) => state[playerKey(id, 'page')]?.status)
  const feed = useCameras((state) => state.feed)
  const display = displayOf(playing, status, feed)
  // Who comes from the wall saw its shape there: nothing jumps.
  const [seen] = useState(() => players.store.getState()[playerKey(id, 'tile')]?.status)
  const shape = [playing, seen].find((each) => each && each.height > 0)
  const aspect = shape && ({ '--aspect': shape.width / shape.height } as CSSProperties)
  const [, navigate] = useLocation()
  useTitle(name ? texts.title(name) : texts.product)
  const leave = () => (document.fullscreenElement ? false : navigate('/'))
  useShortcuts({ Escape: leave })
  useEffect(() => rememberCamera(id), [id])

  return (
    <>
      <Header
        actions={
          <>
            {display.state !== 'ended' && <CameraMenuButton id={id} name={name ?? id} />}
            <AccountButton />
          </>
        }
      >
        <Link href="/" className="icon-button" aria-label={texts.actions.back} data-tip={texts.actions.back}>
          <ArrowLeft aria-hidden="true" />
        </Link>
        <h1 className="camera-name">{name ?? '\u00a0'}</h1>
        {display.state !== 'ended' && <StateBadge display={display} />}
        {expiresAt && <span className="header-note">{texts.camera.expires(clockTime(Date.parse(expiresAt), Date.now()))}</span>}
        <p className="hidden" role="status">
          {name && `${name}: ${stateText(display.state, display.since)}`}
        </p>
      </Header>
      <main className="camera">
        <div className="stage-area" style={aspect}>
          <div ref={stage} className="stage" data-camera={id} data-state={display.state}>
            <div ref={host} className="picture" role="img" aria-label={texts.pictureOf(name ?? id)} />
            <CameraMessage id={id} display={display} />
          </div>
        </div>
        {display.state !== 'ended' && (
          <div className="camera-bar">
            {display.state !== 'offline' && <CameraFacts id={id} />}
            <CameraActions id={id} player={player} hasAudio={playing?.hasAudio ?? false} stage={stage} />
          </div>
        )}
      </main>
    </>
  )
}

function CameraMenuButton({ id, name }: { id: string; name: string }) {
  const open = useOverlays(({ menu }) => menu?.kind === 'camera')
  if (!useMay('operator')) return null
  return (
    <IconButton
      icon={EllipsisVertical}
      label={texts.actions.menuOf(name)}
      aria-haspopup="menu"
      aria-expanded={open}
      onClick={(event) => overlays.openMenu({ kind: 'camera', camera: id, anchor: event.currentTarget })}
    />
  )
}
