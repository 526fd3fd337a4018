import { ApiError } from '../../../shared/client/call.ts'
import { notices, session } from '../../state/stores.ts'
import { texts, wordsFor } from '../../state/texts.ts'
import { Field } from '../field.tsx'
import { useSession } from '../hooks.ts'
import { DialogForm, DialogFrame } from './frame.tsx'
import { NewPassword } from './new-password.tsx'

/** Here the user is known to be right. */
const words = (error: unknown) => (error instanceof ApiError && error.code === 'auth.wrong' ? texts.password.wrong : wordsFor(error))

export function PasswordDialog({ open }: { open: boolean }) {
  const who = useSession((state) => state.session)
  const change = who?.hasPassword ?? false
  const submit = async (form: FormData) => {
    await session.setPassword(String(form.get('new')), change ? String(form.get('old')) : undefined)
    notices.add({ text: texts.notices.passwordSet })
  }
  return (
    <DialogFrame open={open} title={change ? texts.password.changeTitle : texts.password.title}>
      <p>{change ? texts.password.changeText : texts.password.text}</p>
      <DialogForm submit={texts.actions.save} onSubmit={submit} words={words}>
        {/* For password managers: whose password it is. */}
        <input type="text" name="user" autoComplete="username" value={who?.user ?? ''} readOnly hidden />
        {change && <Field label={texts.password.old} name="old" type="password" autoComplete="current-password" required />}
        <NewPassword label={texts.password.new} hint={texts.password.hint} name="new" />
      </DialogForm>
    </DialogFrame>
  )
}
