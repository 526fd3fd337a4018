import { Check, Mic, MicOff, UserX, X } from 'lucide-react'
import { useId } from 'react'
import type { Participant, Stage } from '../../shared/model/stage.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { overlays } from '../state/stores.ts'
import { texts } from '../state/texts.ts'
import { Button, IconButton } from '../ui/controls.tsx'
import './panel.css'
import { projector } from './use-projector.ts'

const confirmEnd = () =>
  overlays.openDialog({
    kind: 'confirm',
    title: stageTexts.panel.endTitle,
    text: stageTexts.panel.endText,
    submit: stageTexts.panel.end,
    danger: true,
    run: async () => {
      await projector.end()
      return null
    },
  })

/** What the host does: who is let in, who is heard, who goes. */
export function Panel({ stage, onClose }: { stage: Stage; onClose: () => void }) {
  const text = stageTexts.panel
  // Who waits is looked for first.
  const list = [...stage.participants].sort((a, b) => Number(b.state === 'waiting') - Number(a.state === 'waiting'))
  return (
    <aside className="stage-panel" aria-label={text.title}>
      <div className="stage-panel-head">
        <h2>
          {text.title} <span className="quiet">{stage.participants.length}</span>
        </h2>
        <IconButton icon={X} label={texts.actions.close} onClick={onClose} />
      </div>
      <div className="stage-panel-switches">
        <Switch label={text.lock} hint={text.lockText} on={stage.locked} onChange={(locked) => void projector.update({ locked })} />
        <Switch label={text.lobby} hint={text.lobbyText} on={stage.lobby} onChange={(lobby) => void projector.update({ lobby })} />
      </div>
      {list.length === 0 && <p className="quiet stage-panel-empty">{text.empty}</p>}
      <ul>
        {list.map((participant) => (
          <Row key={participant.id} participant={participant} />
        ))}
      </ul>
      <Button className="stage-panel-end" onClick={confirmEnd}>
        {text.end}
      </Button>
    </aside>
  )
}

function Row({ participant }: { participant: Participant }) {
  const { id, name, state, muted } = participant
  const text = stageTexts.panel
  return (
    <li data-participant={id} data-state={state}>
      <div className="stage-panel-name">
        <strong>{name}</strong>
        <span className="quiet">{text.states[state]}</span>
      </div>
      {state === 'waiting' ? (
        <Button icon={Check} className="primary" aria-label={text.admitOf(name)} onClick={() => void projector.admit(id)}>
          {text.admit}
        </Button>
      ) : (
        <IconButton
          icon={muted ? MicOff : Mic}
          label={text.mute(name)}
          aria-pressed={muted}
          onClick={() => void projector.mute(id, !muted)}
        />
      )}
      <IconButton icon={UserX} label={text.remove(name)} onClick={() => void projector.remove(id)} />
    </li>
  )
}

interface SwitchProps {
  readonly label: string
  readonly hint: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

function Switch({ label, hint, on, onChange }: SwitchProps) {
  const id = useId()
  return (
    <button type="button" className="switch" role="switch" aria-checked={on} aria-describedby={id} onClick={() => onChange(!on)}>
      <span className="switch-knob" aria-hidden="true" />
      <span className="switch-text">
        <strong>{label}</strong>
        <span id={id} className="quiet">
          {hint}
        </span>
      </span>
    </button>
  )
}
