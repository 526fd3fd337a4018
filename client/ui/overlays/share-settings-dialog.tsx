import { useId, useState } from 'react'
import type { InputOf } from '../../../shared/contract/index.ts'
import { MAX_LABEL_CHARS, MAX_PASSCODE_CHARS, type Share } from '../../../shared/model/share.ts'
import { clockTime } from '../../state/format.ts'
import type { Dialog } from '../../state/overlays.ts'
import { shareTexts } from '../../state/share-texts.ts'
import { call } from '../../state/stores.ts'
import { Field } from '../field.tsx'
import { DialogForm, DialogFrame } from './frame.tsx'

const words = shareTexts.form
type Sites = 'any' | 'none' | 'listed'

/** Everything that can be said of a link. */
export function ShareSettingsDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'share-settings' }> }) {
  const { camera, share, onSaved } = dialog
  const [sites, setSites] = useState<Sites>(sitesOf(share))
  const ids = useId()
  const save = async (form: FormData): Promise<Dialog | null> => {
    const settings = settingsOf(form, share)
    const saved = share
      ? await call('porthole.share.update', { share: share.id, ...settings })
      : await call('porthole.share.create', { camera, ...settings })
    void onSaved()
    return share ? null : { kind: 'share', camera, share: saved }
  }
  return (
    <DialogFrame open={open} title={share ? words.changeTitle : words.newTitle}>
      <DialogForm submit={share ? words.save : words.create} onSubmit={save}>
        <Field
          label={words.label}
          hint={words.labelHint}
          name="label"
          maxLength={MAX_LABEL_CHARS}
          defaultValue={share?.label}
          autoComplete="off"
        />
        <div className="field">
          <label htmlFor={`${ids}-expires`}>{words.expires}</label>
          <select id={`${ids}-expires`} name="expires" className="choice" defaultValue={share?.expiresAt ? 'as-is' : 'forever'}>
            {share?.expiresAt && <option value="as-is">{words.asIs(clockTime(Date.parse(share.expiresAt), Date.now()))}</option>}
            <option value="forever">{words.forever}</option>
            {Object.entries(words.spans).map(([seconds, text]) => (
              <option key={seconds} value={seconds}>
                {text}
              </option>
            ))}
          </select>
        </div>
        <Field
          label={words.passcode}
          hint={words.passcodeHint}
          name="passcode"
          minLength={4}
          maxLength={MAX_PASSCODE_CHARS}
          defaultValue={share?.passcode ?? ''}
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          label={words.cap}
          hint={words.capHint}
          name="cap"
          type="number"
          min={1}
          max={100_000}
          defaultValue={share?.maxViewers ?? ''}
        />
        <div className="field">
          <label htmlFor={`${ids}-sites`}>{words.sites}</label>
          <select
            id={`${ids}-sites`}
            name="sites"
            className="choice"
            value={sites}
            onChange={({ target }) => setSites(target.value as Sites)}
          >
            <option value="any">{words.sitesAny}</option>
            <option value="none">{words.sitesNone}</option>
            <option value="listed">{words.sitesListed}</option>
          </select>
        </div>
        {sites === 'listed' && (
          <div className="field">
            <label htmlFor={`${ids}-list`}>{words.sitesList}</label>
            <textarea
              id={`${ids}-list`}
              name="list"
              rows={3}
              required
              spellCheck={false}
              placeholder={words.sitesExample}
              aria-describedby={`${ids}-list-hint`}
              defaultValue={(share?.origins ?? []).join('\n')}
            />
            <p id={`${ids}-list-hint`} className="quiet">
              {words.sitesHint}
            </p>
          </div>
        )}
        <label className="check">
          <input type="checkbox" name="audio" defaultChecked={share?.audio} />
          {words.sound}
        </label>
      </DialogForm>
    </DialogFrame>
  )
}

const sitesOf = (share: Share | null): Sites => (!share?.origins ? 'any' : share.origins.length === 0 ? 'none' : 'listed')

/** What the form says; of a link that there is only what changed, so that nobody who watches is disturbed for nothing. */
function settingsOf(form: FormData, share: Share | null): Omit<InputOf<'porthole.share.create'>, 'camera' | 'cameras'> {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const expires = text('expires')
  const cap = text('cap')
  const said = {
    label: text('label'),
    passcode: text('passcode') || null,
    maxViewers: cap === '' ? null : Number(cap),
    origins: text('sites') === 'any' ? null : text('sites') === 'none' ? [] : originsOf(text('list')),
    audio: form.get('audio') !== null,
  }
  const changed = Object.entries(said).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(share?.[name as keyof Share] ?? null),
  )
  const expiry = expires === 'as-is' ? {} : { expiresIn: expires === 'forever' ? null : Number(expires) }
  return { ...Object.fromEntries(share ? changed : Object.entries(said)), ...(share?.expiresAt || expires !== 'forever' ? expiry : {}) }
}

/** Addresses, as people write or paste them, as origins. */
function originsOf(list: string): string[] {
  const lines = list.split(/[\s,]+/).filter(Boolean)
  const addresses = lines.map((line) => (/^https?:\/\//i.test(line) ? line : `https://${line}`))
  return [...new Set(addresses.map((address) => (URL.canParse(address) ? new URL(address).origin : address)))]
}
