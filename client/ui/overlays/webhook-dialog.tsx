import { useRef, useState } from 'react'
import type { InputOf } from '../../../shared/contract/index.ts'
import { MAX_WEBHOOK_URL_CHARS, type Webhook } from '../../../shared/model/webhook.ts'
import type { Dialog } from '../../state/overlays.ts'
import { call } from '../../state/stores.ts'
import { wordsFor } from '../../state/texts.ts'
import { addressRefusal, webhookTexts } from '../../state/webhook-texts.ts'
import { Field } from '../field.tsx'
import { useCameras, useSession } from '../hooks.ts'
import { DialogForm, DialogFrame } from './frame.tsx'
import { PickSome, picked } from './pick-some.tsx'

const words = webhookTexts.form
const KINDS = Object.entries(webhookTexts.kinds).map(([id, { name, means }]) => ({ id, name, note: means }))

/** A new webhook, or another address or other events for one. */
export function WebhookDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'webhook' }> }) {
  const { webhook, onSaved } = dialog
  const address = useRef<HTMLInputElement>(null)
  const [refusal, setRefusal] = useState<string>()
  const me = useSession((state) => state.session?.user)
  const cameras = useCameras((state) => state.cameras)
  const lasting = Object.values(cameras)
    .filter(({ temporary }) => !temporary)
    .toSorted((a, b) => a.name.localeCompare(b.name))

  const save = async (form: FormData): Promise<Dialog | null> => {
    setRefusal(undefined)
    const said = saidBy(form)
    try {
      if (webhook) await call('porthole.webhook.update', { webhook: webhook.id, ...changesOf(said, webhook) })
      const made = webhook ? null : await call('porthole.webhook.create', said)
      void onSaved()
      if (!made) return null
      const test: Dialog = { kind: 'webhook-test', webhook: made.id, url: said.url, onTested: onSaved }
      return { kind: 'secret', of: 'webhook', secret: made.secret, next: { label: webhookTexts.actions.test, dialog: test } }
    } catch (error) {
      setRefusal(addressRefusal(error))
      if (addressRefusal(error)) address.current?.focus()
      throw error
    }
  }
  return (
    <DialogFrame open={open} title={webhook ? words.changeTitle : webhookTexts.add}>
      {/* What is said at the field is not said again below. */}
      <DialogForm
        submit={webhook ? words.save : webhookTexts.add}
        onSubmit={save}
        words={(error) => (addressRefusal(error) ? null : wordsFor(error))}
      >
        <Field
          ref={address}
          label={words.url}
          hint={words.urlHint}
          error={refusal}
          name="url"
          type="url"
          required
          pattern="https?://\S+"
          title={words.urlHint}
          placeholder={words.urlExample}
          defaultValue={webhook?.url}
          maxLength={MAX_WEBHOOK_URL_CHARS}
          autoComplete="off"
        />
        <PickSome
          name="cameras"
          label={words.cameras}
          all={webhook && webhook.user !== me ? words.camerasAllOf(webhook.user) : words.camerasAll}
          listed={words.camerasListed}
          items={lasting}
          chosen={webhook?.cameras ?? null}
          none={words.noCameras}
        />
        <PickSome
          name="kinds"
          label={words.kinds}
          all={words.kindsAll}
          listed={words.kindsListed}
          items={KINDS}
          chosen={webhook?.kinds ?? null}
        />
      </DialogForm>
    </DialogFrame>
  )
}

type Said = InputOf<'porthole.webhook.create'>

const saidBy = (form: FormData): Said => ({
  url: String(form.get('url')).trim(),
  cameras: picked(form, 'cameras'),
  kinds: picked(form, 'kinds') as NonNullable<Said['kinds']> | null,
})

/** What is to be another: an address that stays is not held against the configuration again. */
const changesOf = (said: Said, webhook: Webhook): Partial<Said> =>
  Object.fromEntries(
    Object.entries(said).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(webhook[name as keyof Webhook])),
  )
