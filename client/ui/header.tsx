import { CircleUser, Presentation, Video } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { stageTexts } from '../state/stage-texts.ts'
import { overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { Button, IconButton } from './controls.tsx'
import { useMay, useOverlays, useSession } from './hooks.ts'
import { Mark } from './mark.tsx'

/** The bar at the top of every page: where one is on the left, what one can do on the right. */
export function Header({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <header className="header">
      {children}
      <div className="header-actions">{actions}</div>
    </header>
  )
}

export function Brand() {
  return (
    // Small pages show the mark alone.
    <Link href="/" className="brand" aria-label={texts.product}>
      <Mark />
      <span>{texts.product}</span>
    </Link>
  )
}

export function UseCameraButton({ className = '' }: { className?: string }) {
  if (!useMay('operator')) return null
  return (
    <Button className={`primary ${className}`} icon={Video} onClick={() => overlays.openDialog({ kind: 'use-camera' })}>
      {texts.actions.useCamera}
    </Button>
  )
}

/** The way to the stage, for who may hold one. */
export function StageLink() {
  const mayHold = useMay('operator')
  if (!mayHold) return null
  return (
    <Link href="/stage" className="icon-button" aria-label={stageTexts.open} data-tip={stageTexts.open}>
      <Presentation aria-hidden="true" />
    </Link>
  )
}

export function AccountButton() {
  const session = useSession((state) => state.session)
  const open = useOverlays(({ menu }) => menu?.kind === 'account')
  if (!session) return null
  return (
    <IconButton
      className={session.hasPassword ? '' : 'hinted'}
      icon={CircleUser}
      label={texts.actions.account}
      aria-haspopup="menu"
      aria-expanded={open}
      onClick={(event) => overlays.openMenu({ kind: 'account', anchor: event.currentTarget })}
    />
  )
}
