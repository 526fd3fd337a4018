import { EllipsisVertical } from 'lucide-react'
import { memo } from 'react'
import { Link } from 'wouter'
import { displayOf } from '../state/display.ts'
import { playerKey } from '../state/players.ts'
import { overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { IconButton } from './controls.tsx'
import { useCameras, useOverlays, usePlayers } from './hooks.ts'
import { type Rendition, TilePicture } from './live-picture.tsx'
import { StateBadge, stateText, Viewers } from './state-badge.tsx'

/** One camera of the wall: a link to its page, and a menu. */
export const Tile = memo(function Tile({ id, rendition }: { id: string; rendition: Rendition }) {
  const camera = useCameras((state) => state.cameras[id])
  const status = useCameras((state) => state.status[id])
  const player = usePlayers((state) => state[playerKey(id, 'tile')]?.status)
  const menuOpen = useOverlays(({ menu }) => menu?.kind === 'camera' && menu.camera === id)
  const feed = useCameras((state) => state.feed)
  if (!camera) return null
  const display = displayOf(player, status, feed)
  const viewers = status?.viewers ?? 0
  return (
    <li className="tile" data-camera={id} data-state={display.state}>
      <Link
        className="tile-link"
        href={`/camera/${encodeURIComponent(id)}`}
        aria-label={`${camera.name}, ${stateText(display.state, display.since)}, ${texts.watching(viewers)}`}
      >
        <TilePicture camera={id} name={camera.name} rendition={rendition} />
        <span className="tile-top">
          <StateBadge display={display} />
        </span>
        <span className="tile-caption">
          <span className="tile-name">{camera.name}</span>
          {display.state !== 'offline' && <Viewers count={viewers} />}
        </span>
      </Link>
      <IconButton
        className="tile-menu"
        icon={EllipsisVertical}
        label={texts.actions.menuOf(camera.name)}
        aria-haspopup="menu"
        aria-expanded={menuOpen}
        onClick={(event) => overlays.openMenu({ kind: 'camera', camera: id, anchor: event.currentTarget })}
      />
    </li>
  )
})
