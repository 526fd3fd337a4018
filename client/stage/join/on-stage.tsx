import { LogOut, Mic, MicOff, SwitchCamera } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { REACTIONS } from '../../../shared/protocol/stage.ts'
import { stageTexts } from '../../state/stage-texts.ts'
import { adviceForCapture } from '../../state/texts.ts'
import { Button, IconButton } from '../../ui/controls.tsx'
import { FormError } from '../../ui/field.tsx'
import { ReactionIcon } from '../reaction-icon.tsx'
import type { Join, JoinState } from './join-store.ts'

const text = stageTexts.join

/** A phone that is on the wall, or about to be: what its camera sees, and what it can do. */
export function OnStage({ join, state }: { join: Join; state: JoinState }) {
  const { phase, stream, facing, spotlight, publishing, capture } = state
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = stream
  }, [stream])
  const live = phase === 'on' && publishing?.state === 'live'
  const advice = capture && adviceForCapture(capture)
  return (
    <main className="on-stage" data-phase={phase} data-live={live || undefined} data-spotlight={spotlight || undefined}>
      <div className="on-stage-preview">
        <video ref={video} muted playsInline autoPlay aria-label={text.preview} data-mirrored={facing === 'user' || undefined} />
        <p className="on-stage-state" role="status">
          <span className="dot" data-state={live ? 'live' : 'connecting'} aria-hidden="true" />
          {stateText(state)}
        </p>
      </div>
      {phase === 'waiting' && <p className="on-stage-note">{text.waitingText}</p>}
      {advice && (
        <FormError>
          <strong>{advice.title}.</strong> {advice.text}
        </FormError>
      )}
      {phase === 'on' && (
        <fieldset className="on-stage-reactions" aria-label={text.reactions}>
          {REACTIONS.map((reaction) => (
            <button key={reaction} type="button" aria-label={stageTexts.reactions[reaction]} onClick={() => join.react(reaction)}>
              <ReactionIcon reaction={reaction} />
            </button>
          ))}
        </fieldset>
      )}
      <Controls join={join} state={state} />
    </main>
  )
}

function Controls({ join, state }: { join: Join; state: JoinState }) {
  const { muted, publishing, phase } = state
  const speaking = publishing?.microphone ?? false
  return (
    <div className="on-stage-controls">
      <IconButton icon={SwitchCamera} label={text.flip} onClick={() => void join.flip()} />
      {phase === 'on' && (
        <IconButton
          icon={speaking ? Mic : MicOff}
          label={text.microphone}
          role="switch"
          aria-checked={speaking}
          data-tip={muted ? text.muted : speaking ? text.microphoneOff : text.microphoneOn}
          disabled={muted || publishing?.state !== 'live'}
          onClick={() => void join.setMicrophone(!speaking)}
        />
      )}
      {muted && <span className="on-stage-muted">{text.muted}</span>}
      <Button icon={LogOut} onClick={join.leave}>
        {text.leave}
      </Button>
    </div>
  )
}

function stateText({ phase, lost, spotlight, publishing }: JoinState): string {
  if (lost) return text.reconnecting
  if (phase === 'waiting') return text.waitingTitle
  if (phase !== 'on' || publishing?.state !== 'live') return text.connecting
  return spotlight ? text.spotlight : text.on
}
