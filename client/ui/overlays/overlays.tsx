import { useState } from 'react'
import type { Dialog } from '../../state/overlays.ts'
import { useOverlays } from '../hooks.ts'
import { AccountMenu } from './account-menu.tsx'
import { CameraMenu } from './camera-menu.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { NewKeyDialog, SecretDialog } from './key-dialogs.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { ShareDialog } from './share-dialog.tsx'
import { ShareSettingsDialog } from './share-settings-dialog.tsx'
import { UseCameraDialog } from './use-camera-dialog.tsx'
import { NewUserDialog, UserPasswordDialog } from './user-dialogs.tsx'
import { WebhookDialog } from './webhook-dialog.tsx'
import { WebhookMenu } from './webhook-menu.tsx'
import { WebhookTestDialog } from './webhook-test-dialog.tsx'
import './overlays.css'

/** The dialog and the menu that are open. */
export default function Overlays() {
  const { dialog, menu } = useOverlays((state) => state)
  // What closes is still drawn while it fades.
  const shownDialog = useLast(dialog)
  const shownMenu = useLast(menu)
  return (
    <>
      {shownDialog && <DialogOf key={`dialog ${shownDialog.turn}`} dialog={shownDialog.value} open={dialog !== null} />}
      {shownMenu?.value.kind === 'camera' && <CameraMenu key={`menu ${shownMenu.turn}`} menu={shownMenu.value} open={menu !== null} />}
      {shownMenu?.value.kind === 'account' && <AccountMenu key={`menu ${shownMenu.turn}`} menu={shownMenu.value} open={menu !== null} />}
      {shownMenu?.value.kind === 'webhook' && <WebhookMenu key={`menu ${shownMenu.turn}`} menu={shownMenu.value} open={menu !== null} />}
    </>
  )
}

function DialogOf({ dialog, open }: { dialog: Dialog; open: boolean }) {
  switch (dialog.kind) {
    case 'use-camera':
      return <UseCameraDialog open={open} />
    case 'rename':
      return <RenameDialog open={open} camera={dialog.camera} />
    case 'link':
      return <LinkDialog open={open} camera={dialog.camera} />
    case 'share':
      return <ShareDialog open={open} dialog={dialog} />
    case 'share-settings':
      return <ShareSettingsDialog open={open} dialog={dialog} />
    case 'password':
      return <PasswordDialog open={open} />
    case 'help':
      return <HelpDialog open={open} dialog={dialog} />
    case 'confirm':
      return <ConfirmDialog open={open} dialog={dialog} />
    case 'new-key':
      return <NewKeyDialog open={open} dialog={dialog} />
    case 'secret':
      return <SecretDialog open={open} dialog={dialog} />
    case 'new-user':
      return <NewUserDialog open={open} dialog={dialog} />
    case 'user-password':
      return <UserPasswordDialog open={open} dialog={dialog} />
    case 'webhook':
      return <WebhookDialog open={open} dialog={dialog} />
    case 'webhook-test':
      return <WebhookTestDialog open={open} dialog={dialog} />
  }
}

/** The value, or the last one there was; `turn` tells one from the next. */
function useLast<T>(value: T | null): { readonly value: T; readonly turn: number } | null {
  const [last, setLast] = useState<{ value: T; turn: number } | null>(null)
  if (value === null || value === last?.value) return last
  const next = { value, turn: (last?.turn ?? 0) + 1 }
  setLast(next)
  return next
}
