import { Menu } from '@base-ui/react/menu'
import { KeyRound, ListChecks, Pencil, Send, Trash2 } from 'lucide-react'
import { useLocation } from 'wouter'
import type { Dialog, Menu as OpenMenu } from '../../state/overlays.ts'
import { call, notices, overlays } from '../../state/stores.ts'
import { webhookTexts } from '../../state/webhook-texts.ts'
import { MenuFrame } from './frame.tsx'

const words = webhookTexts.actions
const LIST = '/settings/webhooks'

/** What can be done to one webhook. */
export function WebhookMenu({ menu, open }: { menu: Extract<OpenMenu, { kind: 'webhook' }>; open: boolean }) {
  const { webhook, anchor, onChanged } = menu
  const { id, url } = webhook
  const [location, navigate] = useLocation()
  const page = `${LIST}/${id}`
  const test: Dialog = { kind: 'webhook-test', webhook: id, url, onTested: onChanged }

  const rotate = () =>
    overlays.openDialog({
      kind: 'confirm',
      title: webhookTexts.rotateTitle,
      text: webhookTexts.rotateText,
      submit: words.rotate,
      run: async () => {
        const { secret } = await call('porthole.webhook.rotate', { webhook: id })
        return { kind: 'secret', of: 'webhook', secret, next: { label: words.test, dialog: test } }
      },
    })
  const remove = () =>
    overlays.openDialog({
      kind: 'confirm',
      title: webhookTexts.deleteTitle,
      text: webhookTexts.deleteText(url),
      submit: words.delete,
      danger: true,
      run: async () => {
        await call('porthole.webhook.delete', { webhook: id })
        notices.add({ text: webhookTexts.deleted })
        if (location === page) navigate(LIST)
        else void onChanged()
        return null
      },
    })
  return (
    <MenuFrame open={open} anchor={anchor} label={webhookTexts.menuOf(url)}>
      {location !== page && (
        <Menu.Item className="menu-item" onClick={() => navigate(page)}>
          <ListChecks aria-hidden="true" /> {words.deliveries}
        </Menu.Item>
      )}
      <Menu.Item className="menu-item" onClick={() => overlays.openDialog(test)}>
        <Send aria-hidden="true" /> {words.test}
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={() => overlays.openDialog({ kind: 'webhook', webhook, onSaved: onChanged })}>
        <Pencil aria-hidden="true" /> {words.edit}
      </Menu.Item>
      <Menu.Item className="menu-item" onClick={rotate}>
        <KeyRound aria-hidden="true" /> {words.rotate}
      </Menu.Item>
      <Menu.Separator className="menu-line" />
      <Menu.Item className="menu-item danger" onClick={remove}>
        <Trash2 aria-hidden="true" /> {words.delete}
      </Menu.Item>
    </MenuFrame>
  )
}
