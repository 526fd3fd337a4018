import { Dialog as Base } from '@base-ui/react/dialog'
import { Copy } from 'lucide-react'
import { useId } from 'react'
import { USER_ROLES, type UserRole } from '../../../shared/model/session.ts'
import { MAX_NAME_CHARS } from '../../../shared/protocol/limits.ts'
import type { Dialog } from '../../state/overlays.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { notices, overlays } from '../../state/stores.ts'
import { webhookTexts } from '../../state/webhook-texts.ts'
import { Button } from '../controls.tsx'
import { Field } from '../field.tsx'
import { useSession } from '../hooks.ts'
import { DialogForm, DialogFrame } from './frame.tsx'

const words = settingsTexts.keys

/** Names a key, and makes it. */
export function NewKeyDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'new-key' }> }) {
  const select = useId()
  const mine = useSession((state) => state.session?.role)
  const below = USER_ROLES.slice(0, Math.max(0, USER_ROLES.indexOf(mine ?? 'viewer')))
  const make = async (form: FormData): Promise<Dialog> => {
    const role = String(form.get('role') ?? '')
    const secret = await dialog.make({ name: String(form.get('name')).trim(), role: role === '' ? undefined : (role as UserRole) })
    return { kind: 'secret', secret }
  }
  return (
    <DialogFrame open={open} title={words.add}>
      <DialogForm submit={words.add} onSubmit={make}>
        <Field
          label={words.name}
          name="name"
          placeholder={dialog.placeholder}
          required
          pattern=".*\S.*"
          maxLength={MAX_NAME_CHARS}
          autoComplete="off"
        />
        {dialog.withRole && below.length > 0 && (
          <div className="field">
            <label htmlFor={select}>{words.may}</label>
            <select id={select} name="role" className="choice">
              <option value="">{words.asYou}</option>
              {below.toReversed().map((role) => (
                <option key={role} value={role}>
                  {words.atMost(settingsTexts.roles[role])}
                </option>
              ))}
            </select>
          </div>
        )}
      </DialogForm>
    </DialogFrame>
  )
}

const SECRETS = { key: settingsTexts.secret, webhook: webhookTexts.secret }

/** A key or another secret, once. */
export function SecretDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'secret' }> }) {
  const { secret, of = 'key', next } = dialog
  const words = SECRETS[of]
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret)
      notices.add({ text: words.copied })
    } catch {
      // Browsers lend the clipboard to secure pages only: it stands there to be copied by hand.
      document.querySelector<HTMLInputElement>('.dialog input[readonly]')?.select()
    }
  }
  return (
    <DialogFrame open={open} title={words.title} text={words.text} stays>
      <Field label={words.label} className="secret" readOnly value={secret} onFocus={(event) => event.currentTarget.select()} />
      <div className="dialog-buttons">
        <Button icon={Copy} onClick={() => void copy()}>
          {settingsTexts.secret.copy}
        </Button>
        {next && <Button onClick={() => overlays.openDialog(next.dialog)}>{next.label}</Button>}
        <Base.Close className="button primary">
          <span>{settingsTexts.secret.done}</span>
        </Base.Close>
      </div>
    </DialogFrame>
  )
}
