import { Dialog as Base } from '@base-ui/react/dialog'
import { CircleCheck } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import type { Delivery } from '../../../shared/model/webhook.ts'
import type { Dialog } from '../../state/overlays.ts'
import { call } from '../../state/stores.ts'
import { wordsFor } from '../../state/texts.ts'
import { testWords, webhookTexts } from '../../state/webhook-texts.ts'
import { Button } from '../controls.tsx'
import { FormError } from '../field.tsx'
import { DialogFrame } from './frame.tsx'
import './webhook-dialogs.css'

const words = webhookTexts.test

type Test = 'running' | Delivery | { readonly error: unknown }

/** Posts a test when it opens, and says what came of it. */
export function WebhookTestDialog({ open, dialog }: { open: boolean; dialog: Extract<Dialog, { kind: 'webhook-test' }> }) {
  const { webhook, url, onTested } = dialog
  const [test, setTest] = useState<Test>('running')
  const run = useCallback(async () => {
    setTest('running')
    try {
      setTest(await call('porthole.webhook.test', { webhook }))
    } catch (error) {
      setTest({ error })
    }
    void onTested()
  }, [webhook, onTested])
  useEffect(() => void run(), [run])
  const isRunning = test === 'running'
  return (
    <DialogFrame open={open} title={words.title} text={words.text(url)}>
      <div className="outcome" role="status">
        {isRunning && (
          <>
            <p>{words.running}</p>
            <progress aria-label={words.title} />
          </>
        )}
        {!isRunning && <Outcome test={test} />}
      </div>
      <div className="dialog-buttons">
        <Button aria-disabled={isRunning} onClick={() => isRunning || void run()}>
          {words.again}
        </Button>
        <Base.Close className="button primary">
          <span>{words.done}</span>
        </Base.Close>
      </div>
    </DialogFrame>
  )
}

function Outcome({ test }: { test: Exclude<Test, 'running'> }) {
  if ('error' in test && !('id' in test)) return <FormError>{wordsFor(test.error)}</FormError>
  if (test.state !== 'delivered') return <FormError>{testWords(test)}</FormError>
  return (
    <p className="outcome-good">
      <CircleCheck aria-hidden="true" />
      {testWords(test)}
    </p>
  )
}
