import { CircleCheck, ShieldAlert } from 'lucide-react'
import { useState } from 'react'
import type { AuditEntry } from '../../../shared/model/audit.ts'
import { clockTime } from '../../state/format.ts'
import { deedOf, settingsTexts } from '../../state/settings-texts.ts'
import { call } from '../../state/stores.ts'
import { Button } from '../controls.tsx'
import { attempt } from './attempt.ts'
import { Answer, Card, Row } from './parts.tsx'
import { useAsked } from './use-asked.ts'

const words = settingsTexts.activity
/** Entries asked for at once. */
const PAGE = 50

/** The audit log. */
export function Activity() {
  const newest = useAsked('porthole.audit.list', { limit: PAGE })
  const [older, setOlder] = useState<{ entries: readonly AuditEntry[]; next?: string | null; busy: boolean }>({ entries: [], busy: false })
  const showOlder = async (cursor: string) => {
    setOlder((shown) => ({ ...shown, busy: true }))
    await attempt(async () => {
      const { entries, next } = await call('porthole.audit.list', { cursor, limit: PAGE })
      setOlder((shown) => ({ ...shown, entries: [...shown.entries, ...entries], next }))
    })
    setOlder((shown) => ({ ...shown, busy: false }))
  }
  return (
    <Card title={words.title} text={words.text}>
      <Answer asked={newest}>
        {(data) => {
          const entries = [...data.entries, ...older.entries]
          const next = older.next === undefined ? data.next : older.next
          return (
            <>
              {entries.length === 0 && <p className="quiet">{words.none}</p>}
              <ul className="rows activity">
                {entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </ul>
              {next !== null && (
                <Button aria-disabled={older.busy} onClick={() => older.busy || void showOlder(next)}>
                  {settingsTexts.older}
                </Button>
              )}
            </>
          )
        }}
      </Answer>
    </Card>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const refused = entry.what === 'refused'
  const Icon = refused ? ShieldAlert : CircleCheck
  const notes = [clockTime(Date.parse(entry.at), Date.now()), entry.address]
  if (entry.count > 1) notes.push(words.times(entry.count))
  return (
    <Row
      title={
        <span className={refused ? 'deed refused' : 'deed'}>
          <Icon aria-hidden="true" />
          <span>
            <strong>{entry.address || refused ? (entry.by ?? words.stranger) : words.commandLine}</strong> {deedOf(entry)}
          </span>
        </span>
      }
      note={notes.filter(Boolean).join(' · ')}
    />
  )
}
