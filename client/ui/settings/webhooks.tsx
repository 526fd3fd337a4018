import { Plus } from 'lucide-react'
import { Link } from 'wouter'
import type { Webhook } from '../../../shared/model/webhook.ts'
import { overlays } from '../../state/stores.ts'
import { eventsOf, webhookTexts as words } from '../../state/webhook-texts.ts'
import { Button } from '../controls.tsx'
import { useSession } from '../hooks.ts'
import { Answer, Card, Row } from './parts.tsx'
import { useEverything, useRefresh } from './use-asked.ts'
import { useCameraNames, WebhookControls, WebhookState } from './webhook-parts.tsx'
import './webhooks.css'

/** Addresses that events are posted to: of who is signed in; for owners, everybody's. */
export function Webhooks() {
  const webhooks = useEverything('porthole.webhook.list', {})
  useRefresh(webhooks.reload)
  return (
    <Card
      title={words.title}
      text={words.text}
      action={
        <Button icon={Plus} onClick={() => overlays.openDialog({ kind: 'webhook', webhook: null, onSaved: webhooks.reload })}>
          {words.add}
        </Button>
      }
    >
      <Answer asked={webhooks}>
        {(data) =>
          data.length === 0 ? (
            <p className="quiet">{words.none}</p>
          ) : (
            <ul className="rows webhooks">
              {data.map((webhook) => (
                <WebhookRow key={webhook.id} webhook={webhook} onChanged={webhooks.reload} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

function WebhookRow({ webhook, onChanged }: { webhook: Webhook; onChanged: () => Promise<void> }) {
  const me = useSession((state) => state.session?.user)
  const nameOf = useCameraNames()
  const { id, url, user } = webhook
  return (
    <Row
      title={
        <>
          <Link href={`/settings/webhooks/${id}`}>{url}</Link>
          {user !== me && <span className="chip">{words.of(user)}</span>}
        </>
      }
      note={
        <>
          <p>{eventsOf(webhook, nameOf)}</p>
          <WebhookState webhook={webhook} />
        </>
      }
      actions={<WebhookControls webhook={webhook} onChanged={onChanged} />}
    />
  )
}
