import { type ReactNode, useEffect, useId, useRef } from 'react'
import { settingsTexts } from '../../state/settings-texts.ts'
import { texts, wordsFor } from '../../state/texts.ts'
import { Button } from '../controls.tsx'
import { FormError } from '../field.tsx'
import type { Asked } from './use-asked.ts'

/** One subject of a settings page. */
export function Card({ title, text, action, children }: { title: string; text?: string; action?: ReactNode; children?: ReactNode }) {
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const hadFocus = useRef(false)
  useEffect(() => {
    // The button that had it went with its row: the keyboard goes on here, not at the top of the page.
    if (hadFocus.current && document.activeElement === document.body) heading.current?.focus()
  })
  return (
    <section
      className="panel"
      aria-labelledby={id}
      onFocus={() => {
        hadFocus.current = true
      }}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget && !relatedTarget.closest('.dialog')) hadFocus.current = false
      }}
    >
      <div className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {action}
      </div>
      {text && <p className="quiet">{text}</p>}
      {children}
    </section>
  )
}

/** What was asked; or that it is being asked, or why there is none. */
export function Answer<T>({ asked, children }: { asked: Asked<T>; children: (data: T) => ReactNode }) {
  if (asked.data !== undefined) return <>{children(asked.data)}</>
  if (asked.error === null)
    return (
      <p className="quiet" aria-busy="true">
        {settingsTexts.loading}
      </p>
    )
  return (
    <div className="panel-failed">
      <FormError>{wordsFor(asked.error)}</FormError>
      <Button onClick={() => void asked.reload()}>{texts.actions.tryAgain}</Button>
    </div>
  )
}

/** A line of a list: what it is, what more there is to say, what can be done. */
export function Row({ title, note, actions }: { title: ReactNode; note?: ReactNode; actions?: ReactNode }) {
  return (
    <li className="row">
      <div className="row-text">
        <div className="row-title">{title}</div>
        {note && <div className="quiet">{note}</div>}
      </div>
      {actions && <div className="row-actions">{actions}</div>}
    </li>
  )
}
