import { Menu } from '@base-ui/react/menu'
import { BookOpen, Check, Keyboard, KeyRound, LogOut, MonitorDown, Settings } from 'lucide-react'
import { useLocation } from 'wouter'
import type { Menu as OpenMenu } from '../../state/overlays.ts'
import { install, notices, overlays, session, theme } from '../../state/stores.ts'
import { texts, wordsFor } from '../../state/texts.ts'
import { THEMES, type Theme } from '../../state/theme.ts'
import { useInstall, useSession, useTheme } from '../hooks.ts'
import { MenuFrame } from './frame.tsx'

const signOut = () => session.signOut().catch((error) => notices.add({ kind: 'error', text: wordsFor(error) }))

/** Who is signed in, and how the page looks to them. */
export function AccountMenu({ menu, open }: { menu: Extract<OpenMenu, { kind: 'account' }>; open: boolean }) {
  const who = useSession((state) => state.session)
  const [, navigate] = useLocation()
  const installable = useInstall(({ offer }) => offer !== null)
  const chosen = useTheme((state) => state.theme)
  return (
    <MenuFrame open={open} anchor={menu.anchor} label={texts.actions.account}>
      <div className="menu-head">
        <strong>{who?.user}</strong>
        {who && !who.hasPassword && <p>{texts.password.hintBanner}</p>}
      </div>
      <Menu.Item className="menu-item" onClick={() => navigate('/settings')}>
        <Settings aria-hidden="true" /> {texts.actions.settings}
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => overlays.openDialog({ kind: 'password' })}>
        <KeyRound aria-hidden="true" /> {who?.hasPassword ? texts.actions.changePassword : texts.actions.setPassword}
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => overlays.openDialog({ kind: 'help' })}>
        <Keyboard aria-hidden="true" /> {texts.actions.help}
      </Menu.Item>
      {/* In a page of its own: this one may be a camera. */}
      <Menu.LinkItem className="menu-item" href="docs" target="_blank" closeOnClick>
        <BookOpen aria-hidden="true" /> {texts.reference}
      </Menu.LinkItem>
      {installable && (
        <Menu.Item className="menu-item" onClick={() => void install.install()}>
          <MonitorDown aria-hidden="true" /> {texts.actions.install}
        </Menu.Item>
      )}
      <Menu.Separator className="menu-line" />
      <Menu.RadioGroup value={chosen} onValueChange={(value: Theme) => theme.set(value)}>
        <Menu.GroupLabel className="menu-label">{texts.actions.theme}</Menu.GroupLabel>
        {THEMES.map((value) => (
          <Menu.RadioItem key={value} className="menu-item" value={value} closeOnClick={false}>
            <Menu.RadioItemIndicator className="menu-check" keepMounted>
              <Check aria-hidden="true" />
            </Menu.RadioItemIndicator>
            {texts.themes[value]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Separator className="menu-line" />
      <Menu.Item className="menu-item" onClick={() => void signOut()}>
        <LogOut aria-hidden="true" /> {texts.actions.signOut}
      </Menu.Item>
    </MenuFrame>
  )
}
