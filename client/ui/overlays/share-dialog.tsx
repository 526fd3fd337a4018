import { Settings2 } from 'lucide-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Share } from '../../../shared/model/share.ts'
import type { Dialog } from '../../state/overlays.ts'
import { shareTexts } from '../../state/share-texts.ts'
import { call, overlays } from '../../state/stores.ts'
import { Button } from '../controls.tsx'
import { useCameras } from '../hooks.ts'
import { Answer } from '../settings/parts.tsx'
import { useEverything } from '../settings/use-asked.ts'
import { ShareLinks } from '../share-links.tsx'
import { EmbedCode } from './embed-code.tsx'
import { DialogForm, DialogFrame } from './frame.tsx'

const words = shareTexts.dialog

/** A camera's link, there at once when there is one, made by one click when there is none. */
export function ShareDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'share' }> }) {
  const { camera, share } = dialog
  const name = useCameras((state) => state.cameras[camera]?.name ?? camera)
  return (
    <DialogFrame open={open} title={shareTexts.portal.title(share?.label || name)}>
      {share ? <Shown share={share} name={name} camera={camera} /> : <Found camera={camera} name={name} />}
    </DialogFrame>
  )
}

function Found({ camera, name }: { camera: string; name: string }) {
  const asked = useEverything('porthole.share.list', { camera })
  return (
    <Answer asked={asked}>
      {(shares) => {
        const plain = shares.findLast((share) => isOpen(share) && share.cameras.length === 1)
        return plain ? <Shown share={plain} name={name} camera={camera} /> : <Offer camera={camera} />
      }}
    </Answer>
  )
}

function Offer({ camera }: { camera: string }) {
  const make = async (): Promise<Dialog> => ({ kind: 'share', camera, share: await call('porthole.share.create', { camera }) })
  return (
    <>
      <p>{words.none}</p>
      <DialogForm submit={words.create} busy={words.creating} onSubmit={make} />
    </>
  )
}

function Shown({ share, name, camera }: { share: Share; name: string; camera: string }) {
  const [, navigate] = useLocation()
  const [title] = useState(share.label || name)
  const manage = () => {
    overlays.closeDialog()
    navigate(`/camera/${encodeURIComponent(camera)}/links`)
  }
  return (
    <>
      {share.passcode !== null && <p>{words.guarded}</p>}
      <ShareLinks url={share.url} title={title} reach={share.reach} />
      <EmbedCode share={share} title={title} />
      <Button className="wide" icon={Settings2} onClick={manage}>
        {words.more}
      </Button>
    </>
  )
}

/** Nothing keeps anybody with the link from watching. */
const isOpen = ({ expiresAt, passcode }: Share): boolean => passcode === null && (expiresAt === null || Date.parse(expiresAt) > Date.now())
