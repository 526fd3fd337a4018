import { useEffect, useRef, useState } from 'react'
import type { Participant, Stage } from '../../shared/model/stage.ts'
import { stageTexts } from '../state/stage-texts.ts'
import { overlays } from '../state/stores.ts'
import { useShortcuts } from '../ui/keyboard.ts'
import { Notices } from '../ui/notices.tsx'
import { JoinCard } from './join-card.tsx'
import { Panel } from './panel.tsx'
import './projector.css'
import { StageWall } from './stage-wall.tsx'
import { Statistics } from './statistics.tsx'
import { TestPattern } from './test-pattern.tsx'
import { Tools, toggleFullScreen } from './tools.tsx'
import { useAutomatic } from './use-automatic.ts'
import { useIdle } from './use-idle.ts'
import { projector, useProjector } from './use-projector.ts'

/** What of the projection is switched on. */
export interface Switches {
  readonly qr: boolean
  readonly automatic: boolean
  readonly sound: boolean
  readonly statistics: boolean
  readonly black: boolean
  readonly panel: boolean
}
const AT_FIRST: Switches = { qr: true, automatic: false, sound: false, statistics: false, black: false, panel: false }

/** A participant whose camera is on the wall. */
export type Shown = Participant & { readonly camera: string }

/** All that a projector shows of an open stage. */
export function Projection({ stage }: { stage: Stage }) {
  const lost = useProjector((state) => state.lost)
  const [switches, setSwitches] = useState(AT_FIRST)
  const root = useRef<HTMLElement>(null)
  const toggle = (name: keyof Switches) => setSwitches((before) => ({ ...before, [name]: !before[name] }))
  const shown = stage.participants.filter((participant): participant is Shown => participant.camera !== null)
  const idle = useIdle(!switches.panel)

  useAutomatic(switches.automatic && !switches.black, shown, stage.spotlight)
  // Who turns the spotlight by hand wants it to stay there.
  const spotlight = (camera: string) => {
    setSwitches((before) => ({ ...before, automatic: false }))
    void projector.update({ spotlight: camera === stage.spotlight ? null : camera })
  }
  const leaveOver = () => {
    if (!switches.black && !switches.panel) return false
    setSwitches((before) => ({ ...before, black: false, panel: false }))
    return true
  }
  useShortcuts({
    q: () => toggle('qr'),
    a: () => toggle('automatic'),
    m: () => toggle('sound'),
    i: () => toggle('statistics'),
    b: () => toggle('black'),
    p: () => toggle('panel'),
    f: document.fullscreenEnabled ? toggleFullScreen : undefined,
    '?': () => overlays.openDialog({ kind: 'help', ...stageTexts.help }),
    Escape: leaveOver,
  })
  useEffect(() => root.current?.focus(), [])

  return (
    <main
      ref={root}
      tabIndex={-1}
      className="projector"
      aria-label={stageTexts.title}
      data-idle={idle || undefined}
      data-empty={shown.length === 0 || undefined}
    >
      {shown.length === 0 ? (
        <TestPattern />
      ) : (
        <StageWall shown={shown} spotlight={stage.spotlight} switches={switches} onSpotlight={spotlight} />
      )}
      {switches.qr && <JoinCard stage={stage} />}
      {switches.panel && <Panel stage={stage} onClose={() => toggle('panel')} />}
      {switches.statistics && <Statistics stage={stage} />}
      <Tools switches={switches} onToggle={toggle} waiting={stage.participants.filter(({ state }) => state === 'waiting').length} />
      <div className="projector-messages">
        {lost && (
          <p className="projector-lost" role="status">
            {stageTexts.lost}
          </p>
        )}
        <Notices />
      </div>
      {switches.black && <button type="button" className="projector-black" aria-label={stageTexts.black} onClick={() => toggle('black')} />}
    </main>
  )
}
