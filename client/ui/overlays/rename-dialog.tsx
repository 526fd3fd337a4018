import { MAX_NAME_CHARS } from '../../../shared/protocol/limits.ts'
import { cameras } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { Field } from '../field.tsx'
import { useCameras } from '../hooks.ts'
import { DialogForm, DialogFrame } from './frame.tsx'

export function RenameDialog({ open, camera }: { open: boolean; camera: string }) {
  const name = useCameras((state) => state.cameras[camera]?.name)
  return (
    <DialogFrame open={open} title={texts.rename.title}>
      <DialogForm submit={texts.actions.save} onSubmit={(form) => cameras.rename(camera, String(form.get('name')).trim())}>
        <Field
          label={texts.rename.name}
          name="name"
          defaultValue={name}
          required
          pattern=".*\S.*"
          maxLength={MAX_NAME_CHARS}
          autoComplete="off"
          onFocus={(event) => event.currentTarget.select()}
        />
      </DialogForm>
    </DialogFrame>
  )
}
