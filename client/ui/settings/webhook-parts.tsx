import { CircleAlert, CircleCheck, CircleOff, EllipsisVertical } from 'lucide-react'
import { useState } from 'react'
import type { Webhook } from '../../../shared/model/webhook.ts'
import { call, notices, overlays } from '../../state/stores.ts'
import { stateOf, stateWords, webhookTexts } from '../../state/webhook-texts.ts'
import { IconButton } from '../controls.tsx'
import { useCameras, useOverlays } from '../hooks.ts'
import { attempt } from './attempt.ts'

interface PartProps {
  readonly webhook: Webhook
  readonly onChanged: () => Promise<void>
}

const ICONS = { on: CircleCheck, failing: CircleAlert, off: CircleOff }

/** How a webhook does. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const state = stateOf(webhook)
  const Icon = ICONS[state]
  return (
    <span className="mark" data-mark={state}>
      <Icon aria-hidden="true" />
      {stateWords(webhook, Date.now())}
    </span>
  )
}

/** Its switch, and the menu of what else can be done to it. */
export function WebhookControls({ webhook, onChanged }: PartProps) {
  const { id, url, active } = webhook
  // What was asked for stands until the server says what is.
  const [wish, setWish] = useState<boolean | null>(null)
  const menuOpen = useOverlays(({ menu }) => menu?.kind === 'webhook' && menu.webhook.id === id)
  const turn = async () => {
    setWish(!active)
    await attempt(async () => {
      await call('porthole.webhook.update', { webhook: id, active: !active })
      notices.add({ text: webhookTexts.switched(!active) })
      await onChanged()
    })
    setWish(null)
  }
  return (
    <>
      <input
        type="checkbox"
        // biome-ignore lint/a11y/useAriaPropsForRole: the checkbox that it is says whether it is on
        role="switch"
        className="switch"
        aria-label={webhookTexts.activeOf(url)}
        checked={wish ?? active}
        onChange={() => wish === null && void turn()}
      />
      <IconButton
        icon={EllipsisVertical}
        label={webhookTexts.menuOf(url)}
        aria-haspopup="menu"
        aria-expanded={menuOpen}
        onClick={({ currentTarget }) => overlays.openMenu({ kind: 'webhook', webhook, anchor: currentTarget, onChanged })}
      />
    </>
  )
}

/** What a camera is called; one that is gone, or not to be seen, is its id. */
export function useCameraNames(): (id: string) => string {
  const cameras = useCameras((state) => state.cameras)
  return (id) => cameras[id]?.name ?? id
}
