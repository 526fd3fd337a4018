import { useId, useState } from 'react'
import { USER_ROLES, type UserRole } from '../../../shared/model/session.ts'
import type { Dialog } from '../../state/overlays.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { call, notices } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { Field } from '../field.tsx'
import { DialogForm, DialogFrame } from './frame.tsx'
import { NewPassword } from './new-password.tsx'

const words = settingsTexts.users
export function NewUserDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'new-user' }> }) {
  const select = useId()
  const [role, setRole] = useState<UserRole>('viewer')
  const add = async (form: FormData) => {
    const name = String(form.get('name')).trim()
    await call('porthole.user.create', { name, role, password: String(form.get('password')) })
    notices.add({ text: words.added(name) })
    void dialog.onAdded()
  }
  return (
    <DialogFrame open={open} title={words.add}>
      <DialogForm submit={words.add} onSubmit={add}>
        <Field
          label={words.name}
          hint={words.nameHint}
          name="name"
          required
          pattern="[a-z0-9][a-z0-9._@+\-]*"
          title={words.nameHint}
          maxLength={64}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <div className="field">
          <label htmlFor={select}>{words.role}</label>
          <select
            id={select}
            className="choice"
            aria-describedby={`${select}-hint`}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as UserRole)}
          >
            {USER_ROLES.map((each) => (
              <option key={each} value={each}>
                {settingsTexts.roles[each]}
              </option>
            ))}
          </select>
          <p id={`${select}-hint`} className="quiet">
            {settingsTexts.roleHints[role]}
          </p>
        </div>
        <NewPassword label={words.password} hint={words.passwordHint} name="password" />
      </DialogForm>
    </DialogFrame>
  )
}

export function UserPasswordDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'user-password' }> }) {
  const { user, onSet } = dialog
  const set = async (form: FormData) => {
    await call('porthole.user.update', { name: user, password: String(form.get('password')) })
    notices.add({ text: words.passwordSet(user) })
    void onSet()
  }
  return (
    <DialogFrame open={open} title={words.setPasswordTitle(user)}>
      <p>{words.setPasswordText}</p>
      <DialogForm submit={texts.actions.save} onSubmit={set}>
        <input type="text" name="user" autoComplete="username" value={user} readOnly hidden />
        <NewPassword label={words.password} hint={words.passwordHint} name="password" />
      </DialogForm>
    </DialogFrame>
  )
}
