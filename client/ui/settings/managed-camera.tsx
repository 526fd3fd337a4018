import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Camera } from '../../../shared/model/camera.ts'
import { adviceFor, texts } from '../../state/texts.ts'
import { useCameras, useMay } from '../hooks.ts'
import { MessagePage } from '../message-page.tsx'
import { Frame } from './frame.tsx'

/** A page about one camera, for who manages it; to others it says why not. */
export function ManagedCamera({ id, children }: { id: string; children: (camera: Camera) => ReactNode }) {
  const camera = useCameras((state) => state.cameras[id])
  const loaded = useCameras((state) => state.loaded)
  const mayManage = useMay('operator')
  if (!loaded) return null
  if (camera && mayManage) return <>{children(camera)}</>
  const { title, text } = adviceFor(camera ? 'auth.role' : 'camera.unknown')
  return (
    <Frame title={camera?.name ?? id} back="/" backLabel={texts.actions.back}>
      <MessagePage title={title} text={text}>
        <Link href="/" className="button primary">
          <span>{texts.actions.back}</span>
        </Link>
      </MessagePage>
    </Frame>
  )
}
