import { CircleCheck, CircleX, Clock, RotateCw } from 'lucide-react'
import { useState } from 'react'
import type { Delivery, Webhook } from '../../../shared/model/webhook.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { call, notices } from '../../state/stores.ts'
import { deliveryTitle, deliveryWords, exactTime, webhookTexts } from '../../state/webhook-texts.ts'
import { Button, IconButton } from '../controls.tsx'
import { attempt } from './attempt.ts'
import { Answer, Card, Row } from './parts.tsx'
import type { DeliveryLog } from './use-deliveries.ts'
import { useCameraNames } from './webhook-parts.tsx'

const words = webhookTexts.deliveries

/** What was delivered, failed and waits. */
export function Deliveries({ webhook, log }: { webhook: Webhook; log: DeliveryLog }) {
  const [isBusy, setBusy] = useState(false)
  const showOlder = async () => {
    setBusy(true)
    await log.showOlder()
    setBusy(false)
  }
  const sendAgain = (delivery: string) =>
    attempt(async () => {
      log.change(await call('porthole.webhook.redeliver', { webhook: webhook.id, delivery }))
      notices.add({ text: words.sent })
    })
  return (
    <Card title={words.title} text={words.text}>
      <Answer asked={log}>
        {({ deliveries, next }) => (
          <>
            {deliveries.length === 0 && <p className="quiet">{webhook.active ? words.none : words.noneOff}</p>}
            <ul className="rows deliveries">
              {deliveries.map((delivery) => (
                <DeliveryRow key={delivery.id} delivery={delivery} onSend={() => void sendAgain(delivery.id)} />
              ))}
            </ul>
            {next !== null && (
              <Button aria-disabled={isBusy} onClick={() => isBusy || void showOlder()}>
                {settingsTexts.older}
              </Button>
            )}
          </>
        )}
      </Answer>
    </Card>
  )
}

const ICONS = { delivered: CircleCheck, failed: CircleX, waiting: Clock }

function DeliveryRow({ delivery, onSend }: { delivery: Delivery; onSend: () => void }) {
  const now = Date.now()
  const title = deliveryTitle(delivery, useCameraNames())
  const time = exactTime(delivery.createdAt, now)
  const Icon = ICONS[delivery.state]
  return (
    <Row
      title={
        <>
          <span className="health" data-health={delivery.state}>
            <Icon aria-hidden="true" />
          </span>
          {title}
        </>
      }
      note={[time, deliveryWords(delivery, now)].join(' · ')}
      actions={
        // What waits for its first attempt is on its way.
        (delivery.state !== 'waiting' || delivery.error !== null) && (
          <IconButton icon={RotateCw} label={words.sendOf(title, time)} data-tip={words.send} onClick={onSend} />
        )
      }
    />
  )
}
