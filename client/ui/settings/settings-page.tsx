import type { ComponentType } from 'react'
import { Link, Redirect } from 'wouter'
import type { Role } from '../../../shared/model/session.ts'
import { may } from '../../state/session.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { texts } from '../../state/texts.ts'
import { useSession, useTitle } from '../hooks.ts'
import { Account } from './account.tsx'
import { Activity } from './activity.tsx'
import { Backup } from './backup.tsx'
import { CameraAccess } from './camera-access.tsx'
import { CameraLinks } from './camera-links.tsx'
import { Frame } from './frame.tsx'
import { Users } from './users.tsx'
import { WebhookPage } from './webhook-page.tsx'
import { Webhooks } from './webhooks.tsx'
import './settings.css'

type Tab = 'account' | 'users' | 'webhooks' | 'activity' | 'backup'

/** Which of the pages: of the settings, one webhook, or the access or the links to one camera. */
export type SettingsPlace = { readonly tab: Tab } | { readonly webhook: string } | { readonly camera: string } | { readonly links: string }

/** Where each tab is, who has it, and what it shows. */
const TABS: Readonly<Record<Tab, { path: string; role: Role; Page: ComponentType }>> = {
  account: { path: '/settings', role: 'viewer', Page: Account },
  users: { path: '/settings/users', role: 'owner', Page: Users },
  webhooks: { path: '/settings/webhooks', role: 'operator', Page: Webhooks },
  activity: { path: '/settings/activity', role: 'owner', Page: Activity },
  backup: { path: '/settings/backup', role: 'owner', Page: Backup },
}

/** The pages where nothing moves: who may what. Loaded when they are first opened. */
export default function SettingsPage({ place }: { place: SettingsPlace }) {
  const session = useSession((state) => state.session)
  if ('links' in place) return <CameraLinks key={place.links} id={place.links} />
  if ('camera' in place) return <CameraAccess key={place.camera} id={place.camera} />
  const tab = 'tab' in place ? place.tab : 'webhooks'
  if (session && !may(session, TABS[tab].role)) return <Redirect to={TABS.account.path} replace />
  return 'webhook' in place ? <WebhookPage key={place.webhook} id={place.webhook} /> : <Settings tab={tab} />
}

function Settings({ tab }: { tab: Tab }) {
  const session = useSession((state) => state.session)
  const tabs = (Object.keys(TABS) as Tab[]).filter((name) => may(session, TABS[name].role))
  const { Page, role } = TABS[tab]
  useTitle(texts.title(`${settingsTexts.tabs[tab]} · ${settingsTexts.title}`))
  return (
    <Frame title={settingsTexts.title} back="/" backLabel={texts.actions.back}>
      {tabs.length > 1 && (
        <nav className="tabs" aria-label={settingsTexts.title}>
          {tabs.map((name) => (
            <Link key={name} href={TABS[name].path} aria-current={name === tab ? 'page' : undefined}>
              {settingsTexts.tabs[name]}
            </Link>
          ))}
        </nav>
      )}
      {(role === 'viewer' || may(session, role)) && <Page />}
    </Frame>
  )
}
