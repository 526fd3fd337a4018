import type { ReactNode } from 'react'
import './message.css'

/** A page that says one thing, and what to do about it. */
export function MessagePage({
  picture,
  title,
  text,
  role,
  children,
}: {
  picture?: ReactNode
  title: string
  text: string
  role?: 'alert'
  children?: ReactNode
}) {
  return (
    <main className="message" role={role}>
      {picture}
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </main>
  )
}
