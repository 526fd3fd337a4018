import { texts } from '../../state/texts.ts'
import { cameraLink } from '../clipboard.ts'
import { Field } from '../field.tsx'
import { DialogFrame } from './frame.tsx'

/** The link for copying by hand: browsers lend the clipboard to secure pages only. */
export function LinkDialog({ open, camera }: { open: boolean; camera: string }) {
  return (
    <DialogFrame open={open} title={texts.link.title}>
      <p>{texts.link.text}</p>
      <Field label={texts.link.label} readOnly value={cameraLink(camera)} onFocus={(event) => event.currentTarget.select()} />
    </DialogFrame>
  )
}
