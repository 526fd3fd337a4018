import type { Dialog } from '../../state/overlays.ts'
import { DialogForm, DialogFrame } from './frame.tsx'

/** Asks before what cannot be taken back. */
export function ConfirmDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'confirm' }> }) {
  const { title, text, submit, danger = false, run } = dialog
  return (
    <DialogFrame open={open} title={title} text={text}>
      <DialogForm submit={submit} danger={danger} onSubmit={run} />
    </DialogFrame>
  )
}
