import { type ComponentType, type ReactNode, useEffect, useState } from 'react'
import { Link, Route, Switch } from 'wouter'
import { NetworkError } from '../../shared/client/call.ts'
import { may } from '../state/session.ts'
import { notices, overlays, session } from '../state/stores.ts'
import { texts, wordsFor } from '../state/texts.ts'
import { CameraPage } from './camera-page.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Brand, Header } from './header.tsx'
import { useCameras, useOverlays, usePublishing, useSession } from './hooks.ts'
import { useShortcuts } from './keyboard.ts'
import { MessagePage } from './message-page.tsx'
import { Notices } from './notices.tsx'
import { PartFailed, usePart } from './part.tsx'
import { PublishBar } from './publish-bar.tsx'
import type { SettingsPlace } from './settings/settings-page.tsx'
import { SignIn } from './sign-in.tsx'
import { Wall } from './wall.tsx'

/** Dialogs and menus come when they are first needed: no picture waits for them. */
const loadOverlays = () => import('./overlays/overlays.tsx')

const loadSettings = () => import('./settings/settings-page.tsx')

/** Milliseconds of a lost connection before it is told: most come back sooner. */
const PATIENCE_MS = 1200

/** Pages of their own beside the dashboard, loaded when they are first needed. */
export interface Pages {
  readonly stage: () => Promise<{ default: ComponentType<object> }>
}

export function App({ pages }: { pages: Pages }) {
  const signedOut = useSession((state) => state.phase === 'signed-out')
  return (
    <ErrorBoundary>
      {signedOut ? (
        <SignIn />
      ) : (
        <>
          <Switch>
            <Route path="/stage">
              <LazyPage load={pages.stage} />
            </Route>
            <Route>
              <Dashboard />
            </Route>
          </Switch>
          <LazyOverlays />
          <PublishingTitle />
        </>
      )}
    </ErrorBoundary>
  )
}

/** Who is signed in is known before: a page that asks the server needs somebody to ask for. */
function LazyPage({ load }: { load: Pages['stage'] }) {
  const signedIn = useSession((state) => state.phase === 'signed-in')
  const { Part, failed, begin } = usePart(load, true)
  if (Part && signedIn) return <Part />
  return failed ? <PartFailed onRetry={() => void begin()} /> : null
}

function Dashboard() {
  useShortcuts({
    n: () => may(session.store.getState().session, 'operator') && overlays.openDialog({ kind: 'use-camera' }),
    z: notices.runNewest,
    '?': () => overlays.openDialog({ kind: 'help' }),
  })
  return (
    <div className="shell">
      <Banner />
      <Switch>
        <Route path="/">
          <Wall />
        </Route>
        <Route path="/camera/:id/access">{({ id }) => <LazySettings place={{ camera: id }} />}</Route>
        <Route path="/camera/:id/links">{({ id }) => <LazySettings place={{ links: id }} />}</Route>
        <Route path="/settings">
          <LazySettings place={{ tab: 'account' }} />
        </Route>
        <Route path="/settings/users">
          <LazySettings place={{ tab: 'users' }} />
        </Route>
        <Route path="/settings/activity">
          <LazySettings place={{ tab: 'activity' }} />
        </Route>
        <Route path="/settings/webhooks">
          <LazySettings place={{ tab: 'webhooks' }} />
        </Route>
        <Route path="/settings/webhooks/:id">{({ id }) => <LazySettings place={{ webhook: id }} />}</Route>
        <Route path="/settings/backup">
          <LazySettings place={{ tab: 'backup' }} />
        </Route>
        <Route path="/camera/:id">{({ id }) => <CameraPage key={id} id={id} />}</Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
      <div className="dock">
        <Notices />
        <PublishBar />
      </div>
    </div>
  )
}

/** A row for the header stays, so that nothing jumps when it comes. */
function LazySettings({ place }: { place: SettingsPlace }) {
  const { Part, failed, begin } = usePart(loadSettings, true)
  if (Part) return <Part place={place} />
  return failed ? <PartFailed onRetry={() => void begin()} /> : <div className="header" />
}

/** Mounted at the first dialog or menu, and stays: what closes may fade. */
function LazyOverlays() {
  const open = useOverlays(({ dialog, menu }) => dialog !== null || menu !== null)
  const [needed, setNeeded] = useState(open)
  if (open && !needed) setNeeded(true)
  useEffect(() => {
    // Fetched ahead, when the first pictures had their time.
    const timer = setTimeout(() => void Promise.all([loadOverlays(), loadSettings()]).catch(() => {}), 2500)
    return () => clearTimeout(timer)
  }, [])
  const { Part, failed } = usePart(loadOverlays, needed)
  useEffect(() => {
    if (!open || !failed) return
    notices.add({ kind: 'error', text: wordsFor(new NetworkError('a part could not be loaded')) })
    overlays.closeDialog()
    overlays.closeMenu()
  }, [open, failed])
  return Part && <Part />
}

function Banner() {
  const lost = useCameras(({ feed }) => feed === 'lost')
  const unreachable = useSession((state) => state.unreachable)
  const [patient, setPatient] = useState(true)
  const trouble = lost || unreachable
  useEffect(() => {
    setPatient(true)
    if (!trouble) return
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [trouble])
  return <div role="status">{trouble && !patient && <p className="banner">{lost ? texts.banner.lost : texts.banner.unreachable}</p>}</div>
}

/** Marks the tab while it feeds a camera: it must not be closed by mistake. */
function PublishingTitle() {
  const live = usePublishing(({ status }) => status?.state === 'live')
  useEffect(() => {
    if (!live) return
    const mark = () => {
      if (!document.title.startsWith(texts.publishingTitle(''))) document.title = texts.publishingTitle(document.title)
    }
    mark()
    const observer = new MutationObserver(mark)
    observer.observe(document.querySelector('title') as HTMLTitleElement, { childList: true })
    return () => {
      observer.disconnect()
      document.title = document.title.slice(texts.publishingTitle('').length)
    }
  }, [live])
  return null
}

function NotFound(): ReactNode {
  return (
    <>
      <Header>
        <Brand />
      </Header>
      <MessagePage title={texts.notFound.title} text={texts.notFound.text}>
        <Link href="/" className="button primary">
          <span>{texts.actions.back}</span>
        </Link>
      </MessagePage>
    </>
  )
}
