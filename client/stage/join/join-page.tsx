import { type FormEvent, useEffect, useState } from 'react'
import { joinCode, MAX_PARTICIPANT_CHARS, participantName } from '../../../shared/model/stage.ts'
import { friendlyName, stageTexts } from '../../state/stage-texts.ts'
import { storageOf } from '../../state/storage.ts'
import { adviceForCapture } from '../../state/texts.ts'
import { appUrl } from '../../transport/base.ts'
import { Button } from '../../ui/controls.tsx'
import { Field, FormError } from '../../ui/field.tsx'
import { Mark } from '../../ui/mark.tsx'
import './join.css'
import { OnStage } from './on-stage.tsx'
import { Over } from './over.tsx'
import { secureAddress, trustsHttps } from './secure.ts'
import { useJoin } from './use-join.ts'
import { Warning } from './warning.tsx'

/** Where a phone finds the name that it had before. */
const NAME_KEY = 'porthole.name'
const storage = storageOf(() => localStorage)
const text = stageTexts.join

/** The page of a phone that scanned the code. */
export function JoinPage({ code }: { code: string }) {
  useEffect(() => {
    document.title = text.title
  }, [])
  return (
    <div className="join">
      <header className="join-head">
        <Mark />
        <span>{text.title}</span>
      </header>
      {code === '' ? <CodeForm /> : globalThis.isSecureContext ? <Phone code={code} /> : <ToHttps />}
    </div>
  )
}

/** For who types the short address. */
function CodeForm() {
  const [wrong, setWrong] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const code = joinCode(String(new FormData(event.currentTarget).get('code')))
    if (code) location.assign(appUrl(`/join/${code}`))
    else setWrong(true)
  }
  return (
    <main className="join-main">
      <h1>{text.codeTitle}</h1>
      <p>{text.codeText}</p>
      <form onSubmit={submit}>
        <Field
          label={text.code}
          name="code"
          className="code-field"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={12}
          required
          autoFocus
        />
        {wrong && <FormError>{text.codeWrong}</FormError>}
        <button type="submit" className="button primary large">
          <span>{text.next}</span>
        </button>
      </form>
    </main>
  )
}

/** Browsers give a camera to secure pages alone: on to https, by itself where it is trusted. */
function ToHttps() {
  const [warn, setWarn] = useState(false)
  useEffect(() => {
    let here = true
    void trustsHttps(appUrl('/healthz')).then((trusted) => {
      if (!here) return
      if (trusted) location.replace(secureAddress(location.href))
      else setWarn(true)
    })
    return () => {
      here = false
    }
  }, [])
  if (warn) return <Warning />
  return (
    <main className="join-main">
      <p role="status">{stageTexts.warning.checking}</p>
    </main>
  )
}

function Phone({ code }: { code: string }) {
  const [join, state] = useJoin(code)
  if (state.phase === 'over') return <Over why={state.why} onAgain={join.again} />
  if (state.phase === 'form' || (state.phase === 'starting' && !state.stream))
    return <NameForm busy={state.phase === 'starting'} capture={state.capture} onJoin={join.join} />
  return <OnStage join={join} state={state} />
}

interface NameFormProps {
  readonly busy: boolean
  readonly capture: Parameters<typeof adviceForCapture>[0] | null
  readonly onJoin: (name: string) => Promise<void>
}

function NameForm({ busy, capture, onJoin }: NameFormProps) {
  const [suggested] = useState(() => storage.getItem(NAME_KEY) ?? friendlyName())
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = participantName(String(new FormData(event.currentTarget).get('name'))) || suggested
    storage.setItem(NAME_KEY, name)
    void onJoin(name)
  }
  const advice = capture && adviceForCapture(capture)
  return (
    <main className="join-main">
      <h1>{text.title}</h1>
      <p>{text.text}</p>
      <form onSubmit={submit}>
        <Field label={text.name} name="name" defaultValue={suggested} maxLength={MAX_PARTICIPANT_CHARS} autoComplete="nickname" />
        {advice && !busy && (
          <FormError>
            <strong>{advice.title}.</strong> {advice.text}
          </FormError>
        )}
        <Button type="submit" className="primary large" disabled={busy}>
          {busy ? text.starting : text.start}
        </Button>
        <p className="quiet" role="status">
          {busy ? text.allow : ' '}
        </p>
      </form>
    </main>
  )
}
