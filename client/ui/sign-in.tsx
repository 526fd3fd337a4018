import { type FormEvent, useState } from 'react'
import { ApiError } from '../../shared/client/call.ts'
import { session } from '../state/stores.ts'
import { adviceFor, texts, wordsFor } from '../state/texts.ts'
import { Field, FormError } from './field.tsx'
import { useSession, useTitle } from './hooks.ts'
import { Scene } from './mark.tsx'
import './sign-in.css'

/** The way in for who is not signed in. */
export function SignIn() {
  const linkError = useSession((state) => state.linkError)
  const ended = useSession((state) => state.ended)
  const [lastUser] = useState(session.lastUser)
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  useTitle(`${texts.signIn.title} · ${texts.product}`)

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      await session.signIn(String(form.get('user')), String(form.get('password')))
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  const linkAdvice = linkError instanceof ApiError ? adviceFor(linkError.code) : null

  return (
    <main className="sign-in">
      <div className="sign-in-brand">
        <Scene />
        <h1>{texts.product}</h1>
        <p>{texts.tagline}</p>
      </div>
      <form className="card" onSubmit={(event) => void submit(event)}>
        <h2>{texts.signIn.title}</h2>
        {linkAdvice && !error && (
          <FormError>
            <strong>{linkAdvice.title}.</strong> {linkAdvice.text}
          </FormError>
        )}
        {ended && error === null && (
          <p className="quiet" role="status">
            {texts.signIn.ended}
          </p>
        )}
        {error !== null && <FormError>{wordsFor(error)}</FormError>}
        <Field label={texts.signIn.user} name="user" defaultValue={lastUser} autoComplete="username" required autoCapitalize="none" />
        <Field label={texts.signIn.password} name="password" type="password" autoComplete="current-password" required autoFocus />
        <button type="submit" className="button primary" disabled={busy}>
          <span>{busy ? texts.signIn.busy : texts.signIn.submit}</span>
        </button>
        <p className="quiet">{texts.signIn.hint}</p>
      </form>
    </main>
  )
}
