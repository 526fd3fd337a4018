import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { NetworkError } from '../../../shared/client/call.ts'
import { createCallWithProgress } from '../../../shared/client/progress.ts'
import type { SettingsChange, SettingsOutcome } from '../../../shared/model/settings.ts'
import { backupTexts, type ChangeGroup, changeTitle, groupsOf, restoreWordsFor, statusWords } from '../../state/backup-texts.ts'
import { createRestore, type Restore } from '../../state/restore.ts'
import { call, callOptions, session } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { Button } from '../controls.tsx'
import { Field, FormError } from '../field.tsx'
import { Card, Row } from './parts.tsx'
import './restore-card.css'

const words = backupTexts.restore
/** Changes of one group that are shown: nobody reads more. */
const MAX_SHOWN = 100

const newRestore = () =>
  createRestore({ call, callWithProgress: createCallWithProgress(callOptions), onApplied: () => void session.check() })

/** Settings from a file: chosen, looked at, applied. */
export function RestoreCard() {
  const [restore] = useState(newRestore)
  const { phase } = useStore(restore.store)
  const input = useRef<HTMLInputElement>(null)
  const choose = (files: FileList | null) => {
    const file = files?.[0]
    if (file) void restore.choose(file)
    else restore.cancel()
  }
  const close = () => {
    restore.cancel()
    if (input.current) input.current.value = ''
  }
  return (
    <Card title={words.title} text={words.text}>
      <Field
        ref={input}
        label={words.file}
        type="file"
        accept=".json,application/json"
        disabled={phase === 'applying'}
        onChange={({ currentTarget }) => choose(currentTarget.files)}
      />
      <Now restore={restore} />
      <Actions restore={restore} onClose={close} />
    </Card>
  )
}

/** What is so far. */
function Now({ restore }: { restore: Restore }) {
  const state = useStore(restore.store)
  return (
    <div className="restore" data-phase={state.phase}>
      {/* Each step of many is shown, and not read out. */}
      <p role="status" aria-live={state.phase === 'applying' ? 'off' : 'polite'}>
        {statusWords(state)}
      </p>
      {state.phase === 'applying' && <progress aria-label={words.progress} value={state.progress.done} max={state.progress.total} />}
      {state.phase === 'failed' && <FormError>{restoreWordsFor(state.error, state.begun)}</FormError>}
      {(state.phase === 'planned' || state.phase === 'applied') && <Groups outcome={state.outcome} />}
    </div>
  )
}

function Actions({ restore, onClose }: { restore: Restore; onClose: () => void }) {
  const state = useStore(restore.store)
  if (state.phase === 'idle' || state.phase === 'looking' || state.phase === 'applying') return null
  const canApply = state.phase === 'planned' && state.outcome.changes.some(({ action }) => action !== 'conflict')
  return (
    <div className="restore-actions">
      {canApply && (
        <Button className="primary" onClick={() => void restore.apply()}>
          {words.apply}
        </Button>
      )}
      {state.phase === 'failed' && (state.begun || state.error instanceof NetworkError) && (
        <Button onClick={() => void restore.look()}>{words.look}</Button>
      )}
      <Button onClick={onClose}>{canApply ? texts.actions.cancel : texts.actions.close}</Button>
    </div>
  )
}

/** What changes, or did. */
function Groups({ outcome }: { outcome: SettingsOutcome }) {
  const titles = outcome.applied ? backupTexts.applied : backupTexts.planned
  return groupsOf(outcome).map(([group, changes]) => (
    <Group key={group} group={group} title={titles[group](changes.length)} changes={changes} />
  ))
}

function Group({ group, title, changes }: { group: ChangeGroup; title: string; changes: readonly SettingsChange[] }) {
  return (
    <section className="changes" data-group={group}>
      <h3>{title}</h3>
      <ul className="rows">
        {changes.slice(0, MAX_SHOWN).map((change) => (
          <Row
            key={`${change.kind} ${change.id}`}
            title={changeTitle(change)}
            note={[change.detail, change.failed !== undefined && words.failed(change.failed)].filter(Boolean).join(' · ')}
          />
        ))}
      </ul>
      {changes.length > MAX_SHOWN && <p className="quiet">{words.more(changes.length - MAX_SHOWN)}</p>}
    </section>
  )
}
