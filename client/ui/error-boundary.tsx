import { Component, type ReactNode } from 'react'
import { texts } from '../state/texts.ts'
import { Button } from './controls.tsx'
import { MessagePage } from './message-page.tsx'

/** Stands in for a page that broke. Players and publisher live in workers and go on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <MessagePage title={texts.crash.title} text={texts.crash.text} role="alert">
        <Button className="primary" onClick={() => location.reload()}>
          {texts.actions.reload}
        </Button>
      </MessagePage>
    )
  }
}
