import { EllipsisVertical } from 'lucide-react'
import { memo } from 'react'
import { Link } from 'wouter'
import { displayOf } from '../state/display.ts'
import { playerKey } from '../state/players.ts'
import { overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { IconButton } from './controls.tsx'
import { useCameras, useOverlays, usePlayers } from './hooks.ts'
import { Thumbnail } from './live-picture.tsx'
import { StateBadge, stateText, Viewers } from './state-badge.tsx'

/** One camera of the wall: a link to its page, and a menu. */
export const Tile = memo(function Tile({ id }: { id: string }) {
  const camera = useCameras((state) => state.cameras[id])
  const status = useCameras((state) => state.status[id])
  const player = usePlayers((state) => state[playerKey(id, 'thumb')]?.status)
  const menuOpen = useOverlays(({ menu }) => menu?.kind === 'camera' && menu.camera === id)
  if (!camera) return null
  const display = displayOf(player, status)
  const viewers = status?.viewers ?? 0
  return (
    <li className="tile" data-camera={id} data-state={display.state}>
      <Link
        className="tile-link"
        href={`/camera/${encodeURIComponent(id)}`}
        aria-label={`${camera.name}, ${stateText(display.state, display.since)}, ${texts.watching(viewers)}`}
      >
        <Thumbnail camera={id} name={camera.name} />
        <span className="tile-top">
          <StateBadge display={display} />
        </span>
        <span className="tile-caption">
          <span className="tile-name">{camera.name}</span>
          <Viewers count={viewers} />
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

const useHasMenu = (id: string): boolean => useOverlaysMenu() === id
