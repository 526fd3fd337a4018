import { Send } from 'lucide-react'
import { Link } from 'wouter'
import { ApiError } from '../../../shared/client/call.ts'
import type { Webhook } from '../../../shared/model/webhook.ts'
import { overlays } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { eventsOf, webhookTexts } from '../../state/webhook-texts.ts'
import { Button } from '../controls.tsx'
import { useSession, useTitle } from '../hooks.ts'
import { MessagePage } from '../message-page.tsx'
import { Deliveries } from './deliveries.tsx'
import { Frame } from './frame.tsx'
import { Answer, Card } from './parts.tsx'
import { useAsked, useRefresh } from './use-asked.ts'
import { useDeliveries } from './use-deliveries.ts'
import { useCameraNames, WebhookControls, WebhookState } from './webhook-parts.tsx'
import './webhooks.css'

const words = webhookTexts.page
const LIST = '/settings/webhooks'
/** Milliseconds between two looks while something waits. */
const SOON_MS = 2000

/** One webhook, and what became of what was to be told. */
export function WebhookPage({ id }: { id: string }) {
  const webhook = useAsked('porthole.webhook.get', { webhook: id })
  const log = useDeliveries(id)
  const reload = async () => {
    await Promise.all([webhook.reload(), log.reload()])
  }
  const isGone = webhook.error instanceof ApiError && webhook.error.code === 'webhook.unknown'
  const isWaiting = log.data?.deliveries.some(({ state }) => state === 'waiting')
  useRefresh(reload, isWaiting ? SOON_MS : undefined)
  useTitle(texts.title(`${words.title} · ${webhookTexts.title}`))
  return (
    <Frame title={words.title} back={LIST} backLabel={words.back}>
      {isGone ? (
        <MessagePage title={words.gone} text={words.goneText}>
          <Link href={LIST} className="button primary">
            <span>{words.back}</span>
          </Link>
        </MessagePage>
      ) : (
        <>
          <Answer asked={webhook}>{(data) => <About webhook={data} onChanged={reload} />}</Answer>
          {webhook.data && <Deliveries webhook={webhook.data} log={log} />}
        </>
      )}
    </Frame>
  )
}

function About({ webhook, onChanged }: { webhook: Webhook; onChanged: () => Promise<void> }) {
  const me = useSession((state) => state.session?.user)
  const nameOf = useCameraNames()
  const { id, url, user } = webhook
  const test = () => overlays.openDialog({ kind: 'webhook-test', webhook: id, url, onTested: onChanged })
  return (
    <Card title={url}>
      <p className="quiet">{[eventsOf(webhook, nameOf), user !== me && webhookTexts.of(user)].filter(Boolean).join(' · ')}</p>
      <WebhookState webhook={webhook} />
      <div className="row-actions">
        <Button icon={Send} onClick={test}>
          {webhookTexts.actions.test}
        </Button>
        <WebhookControls webhook={webhook} onChanged={onChanged} />
      </div>
    </Card>
  )
}
