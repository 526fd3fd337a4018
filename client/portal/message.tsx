import type { FormEvent } from 'react'
import type { PlayerStatus } from '../player/types.ts'
import { shareTexts } from '../state/share-texts.ts'
import { viewTexts as texts, viewError } from '../state/view-texts.ts'

/** What stands over the picture when there is none: why, and what to do. */
export function PortalMessage({ status, onPasscode }: { status: PlayerStatus | null; onPasscode: (passcode: string) => void }) {
  const state = status?.state ?? 'connecting'
  const code = status?.error?.code
  if (state === 'live' || state === 'behind') return null
  if (state === 'offline')
    return (
      <div className="stage-message" role="status">
        <p>{texts.offline}</p>
      </div>
    )
  if (state === 'ended' && (code === 'share.passcode' || code === 'share.wrong'))
    return <Passcode wrong={code === 'share.wrong'} onPasscode={onPasscode} />
  if (state === 'ended')
    return (
      <div className="stage-message solid" role="alert">
        <h2>{shareTexts.portal.closedTitle}</h2>
        <p>{viewError(code ?? 'server.internal')}</p>
      </div>
    )
  if (code === 'share.full' || code === 'request.rate')
    return (
      <div className="stage-message solid" role="status">
        <h2>{code === 'share.full' ? shareTexts.portal.fullTitle : shareTexts.portal.waitTitle}</h2>
        <p>{code === 'share.full' ? texts.full : viewError(code)}</p>
      </div>
    )
  return (
    <div className="stage-message waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      <p>{texts.states[state]}…</p>
    </div>
  )
}

function Passcode({ wrong, onPasscode }: { wrong: boolean; onPasscode: (passcode: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onPasscode(String(new FormData(event.currentTarget).get('passcode')))
  }
  return (
    <form className="stage-message solid" onSubmit={submit}>
      <h2>{shareTexts.portal.passcodeTitle}</h2>
      {wrong && <p role="alert">{texts.passcode.wrong}</p>}
      <div className="portal-passcode">
        <input
          name="passcode"
          type="password"
          autoComplete="off"
          required
          // biome-ignore lint/a11y/noAutofocus: there is nothing else to do here
          autoFocus
          aria-label={texts.passcode.label}
          placeholder={texts.passcode.label}
        />
        <button type="submit" className="button primary">
          <span>{texts.passcode.submit}</span>
        </button>
      </div>
    </form>
  )
}
