import { Menu } from '@base-ui/react/menu'
import { ExternalLink, Link2, Pencil, Share2, Trash2, Users, Video } from 'lucide-react'
import { useLocation } from 'wouter'
import type { Menu as OpenMenu } from '../../state/overlays.ts'
import { shareTexts } from '../../state/share-texts.ts'
import { cameras, overlays, publishing } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { copyLink } from '../clipboard.ts'
import { useCameras, useMay, usePublishing } from '../hooks.ts'
import { MenuFrame } from './frame.tsx'

/** What can be done to one camera. */
export function CameraMenu({ menu, open }: { menu: Extract<OpenMenu, { kind: 'camera' }>; open: boolean }) {
  const { camera: id, anchor } = menu
  const camera = useCameras((state) => state.cameras[id])
  const feedable = useCameras((state) => state.cameras[id]?.source.kind === 'browser' && !state.status[id]?.publishing)
  const mine = usePublishing((state) => state.camera === id)
  const mayChange = useMay('operator')
  const [location, navigate] = useLocation()
  const page = `/camera/${encodeURIComponent(id)}`

  const remove = () => {
    if (location === page) navigate('/')
    void cameras.remove(id)
  }
  return (
    <MenuFrame open={open} anchor={anchor} label={texts.actions.menuOf(camera?.name ?? id)}>
      {location !== page && (
        <Menu.Item className="menu-item" onClick={() => navigate(page)}>
          <ExternalLink aria-hidden="true" /> {texts.actions.open}
        </Menu.Item>
      )}
      <Menu.Item className="menu-item" onClick={() => void copyLink(id)}>
        <Link2 aria-hidden="true" /> {texts.actions.copyLink}
      </Menu.Item>
      {mayChange && (
        <>
          <Menu.Item className="menu-item" onClick={() => overlays.openDialog({ kind: 'share', camera: id })}>
            <Share2 aria-hidden="true" /> {shareTexts.share}
          </Menu.Item>
          {feedable && !mine && (
            <Menu.Item className="menu-item" onClick={() => void publishing.start(id, false)}>
              <Video aria-hidden="true" /> {texts.actions.useCameraHere}
            </Menu.Item>
          )}
          <Menu.Item className="menu-item" onClick={() => overlays.openDialog({ kind: 'rename', camera: id })}>
            <Pencil aria-hidden="true" /> {texts.actions.rename}
          </Menu.Item>
          {!camera?.temporary && (
            <Menu.Item className="menu-item" onClick={() => navigate(`${page}/access`)}>
              <Users aria-hidden="true" /> {texts.actions.access}
            </Menu.Item>
          )}
          <Menu.Separator className="menu-line" />
          <Menu.Item className="menu-item danger" onClick={remove}>
            <Trash2 aria-hidden="true" /> {texts.actions.delete}
          </Menu.Item>
        </>
      )}
    </MenuFrame>
  )
}
