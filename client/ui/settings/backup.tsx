import { Download } from 'lucide-react'
import { useState } from 'react'
import { download } from '../../player/download.ts'
import { backupName, backupTexts } from '../../state/backup-texts.ts'
import { call, notices } from '../../state/stores.ts'
import { Button } from '../controls.tsx'
import { attempt } from './attempt.ts'
import { Card } from './parts.tsx'
import { RestoreCard } from './restore-card.tsx'

const words = backupTexts.download

/** All that is configured as a file, and such a file made true. */
export function Backup() {
  const [isBusy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    await attempt(async () => {
      const document = await call('porthole.settings.export', {})
      download(new Blob([`${JSON.stringify(document, null, 2)}\n`], { type: 'application/json' }), backupName(new Date()))
      notices.add({ text: words.done })
    })
    setBusy(false)
  }
  return (
    <>
      <Card title={words.title} text={words.text}>
        <Button icon={Download} aria-disabled={isBusy} onClick={() => isBusy || void save()}>
          {isBusy ? words.busy : words.action}
        </Button>
      </Card>
      <RestoreCard />
    </>
  )
}
