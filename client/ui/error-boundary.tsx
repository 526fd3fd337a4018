import { Component, type ReactNode } from 'react'
import { texts } from '../state/texts.ts'
import { Button } from './controls.tsx'

/** Stands in for a page that broke. Players and publisher live in workers and go on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <main className="empty" role="alert">
        <h2>{texts.crash.title}</h2>
        <p>{texts.crash.text}</p>
        <Button className="primary" onClick={() => location.reload()}>
          {texts.actions.reload}
        </Button>
      </main>
    )
  }
}
