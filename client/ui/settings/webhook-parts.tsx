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
    <span className="health" data-health={state}>
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
      <button
        type="button"
        className="switch"
        role="switch"
        aria-label={webhookTexts.activeOf(url)}
        aria-checked={wish ?? active}
        onClick={() => wish === null && void turn()}
      >
        <span className="switch-knob" aria-hidden="true" />
      </button>
      <IconButton
        icon={EllipsisVertical}
        label={webhookTexts.menuOf(url)}
        data-tip={webhookTexts.menu}
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
