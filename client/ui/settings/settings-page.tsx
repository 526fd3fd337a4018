import { Link, Redirect } from 'wouter'
import { settingsTexts } from '../../state/settings-texts.ts'
import { texts } from '../../state/texts.ts'
import { useMay, useSession, useTitle } from '../hooks.ts'
import { Account } from './account.tsx'
import { Activity } from './activity.tsx'
import { CameraAccess } from './camera-access.tsx'
import { CameraLinks } from './camera-links.tsx'
import { Frame } from './frame.tsx'
import { Users } from './users.tsx'
import './settings.css'

/** Which of the pages: of the settings, or the access or the links to one camera. */
export type SettingsPlace = { readonly tab: 'account' | 'users' | 'activity' } | { readonly camera: string } | { readonly links: string }

const PATHS = { account: '/settings', users: '/settings/users', activity: '/settings/activity' } as const

/** The pages where nothing moves: who may what. Loaded when they are first opened. */
export default function SettingsPage({ place }: { place: SettingsPlace }) {
  if ('links' in place) return <CameraLinks key={place.links} id={place.links} />
  return 'camera' in place ? <CameraAccess key={place.camera} id={place.camera} /> : <Settings tab={place.tab} />
}

function Settings({ tab }: { tab: keyof typeof PATHS }) {
  const isOwner = useMay('owner')
  const known = useSession((state) => state.session !== null)
  useTitle(texts.title(`${settingsTexts.tabs[tab]} · ${settingsTexts.title}`))
  if (known && !isOwner && tab !== 'account') return <Redirect to={PATHS.account} replace />
  return (
    <Frame title={settingsTexts.title} back="/" backLabel={texts.actions.back}>
      {isOwner && (
        <nav className="tabs" aria-label={settingsTexts.title}>
          {(Object.keys(PATHS) as (keyof typeof PATHS)[]).map((name) => (
            <Link key={name} href={PATHS[name]} aria-current={name === tab ? 'page' : undefined}>
              {settingsTexts.tabs[name]}
            </Link>
          ))}
        </nav>
      )}
      {tab === 'account' && <Account />}
      {tab === 'users' && isOwner && <Users />}
      {tab === 'activity' && isOwner && <Activity />}
    </Frame>
  )
}
